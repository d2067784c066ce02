package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

func TestOpenPrivate(t *testing.T) {
	dir := t.TempDir()
	for mode, want := range map[fs.FileMode]error{0o600: nil, 0o400: nil, 0o700: nil, 0o640: ErrOpenToOthers, 0o604: ErrOpenToOthers, 0o602: ErrOpenToOthers} {
		path := filepath.Join(dir, mode.String())
		if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		for _, uri := range []string{path, "file://" + path} {
			r, err := OpenPrivate(t.Context(), uri)
			if !errors.Is(err, want) {
				t.Errorf("OpenPrivate(mode %v) = %v, want %v", mode, err, want)
			}
			if err != nil {
				continue
			}
			if data, err := io.ReadAll(r); string(data) != "secret" || err != nil {
				t.Errorf("reading mode %v: %q, %v", mode, data, err)
			}
			r.Close()
		}
	}
	if _, err := OpenPrivate(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenPrivate(none) = %v, want %v", err, fs.ErrNotExist)
	}
}

func TestOpenPrivateOfABucket(t *testing.T) {
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1", InitialObjects: []fakestorage.Object{
		{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: "bucket", Name: "folder/links.csv"}, Content: []byte("secret")}}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	t.Setenv("STORAGE_EMULATOR_HOST", server.URL())
	if r, err := OpenPrivate(t.Context(), "gs://bucket/folder/links.csv"); err != nil {
		t.Errorf("OpenPrivate(gs://) = %v", err)
	} else if data, err := io.ReadAll(r); string(data) != "secret" || err != nil {
		t.Errorf("OpenPrivate(gs://) holds %q, %v", data, err)
	}
	if _, err := OpenPrivate(t.Context(), "gs://bucket/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenPrivate(gs://bucket/none) = %v, want %v", err, fs.ErrNotExist)
	}
}
