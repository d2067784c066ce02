// Package sharedlib finds shared libraries that are opened at run time, and a
// program that is run. That is left to the packages that use them.
package sharedlib

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Library says what a library is called and where it usually is.
type Library struct {
	Name     string // for messages: "ONNX Runtime"
	Stem     string // of its file: "libonnxruntime"
	Folder   string // beside the program or under build/
	Variable string // the environment variable that names the library, or its folder
	Target   string // of make, which brings it
	Program  bool   // a program that is run, whose file's name is Stem
}

// Find returns the absolute path of the library: flag if it is set, then what
// the variable names, then the folder beside the program, then the folder in
// build/ of the working folder or of one above it. What flag or the variable
// names must be there: nothing else is tried then. The error says what to do.
func (l Library) Find(flag string) (string, error) {
	if flag != "" {
		return l.named("the flag", flag)
	}
	if env := os.Getenv(l.Variable); env != "" {
		return l.named(l.Variable, env)
	}
	for _, dir := range l.usualPlaces() {
		if lib, ok := l.inFolder(dir); ok {
			return lib, nil
		}
	}
	return "", fmt.Errorf("finding %s: no %s beside the program nor under build/%s. Run `make %s`, or name it in %s", l.Name, l.Stem, l.Folder, l.Target, l.Variable)
}

// named returns the library at path, a file or a folder, which who names.
func (l Library) named(who, path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", l.Name, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("finding %s: %s names %s, which cannot be read. Run `make %s`, or mend it", l.Name, who, path, l.Target)
	}
	if !info.IsDir() {
		return path, nil
	}
	if lib, ok := l.inFolder(path); ok {
		return lib, nil
	}
	return "", fmt.Errorf("finding %s: %s names the folder %s, which holds no %s. Run `make %s`, or mend it", l.Name, who, path, l.Stem, l.Target)
}

func (l Library) usualPlaces() (dirs []string) {
	if program, err := os.Executable(); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			dirs = append(dirs, filepath.Join(filepath.Dir(program), l.Folder))
		}
	}
	cwd, err := os.Getwd()
	if err != nil {
		return dirs
	}
	for dir := cwd; ; dir = filepath.Dir(dir) {
		dirs = append(dirs, filepath.Join(dir, "build", l.Folder))
		if dir == filepath.Dir(dir) {
			return dirs
		}
	}
}

// inFolder returns the library in dir, the last by name where there are several.
func (l Library) inFolder(dir string) (string, bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", false
	}
	for _, e := range slices.Backward(entries) {
		if l.is(e.Name()) {
			return filepath.Join(dir, e.Name()), true
		}
	}
	return "", false
}

// is says whether a file is the library by its name: libx.so, libx.so.1,
// libx-0123abcd.so.1 as wheels have it, libx.1.dylib. What has another word in
// its name, as libonnxruntime_providers_shared.so, is something else.
func (l Library) is(name string) bool {
	if l.Program {
		return name == l.Stem
	}
	rest, ok := strings.CutPrefix(name, l.Stem)
	if !ok || rest == "" || rest[0] != '.' && rest[0] != '-' {
		return false
	}
	return strings.HasSuffix(rest, ".so") || strings.Contains(rest, ".so.") || strings.HasSuffix(rest, ".dylib")
}
