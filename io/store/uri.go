package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// ErrOpenToOthers is returned by OpenPrivate for a local file that others than
// its owner may read or write.
var ErrOpenToOthers = errors.New("the file is open to others; restrict it with: chmod 600 FILE")

// ReadURI returns the bytes of the one object at a path or URI, as a person
// gives them on the command line: a local path may be a link to anywhere.
func ReadURI(ctx context.Context, uri string) ([]byte, error) {
	r, err := openURI(ctx, uri, 0o777)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readAll(r)
}

// OpenPrivate opens the one object at a path or URI that holds secrets or
// identities: a local file must be its owner's alone. Who may read a bucket's
// object is for the bucket's policy to say.
func OpenPrivate(ctx context.Context, uri string) (io.ReadCloser, error) {
	return openURI(ctx, uri, 0o700)
}

func openURI(ctx context.Context, uri string, allowed fs.FileMode) (io.ReadCloser, error) {
	if rest, ok := strings.CutPrefix(uri, "gs://"); ok {
		name, object, _ := strings.Cut(rest, "/")
		b, err := openBucket(name, "")
		if err != nil {
			return nil, err
		}
		return b.Open(ctx, object)
	}
	path, err := localPath(uri)
	if err != nil {
		return nil, err
	}
	file, err := openFile(path, allowed)
	if err != nil {
		return nil, fmt.Errorf("reading a file: %w", scrub(err))
	}
	return file, nil
}

func openFile(path string, allowed fs.FileMode) (*localFile, error) {
	handle, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := handle.Stat()
	if err == nil && info.Mode().Perm()&^allowed != 0 {
		err = ErrOpenToOthers
	}
	if err != nil {
		handle.Close()
		return nil, err
	}
	return &localFile{handle: handle, bytes: info.Size()}, nil
}
