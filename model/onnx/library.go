package onnx

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// LibraryEnv names the variable with ONNX Runtime's shared library, or with
// the folder that holds it.
const LibraryEnv = "CTCOHORT_ONNXRUNTIME"

// FindLibrary returns the absolute path of ONNX Runtime's shared library: flag
// if it is set, then the variable CTCOHORT_ONNXRUNTIME, then the folder
// onnxruntime beside the program, then build/onnxruntime in the working folder
// or one above it. What flag or the variable names must be there: nothing else
// is tried then. The error says what to do.
func FindLibrary(flag string) (string, error) {
	if flag != "" {
		return named("the flag", flag)
	}
	if env := os.Getenv(LibraryEnv); env != "" {
		return named(LibraryEnv, env)
	}
	for _, dir := range usualPlaces() {
		if lib, ok := inFolder(dir); ok {
			return lib, nil
		}
	}
	return "", fmt.Errorf("finding ONNX Runtime: no libonnxruntime beside the program nor under build/onnxruntime. Run `make onnxruntime`, or name the library in %s", LibraryEnv)
}

// named returns the library at path, a file or a folder, which who names.
func named(who, path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding ONNX Runtime: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("finding ONNX Runtime: %s names %s, which cannot be read. Run `make onnxruntime`, or mend it", who, path)
	}
	if !info.IsDir() {
		return path, nil
	}
	if lib, ok := inFolder(path); ok {
		return lib, nil
	}
	return "", fmt.Errorf("finding ONNX Runtime: %s names the folder %s, which holds no libonnxruntime. Run `make onnxruntime`, or mend it", who, path)
}

func usualPlaces() (dirs []string) {
	if program, err := os.Executable(); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			dirs = append(dirs, filepath.Join(filepath.Dir(program), "onnxruntime"))
		}
	}
	cwd, err := os.Getwd()
	if err != nil {
		return dirs
	}
	for dir := cwd; ; dir = filepath.Dir(dir) {
		dirs = append(dirs, filepath.Join(dir, "build", "onnxruntime"))
		if dir == filepath.Dir(dir) {
			return dirs
		}
	}
}

// inFolder returns the runtime's library in dir, not its providers'.
func inFolder(dir string) (string, bool) {
	var found []string
	for _, pattern := range []string{"libonnxruntime.so", "libonnxruntime.so.*", "libonnxruntime*.dylib"} {
		libs, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			continue // dir holds a pattern's characters
		}
		for _, lib := range libs {
			if !strings.Contains(filepath.Base(lib), "providers") {
				found = append(found, lib)
			}
		}
	}
	if len(found) == 0 {
		return "", false
	}
	sort.Strings(found)
	return found[len(found)-1], true
}
