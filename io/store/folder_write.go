package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	fileMode   = 0o600
	folderMode = 0o700
)

func (f *folder) Create(ctx context.Context, name string) (Writer, error) {
	w, err := f.create(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("creating an object: %w", err)
	}
	return w, nil
}

func (f *folder) create(ctx context.Context, name string) (*fileWriter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkWritable(name); err != nil {
		return nil, err
	}
	dir, err := f.openFolder(path.Dir(name))
	if err != nil {
		return nil, scrub(err)
	}
	w := &fileWriter{ctx: ctx, store: f, dir: dir, name: path.Base(name)}
	if err := w.openTemporary(); err != nil {
		dir.Close()
		return nil, scrub(err)
	}
	return w, nil
}

// openFolder opens a folder below the root, and makes what is missing of it.
func (f *folder) openFolder(name string) (*os.Root, error) {
	root, err := f.makeRoot()
	if err != nil || name == "." {
		return root, err
	}
	defer root.Close()
	dir, err := root.OpenRoot(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return dir, err
	}
	if err := f.makeFolder(root, name); err != nil {
		return nil, err
	}
	return root.OpenRoot(name)
}

func (f *folder) makeRoot() (*os.Root, error) {
	root, err := os.OpenRoot(f.path)
	if !errors.Is(err, fs.ErrNotExist) {
		return root, err
	}
	if err := os.MkdirAll(f.path, folderMode); err != nil {
		return nil, err
	}
	parent, err := os.OpenRoot(filepath.Dir(f.path))
	if err != nil {
		return nil, err
	}
	defer parent.Close()
	if err := f.syncFolder(parent, "."); err != nil {
		return nil, err
	}
	return os.OpenRoot(f.path)
}

// makeFolder makes a folder below the root, and its parents, durable.
func (f *folder) makeFolder(root *os.Root, name string) error {
	err := root.Mkdir(name, folderMode)
	if errors.Is(err, fs.ErrNotExist) {
		if err := f.makeFolder(root, path.Dir(name)); err != nil {
			return err
		}
		err = root.Mkdir(name, folderMode)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return f.syncFolder(root, path.Dir(name))
}

// A fileWriter writes a temporary file beside the object's place. It holds a
// lock on the file for as long as it lives, by which Sweep knows it.
type fileWriter struct {
	ctx       context.Context
	store     *folder
	dir       *os.Root // the object's folder
	name      string   // in it
	temporary string
	file      *os.File
	err       error
	done      bool
}

func (w *fileWriter) openTemporary() error {
	for range 100 {
		w.temporary = fmt.Sprintf("%s%016x%s", temporaryPrefix, rand.Uint64(), temporarySuffix)
		file, err := w.dir.OpenFile(w.temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return err
		}
		if alive(file) {
			w.file = file
			return nil
		}
		file.Close() // swept between its creation and its lock
	}
	return errors.New("no temporary file can be kept")
}

// alive locks a new temporary file, and says whether it still has its name.
func alive(file *os.File) (ok bool) {
	withDescriptor(file, func(fd int) {
		if errors.Is(unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK) {
			return
		}
		var stat unix.Stat_t
		ok = unix.Fstat(fd, &stat) == nil && stat.Nlink > 0
	})
	return ok
}

// withDescriptor calls use with the file's descriptor. File.Fd would cost two
// system calls, for it makes the file blocking.
func withDescriptor(file *os.File, use func(fd int)) {
	if raw, err := file.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { use(int(fd)) })
	}
}

func (w *fileWriter) Write(p []byte) (int, error) {
	if w.done {
		return 0, fmt.Errorf("writing an object: %w", fs.ErrClosed)
	}
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.file.Write(p)
	if err != nil {
		w.err = fmt.Errorf("writing an object: %w", scrub(err))
	}
	return n, w.err
}

func (w *fileWriter) Commit() error {
	if w.done {
		return fmt.Errorf("committing an object: %w", fs.ErrClosed)
	}
	defer w.Abort()
	if err := w.commit(); err != nil {
		return fmt.Errorf("committing an object: %w", err)
	}
	return nil
}

func (w *fileWriter) commit() error {
	if w.err != nil {
		return w.err
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if w.store.deferred {
		startWriting(w.file)
	} else if err := w.file.Sync(); err != nil {
		return scrub(err)
	}
	if err := w.dir.Rename(w.temporary, w.name); err != nil {
		return scrub(err)
	}
	w.temporary = ""
	if err := w.file.Close(); err != nil {
		return scrub(err)
	}
	return w.store.syncFolder(w.dir, ".")
}

// startWriting lets the disk begin on a file that Sync will wait for later. It
// is a hint: a file system that does not take it loses nothing.
func startWriting(file *os.File) {
	withDescriptor(file, func(fd int) { unix.SyncFileRange(fd, 0, 0, unix.SYNC_FILE_RANGE_WRITE) })
}

func (w *fileWriter) Abort() {
	if w.done {
		return
	}
	w.done = true
	if w.temporary != "" {
		w.dir.Remove(w.temporary) // what cannot be removed, Sweep finds
	}
	w.file.Close()
	w.dir.Close()
}

func (f *folder) Sweep(ctx context.Context, prefix string) error {
	root, err := os.OpenRoot(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweeping a store: %w", scrub(err))
	}
	defer root.Close()
	var failed error
	w := walk{ctx: ctx, root: root, prefix: prefix, temporaries: true, yield: func(o Object, err error) bool {
		if err == nil {
			err = sweep(root, o.Name)
		}
		failed = errors.Join(failed, err)
		return ctx.Err() == nil
	}}
	w.folder(".")
	return failed
}

// sweep removes a temporary file that no process holds.
func sweep(root *os.Root, name string) error {
	file, err := root.OpenFile(name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweeping a store: %w", scrub(err))
	}
	defer file.Close()
	if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil
	}
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sweeping a store: %w", scrub(err))
	}
	return nil
}
