// Package test holds what crosses packages: a whole run end to end, no identity
// in any output byte, Go's metrics against Python's, and the import rules.
package test
