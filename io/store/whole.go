package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// ReadAll returns the bytes of an object.
func ReadAll(ctx context.Context, s Store, name string) ([]byte, error) {
	r, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readAll(r)
}

func readAll(r io.Reader) ([]byte, error) {
	var data bytes.Buffer
	if sized, ok := r.(interface{ size() int64 }); ok {
		data.Grow(int(min(sized.size(), 1<<30)) + bytes.MinRead)
	}
	if _, err := data.ReadFrom(r); err != nil {
		return nil, err
	}
	return data.Bytes(), nil
}

// SHA256 returns the digest of an object, in hexadecimal, and how many bytes it has.
func SHA256(ctx context.Context, s Store, name string) (sum string, bytes int64, err error) {
	r, err := s.Open(ctx, name)
	if err != nil {
		return "", 0, fmt.Errorf("opening %s: %w", name, err)
	}
	defer r.Close()
	hash := sha256.New()
	if bytes, err = io.Copy(hash, r); err != nil {
		return "", 0, fmt.Errorf("reading %s: %w", name, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), bytes, nil
}

// WriteAll commits an object of the given bytes.
func WriteAll(ctx context.Context, s Store, name string, data []byte) error {
	w, err := s.Create(ctx, name)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Commit()
}

// At returns an object for reading at random, a request a read; o is as Stat or
// List gave it.
func At(ctx context.Context, s Store, o Object) io.ReaderAt {
	return readerAt{ctx: ctx, store: s, object: o}
}

type readerAt struct {
	ctx    context.Context
	store  Store
	object Object
}

func (r readerAt) ReadAt(p []byte, off int64) (int, error) {
	if off >= r.object.Size {
		return 0, io.EOF
	}
	body, err := r.store.ReadRange(r.ctx, r.object.Name, off, int64(len(p)))
	if err != nil {
		return 0, err
	}
	defer body.Close()
	n, err := io.ReadFull(body, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}
