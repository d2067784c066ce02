// Package phantom makes seeded archives of synthetic chest CT in DICOM, with
// reference labels, planted identifiers and bad files, for tests, the demo and
// benchmarks.
//
// A patient depends only on (seed, cohort, patient's index) and the matrix
// size, so adding patients changes no other, and the same options always write
// the same bytes, whatever the number of workers.
//
// Anatomy is evaluated in millimetres: lengths are mm, x points to the
// patient's left, y to the back, z to the head (DICOM's LPS). Inside the
// package "body space" has its origin at the level of the lung apices; a smooth
// warp carries scanner space to it.
//
// Reference labels are 0 background, 1 lung, 2 infection, on the grid of the CT
// series. Lung is the parenchyma within the lung's outline with its fissures,
// peripheral bronchi and vessels; trachea, main bronchi, hilar vessels, heart
// and pleural fluid are background. Where a thick slice averages several
// planes, the label is that of its middle plane. A label is either a DICOM SEG
// in its own series, with the overlapping segments 1 Lung (labels 1 and 2; SCT
// 39607008) and 2 Infection (label 2; SCT 233604007 Pneumonia) and no empty
// frames, or labels/<SeriesInstanceUID>.nii.gz. Both series of a patient with
// two kernels have one.
//
// The package knows nothing about the pipeline that reads its archives.
package phantom
