// Package transforms holds the Beam stages of ctcohort, one file each. A
// stage's DoFn opens files, calls a rule and commits what comes out; the rules
// are in the packages below, which know nothing of Beam.
//
// Voxels never cross a stage: elements are small records with URIs. Bad data
// comes out as a schemas.Reject; an error from a stage means that the
// surroundings are broken, and stops the run.
package transforms
