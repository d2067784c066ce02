// Package model is the contract with a segmentation network and the use of one
// on a whole volume: what its metadata say ([Spec]), sliding windows over the
// volume ([Predict]), and the label map kept to what lies inside the body
// ([KeepBody]).
//
// It knows no runtime: [Network] is what it asks of one, and model/onnx brings
// ONNX Runtime's. It reads and writes no files, and it resamples nothing: the
// volume comes in at the network's own spacing.
//
// Axes are model/volume's: x fastest, then y, then z. A network's tensors are
// [N, C, Z, Y, X] in C order, which is the same order of voxels.
package model
