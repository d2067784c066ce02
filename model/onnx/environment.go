package onnx

import (
	"fmt"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// environment is ONNX Runtime in this process: loaded once, by the first model
// that opens, and never unloaded.
var environment struct {
	sync.Mutex
	library string
}

// load loads the library once. The runtime's own log is kept to fatal errors:
// all others come back as values.
func load(library string) error {
	environment.Lock()
	defer environment.Unlock()
	if environment.library == library {
		return nil
	}
	if environment.library != "" {
		return fmt.Errorf("loading ONNX Runtime: this process uses %s already and cannot load %s", environment.library, library)
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return fmt.Errorf("loading ONNX Runtime: %s is no library of ONNX Runtime 1.24 or later that works here (%s). Run `make onnxruntime`, or name another in %s",
			library, oneLine(err), LibraryEnv)
	}
	environment.library = library
	return nil
}

// Version returns the loaded runtime's version, and "" before the first Open.
func Version() string {
	environment.Lock()
	defer environment.Unlock()
	if environment.library == "" {
		return ""
	}
	return ort.GetVersion()
}
