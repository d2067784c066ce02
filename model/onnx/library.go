package onnx

import "ctcohort/io/sharedlib"

// LibraryEnv names the variable with ONNX Runtime's shared library, or with
// the folder that holds it.
const LibraryEnv = "CTCOHORT_ONNXRUNTIME"

var onnxRuntime = sharedlib.Library{
	Name: "ONNX Runtime", Stem: "libonnxruntime", Folder: "onnxruntime",
	Variable: LibraryEnv, Target: "onnxruntime",
}

// FindLibrary returns the absolute path of ONNX Runtime's shared library: flag
// if it is set, then the variable CTCOHORT_ONNXRUNTIME, then the folder
// onnxruntime beside the program, then build/onnxruntime in the working folder
// or one above it. What flag or the variable names must be there: nothing else
// is tried then. The error says what to do.
func FindLibrary(flag string) (string, error) { return onnxRuntime.Find(flag) }
