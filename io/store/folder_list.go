package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

func (f *folder) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		root, err := os.OpenRoot(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(Object{}, fmt.Errorf("listing a store: %w", scrub(err)))
			return
		}
		defer root.Close()
		start := path.Dir(prefix + "x") // the last folder that the prefix names whole
		if start != "." && checkReadable(start) != nil {
			yield(Object{}, fmt.Errorf("listing a store: %w", ErrName))
			return
		}
		(&walk{ctx: ctx, root: root, prefix: prefix, yield: yield}).folder(start)
	}
}

// A walk yields the files below a folder in order of their names.
type walk struct {
	ctx         context.Context
	root        *os.Root
	prefix      string
	temporaries bool // yield what is not committed, and only that
	yield       func(Object, error) bool
}

// folder walks one folder and returns false when the listing is to end.
func (w *walk) folder(dir string) bool {
	entries, err := w.read(dir)
	if err != nil && !absent(err) && !w.fail(err) {
		return false
	}
	// "a-b" comes before "a/c" and "a.b" after "a-b": a folder sorts as its
	// files do, by its name and a slash.
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	for _, entry := range entries {
		if err := w.ctx.Err(); err != nil {
			w.fail(err)
			return false
		}
		if !w.entry(path.Join(dir, entry.Name()), entry) {
			return false
		}
	}
	return true
}

// read returns what it can of a folder's entries. It does not go through
// root.FS, which refuses names that are not UTF-8, as old archives have them.
func (w *walk) read(dir string) ([]fs.DirEntry, error) {
	handle, err := w.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer handle.Close()
	return handle.ReadDir(-1)
}

func sortName(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

func (w *walk) entry(name string, entry fs.DirEntry) bool {
	if entry.IsDir() {
		if !strings.HasPrefix(name+"/", w.prefix) && !strings.HasPrefix(w.prefix, name+"/") {
			return true
		}
		return w.folder(name)
	}
	if !strings.HasPrefix(name, w.prefix) || isTemporary(name) != w.temporaries {
		return true
	}
	info, err := entry.Info()
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if target, err := w.root.Stat(name); err == nil {
			info = target
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist): // removed since
		return true
	case err != nil:
		return w.fail(err)
	case info.IsDir():
		return true
	case !info.Mode().IsRegular():
		return w.yield(Object{Name: name}, nil)
	}
	return w.yield(Object{Name: name, Size: info.Size(), Version: strconv.FormatInt(info.ModTime().UnixNano(), 10)}, nil)
}

func (w *walk) fail(err error) bool {
	return w.yield(Object{}, fmt.Errorf("listing a store: %w", scrub(err)))
}
