// Package nrrdio reads volumes and segmentations from NRRD files: NRRD0001 to
// NRRD0005, .nrrd and .nhdr, in every encoding and numeric type but blocks, and
// the segments that 3D Slicer writes into .seg.nrrd.
//
// A file's space may be right-anterior-superior, left-anterior-superior or
// left-posterior-superior; a volume's grid is in LPS, as DICOM has it. Voxels stay
// in the order they have: an axis that runs backwards is the direction's matter.
//
// Only voxels, geometry and the segments' names and codes pass. Comments, the
// content field and all other key/value pairs, which can hold a patient's
// identity, are not kept.
//
// The format is https://teem.sourceforge.net/nrrd/format.html.
package nrrdio

import (
	"errors"
	"io"
)

// What reading returns for bytes that are not a volume, besides voxelio's errors.
var (
	ErrNotNRRD     = errors.New("not a NRRD file")
	ErrUnsupported = errors.New("a kind of NRRD file that is not read")
)

// An Opener opens a data file that a detached header names. It gets a plain name,
// of a file in the header's own folder.
type Opener func(name string) (io.ReadCloser, error)
