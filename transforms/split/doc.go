// Package split puts patients into train and test: patients, never series. The
// choice depends on the seed and the patients' pseudonyms alone, not on their
// order, the machine, or the number of files.
//
// By numbers, patients are taken in the order of a keyed hash of their
// pseudonyms, first for testing, then for training, and the numbers are met
// exactly or refused. By fractions, a patient's side is where its hash falls in
// [0,1), so that it stays there when others join.
//
// Patients who share an ID, a study, a frame of reference or a volume, directly
// or through others, stay on one side, and external cohorts are wholly for
// testing, with whoever is linked to them.
package split
