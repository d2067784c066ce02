// Package split puts patients into train and test: patients, never series. The
// choice depends on the seed and the patients' pseudonyms alone, not on their
// order, the machine, or the number of files.
//
// Patients who share a study, a frame of reference or a declared relation stay
// on one side, and external cohorts are wholly for testing.
package split
