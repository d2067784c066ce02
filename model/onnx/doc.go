// Package onnx runs a model of package model on ONNX Runtime. It is the only
// package that needs cgo.
//
// The runtime's shared library is loaded when the first model is opened, from
// where [FindLibrary] says; the program starts without it. An execution
// provider that is asked for by name is used or the model does not open: ONNX
// Runtime itself would fall back to the CPU in silence.
//
// What a model's metadata mean is package model's business.
package onnx
