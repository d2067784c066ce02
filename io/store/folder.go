package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"

	"golang.org/x/sys/unix"
)

// A folder is a store of local files. Each operation opens the root anew:
// os.Root keeps links from leading out of it, and holding no handle keeps the
// store usable when the folder is made, or made again, later.
type folder struct {
	path     string // absolute
	deferred bool
}

func (f *folder) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	file, err := f.open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("opening an object: %w", err)
	}
	return file, nil
}

func (f *folder) ReadRange(ctx context.Context, name string, off, length int64) (io.ReadCloser, error) {
	if off < 0 {
		return nil, fmt.Errorf("reading a range of an object: offset %d", off)
	}
	file, err := f.open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("reading a range of an object: %w", err)
	}
	if length < 0 || length > file.bytes-off {
		length = max(0, file.bytes-off)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(file.handle, off, length), file}, nil
}

func (f *folder) Stat(ctx context.Context, name string) (Object, error) {
	file, err := f.open(ctx, name)
	if err != nil {
		return Object{}, fmt.Errorf("describing an object: %w", err)
	}
	defer file.Close()
	return Object{Name: name, Size: file.bytes}, nil
}

func (f *folder) open(ctx context.Context, name string) (*localFile, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkReadable(name); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, scrub(err)
	}
	defer root.Close()
	// Opening a pipe would otherwise wait for a writer.
	handle, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, openError(root, name, err)
	}
	info, err := handle.Stat()
	switch {
	case err != nil:
		err = scrub(err)
	case info.IsDir():
		err = fs.ErrNotExist // there are no folders, only names with slashes
	case !info.Mode().IsRegular():
		err = ErrNotFile
	}
	if err != nil {
		handle.Close()
		return nil, err
	}
	return &localFile{handle: handle, bytes: info.Size()}, nil
}

// openError tells a link that leads out of the root, and whatever else cannot
// be opened as a file, from a file that is absent.
func openError(root *os.Root, name string, err error) error {
	if absent(err) {
		return fs.ErrNotExist
	}
	info, statErr := root.Lstat(name)
	var number syscall.Errno
	switch {
	case statErr == nil && info.Mode()&(fs.ModeSymlink|fs.ModeSocket|fs.ModeDevice|fs.ModeNamedPipe) != 0:
		return ErrNotFile
	case !errors.As(err, &number):
		return ErrNotFile // os.Root's own error, of a folder that is a link out of it
	}
	return scrub(err)
}

// A localFile is an open object; its errors hold no path.
type localFile struct {
	handle *os.File
	bytes  int64
}

func (l *localFile) Read(p []byte) (int, error) {
	n, err := l.handle.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("reading an object: %w", scrub(err))
	}
	return n, err
}

func (l *localFile) Close() error { return scrub(l.handle.Close()) }

func (l *localFile) size() int64 { return l.bytes }

func (f *folder) Remove(ctx context.Context, name string) error {
	if err := f.remove(ctx, name); err != nil && !absent(err) {
		return fmt.Errorf("removing an object: %w", err)
	}
	return nil
}

func (f *folder) remove(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkReadable(name); err != nil {
		return err
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return scrub(err)
	}
	defer root.Close()
	if info, err := root.Lstat(name); err != nil || info.IsDir() {
		return scrub(err) // a folder is no object
	}
	if err := root.Remove(name); err != nil {
		return scrub(err)
	}
	return f.syncFolder(root, path.Dir(name))
}

func (f *folder) Sync(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !f.deferred {
		return nil
	}
	dir, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("syncing a store: %w", scrub(err))
	}
	defer dir.Close()
	// One call for the whole file system, whatever else is being written there.
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return fmt.Errorf("syncing a store: %w", scrub(err))
	}
	return nil
}

// syncFolder makes the entries of a folder durable, unless that is left to Sync.
func (f *folder) syncFolder(root *os.Root, name string) error {
	if f.deferred {
		return nil
	}
	dir, err := root.Open(name)
	if err != nil {
		return scrub(err)
	}
	defer dir.Close()
	return scrub(dir.Sync())
}
