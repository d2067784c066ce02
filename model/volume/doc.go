// Package volume is the voxel grid that the pipelines compute on: its geometry,
// resampling to a fixed spacing or onto another grid, cropping, intensity
// windows and connected components.
//
// Axes. Voxels lie x fastest, then y, then z; sizes, indices and spacings are
// written (x, y, z) everywhere. Positions are millimetres in DICOM's LPS
// patient space: x grows to the patient's left, y to the back, z to the head.
// A grid's point is the centre of a voxel, so a grid of n voxels of spacing s
// covers n·s mm and begins s/2 before its origin.
//
// Resampling follows ITK to the last bit of its index arithmetic, so that a
// volume resampled here equals one that SimpleITK resampled in float64 and that
// was rounded half away from zero.
//
// Reading and writing files is left to io/dicomio and io/niftiio.
package volume
