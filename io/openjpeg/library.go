package openjpeg

import (
	"errors"
	"fmt"
	"os"
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

// opened holds the libraries of this process by the value of LibraryEnv under
// which they were found. They are never unloaded.
var opened struct {
	sync.Mutex
	byVariable map[string]*Library
}

// Default returns the library that CTCOHORT_CODECS names, else the one in the
// folder codecs beside the program or in build/codecs of the working folder or
// of one above it. It is opened once; when there is none, the next call looks
// again.
func Default() (*Library, error) {
	variable := os.Getenv(LibraryEnv)
	opened.Lock()
	defer opened.Unlock()
	if l := opened.byVariable[variable]; l != nil {
		return l, nil
	}
	path, err := openJPEG.Find("")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoLibrary, err)
	}
	l, err := Open(path)
	if err != nil {
		return nil, err
	}
	if opened.byVariable == nil {
		opened.byVariable = map[string]*Library{}
	}
	opened.byVariable[variable] = l
	return l, nil
}

// Open opens the shared library at path. Only versions 2.5.x are taken: the
// layout of what is shared with them in memory is theirs, and HTJ2K came with
// them.
func Open(path string) (*Library, error) {
	l := &Library{}
	if err := l.bind(path); err != nil {
		return nil, fmt.Errorf("%w: opening %s: %w. Run `make codecs`, or name another in %s", ErrNoLibrary, path, err, LibraryEnv)
	}
	if v := l.version(); !strings.HasPrefix(v, "2.5.") {
		return nil, fmt.Errorf("%w: %s is version %.20q, not 2.5. Run `make codecs`, or name another in %s", ErrNoLibrary, path, v, LibraryEnv)
	}
	return l, nil
}

// Version returns the library's version, "2.5.4".
func (l *Library) Version() string { return l.version() }
