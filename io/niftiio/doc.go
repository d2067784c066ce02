// Package niftiio reads and writes volumes as NIfTI files, .nii and .nii.gz.
//
// A file's affine is in NIfTI's RAS patient space and a volume's grid in DICOM's
// LPS; the package turns one into the other. Voxels stay in the order they have.
//
// Only voxels and geometry pass: the header's text fields (description, intent,
// auxiliary file, database name) and its extensions can hold a patient's identity,
// so they are neither read nor written.
//
// The format is https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h and
// nifti2.h.
package niftiio
