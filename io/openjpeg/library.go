package openjpeg

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"ctcohort/io/sharedlib"
)

// LibraryEnv names the variable with OpenJPEG's shared library, or with the
// folder that holds it.
const LibraryEnv = "CTCOHORT_CODECS"

// ErrNoLibrary is that OpenJPEG is not there, or not a version that can be
// used. What wraps it says what to do, and may hold a path.
var ErrNoLibrary = errors.New("no OpenJPEG")

var openJPEG = sharedlib.Library{
	Name: "OpenJPEG", Stem: "libopenjp2", Folder: "codecs", Variable: LibraryEnv, Target: "codecs",
}

// opened holds the libraries of this process by their path. They are never unloaded.
var opened struct {
	sync.Mutex
	byPath map[string]*Library
}

// Default returns the library that CTCOHORT_CODECS names, else the one in the
// folder codecs beside the program or in build/codecs of the working folder or
// of one above it. It is looked for each time, which takes less than 0.1 ms, and
// opened once.
func Default() (*Library, error) {
	path, err := openJPEG.Find("")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoLibrary, err)
	}
	return Open(path)
}

// Open opens the shared library at path, once. Only versions 2.5.x are taken:
// the layout of what is shared with them in memory is theirs, and HTJ2K came
// with them.
func Open(path string) (*Library, error) {
	opened.Lock()
	defer opened.Unlock()
	if l := opened.byPath[path]; l != nil {
		return l, nil
	}
	l := &Library{}
	if err := l.bind(path); err != nil {
		return nil, fmt.Errorf("%w: opening %s: %w. Run `make codecs`, or name another in %s", ErrNoLibrary, path, err, LibraryEnv)
	}
	if v := l.version(); !strings.HasPrefix(v, "2.5.") {
		return nil, fmt.Errorf("%w: %s is version %.20q, not 2.5. Run `make codecs`, or name another in %s", ErrNoLibrary, path, v, LibraryEnv)
	}
	if opened.byPath == nil {
		opened.byPath = map[string]*Library{}
	}
	opened.byPath[path] = l
	return l, nil
}

// Version returns the library's version, "2.5.4".
func (l *Library) Version() string { return l.version() }
