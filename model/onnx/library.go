package onnx

import "ctcohort/io/sharedlib"

// LibraryEnv names the variable with ONNX Runtime's shared library, or with
// the folder that holds it.
const LibraryEnv = "CTCOHORT_ONNXRUNTIME"

var (
	onnxRuntime = sharedlib.Library{
		Name: "ONNX Runtime", Stem: "libonnxruntime", Folder: "onnxruntime",
		Variable: LibraryEnv, Target: "onnxruntime",
	}
	withOpenVINO = sharedlib.Library{
		Name: "ONNX Runtime with OpenVINO", Stem: "libonnxruntime", Folder: "openvino",
		Variable: LibraryEnv, Target: "openvino",
	}
)

// FindLibrary returns the absolute path of ONNX Runtime's shared library for a
// provider: flag if it is set, then the variable CTCOHORT_ONNXRUNTIME, then a
// folder beside the program, then the same under build/ in the working folder or
// one above it. What flag or the variable names must be there: nothing else is
// tried then. The error says what to do.
//
// The folder is openvino for that provider and onnxruntime for any other. Of
// auto it is openvino where that is there and the machine has no GPU, since one
// library has either OpenVINO or CUDA.
func FindLibrary(flag, provider string) (string, error) {
	switch provider {
	case OpenVINO:
		return withOpenVINO.Find(flag)
	case Auto, "":
		if gpus, _ := GPUs(); len(gpus) > 0 {
			break
		}
		if library, err := withOpenVINO.Find(flag); err == nil {
			return library, nil
		}
	}
	return onnxRuntime.Find(flag)
}
