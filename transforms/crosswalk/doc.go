// Package crosswalk keeps, for the owner of the data alone, which original
// patient, study and series became which. It is encrypted to age recipients
// (age-encryption.org/v1, X25519) before it is written, in parts that are
// written independently, may overlap, and are merged when they are read.
//
// Nothing here decides what the new names are; that is package deid's.
package crosswalk
