// Package voxelio is what the readers of NIfTI and NRRD have in common: it turns
// the bytes of voxels, of any numeric type and byte order, into HU and labels,
// and an affine into a grid. What the headers say is left to the readers.
package voxelio

import "errors"

// What reading returns for bytes that are not a volume.
var (
	ErrTruncated = errors.New("the file ends too early")
	ErrTooLarge  = errors.New("more voxels than allowed")
	// ErrVoxel tells of a voxel that its kind of volume cannot hold: HU that are
	// not a number, or a label that is not a whole number of 0 to 255.
	ErrVoxel = errors.New("a voxel has no valid value")
	// ErrGeometry tells of an affine that no grid has, above all one whose axes
	// are not at right angles.
	ErrGeometry = errors.New("the affine is not that of a grid")
)
