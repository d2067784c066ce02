// Package secret reads a secret from Google Secret Manager, for machines that
// have no file to give it by.
package secret
