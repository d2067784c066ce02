// Package metrics measures predicted label maps against their references, and
// sums the measures up over cohorts.
//
// A volume is measured for two labels, as the COVID-SegNet paper scores them:
// lung is {1, 2} and infection is {2}. [Measures] lists every measure with its
// unit and meaning. Distances are between voxel surfaces, a mask minus its
// 6-neighbour erosion with the outside of the volume as background, and exact
// for any spacing; they equal what MONAI and MedPy compute, in less time.
//
// Where a mask is empty, a measure that compares both is undefined (both empty)
// or as bad as can be (one empty): overlap 0, distance +inf. Summaries show how
// many values were defined and how many cases failed, so that a missed case
// never raises a score.
//
// Reading and writing volumes and tables is left to others.
package metrics
