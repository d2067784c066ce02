package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/google/go-cmp/cmp"
)

// both runs a test on a local store and on one in a bucket of an in-process server.
func both(t *testing.T, test func(t *testing.T, s Store)) {
	t.Run("folder", func(t *testing.T) { test(t, open(t, filepath.Join(t.TempDir(), "not", "yet"))) })
	t.Run("deferred", func(t *testing.T) {
		s, err := OpenWith(t.Context(), t.TempDir(), Options{Deferred: true})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
	t.Run("bucket", func(t *testing.T) {
		serve(t)
		test(t, open(t, "gs://bucket/some/prefix/"))
	})
}

func serve(t *testing.T) *fakestorage.Server {
	t.Helper()
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1", Port: 0})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "bucket"})
	t.Setenv("STORAGE_EMULATOR_HOST", server.URL())
	return server
}

func open(t *testing.T, uri string) Store {
	t.Helper()
	s, err := Open(t.Context(), uri)
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	return s
}

func names(t *testing.T, s Store, prefix string) []string {
	t.Helper()
	var found []string
	for o, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List(%q): %v", prefix, err)
		}
		found = append(found, fmt.Sprintf("%s:%d", o.Name, o.Size))
	}
	return found
}

func TestObjects(t *testing.T) {
	both(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		if got := names(t, s, ""); got != nil {
			t.Fatalf("a new store lists %v", got)
		}
		for _, name := range []string{"a/c", "a-b", "a.b", "a/b/c", "a", "ab/x", "A", "é/ü", "with space/%41+#?"} {
			if name == "a" {
				continue // a folder cannot be a file too
			}
			if err := WriteAll(ctx, s, name, []byte(name)); err != nil {
				t.Fatalf("WriteAll(%q) = %v", name, err)
			}
		}
		want := []string{"A:1", "a-b:3", "a.b:3", "a/b/c:5", "a/c:3", "ab/x:4", "with space/%41+#?:17", "é/ü:5"}
		if diff := cmp.Diff(want, names(t, s, "")); diff != "" {
			t.Errorf("List, sorted by bytes (-want +got):\n%s", diff)
		}
		for _, c := range []struct {
			prefix string
			want   []string
		}{
			{"a/", []string{"a/b/c:5", "a/c:3"}},
			{"a", []string{"a-b:3", "a.b:3", "a/b/c:5", "a/c:3", "ab/x:4"}},
			{"a/b", []string{"a/b/c:5"}},
			{"nothing/here", nil},
			{"a-b/", nil},
		} {
			if diff := cmp.Diff(c.want, names(t, s, c.prefix)); diff != "" {
				t.Errorf("List(%q) (-want +got):\n%s", c.prefix, diff)
			}
		}
		for _, o := range want {
			name := o[:strings.LastIndex(o, ":")]
			if got, err := ReadAll(ctx, s, name); err != nil || string(got) != name {
				t.Errorf("ReadAll(%q) = %q, %v", name, got, err)
			}
			if got, err := s.Stat(ctx, name); err != nil || got != (Object{Name: name, Size: int64(len(name))}) {
				t.Errorf("Stat(%q) = %v, %v", name, got, err)
			}
		}
		if err := s.Sync(ctx); err != nil {
			t.Errorf("Sync = %v", err)
		}
	})
}

func TestAbsent(t *testing.T) {
	both(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		if err := WriteAll(ctx, s, "a/file", nil); err != nil {
			t.Fatal(err)
		}
		for name, reason := range map[string]string{
			"absent":      "nothing of that name",
			"absent/file": "no folder of that name",
			"a":           "a folder is no object",
			"a/file/x":    "nothing is below a file",
		} {
			if _, err := s.Open(ctx, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Open(%q) = %v; want ErrNotExist: %s", name, err, reason)
			}
			if _, err := s.Stat(ctx, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Stat(%q) = %v; want ErrNotExist: %s", name, err, reason)
			}
			if _, err := s.ReadRange(ctx, name, 0, 1); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("ReadRange(%q) = %v; want ErrNotExist: %s", name, err, reason)
			}
			if err := s.Remove(ctx, name); err != nil {
				t.Errorf("Remove(%q) = %v; want nil: %s", name, err, reason)
			}
		}
		if got := names(t, s, ""); !slices.Equal(got, []string{"a/file:0"}) {
			t.Errorf("after removing what is absent: %v", got)
		}
		for range 2 {
			if err := s.Remove(ctx, "a/file"); err != nil {
				t.Errorf("Remove = %v", err)
			}
		}
		if got := names(t, s, ""); got != nil {
			t.Errorf("after Remove: %v", got)
		}
	})
}

func TestReadRange(t *testing.T) {
	both(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		if err := WriteAll(ctx, s, "digits", []byte("0123456789")); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			off, length int64
			want        string
		}{
			{0, 10, "0123456789"}, {0, -1, "0123456789"}, {3, 2, "34"}, {8, 5, "89"}, {9, -1, "9"},
			{10, 1, ""}, {11, -1, ""}, {4, 0, ""},
		} {
			r, err := s.ReadRange(ctx, "digits", c.off, c.length)
			if err != nil {
				t.Errorf("ReadRange(%d, %d) = %v", c.off, c.length, err)
				continue
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != c.want {
				t.Errorf("ReadRange(%d, %d) reads %q, %v; want %q", c.off, c.length, got, err, c.want)
			}
			r.Close()
		}
		if _, err := s.ReadRange(ctx, "digits", -1, 1); err == nil {
			t.Error("ReadRange at -1 succeeds")
		}
		at := At(ctx, s, Object{Name: "digits", Size: 10})
		part := make([]byte, 4)
		if n, err := at.ReadAt(part, 8); n != 2 || err != io.EOF || string(part[:n]) != "89" {
			t.Errorf("ReadAt(8) = %d, %v", n, err)
		}
	})
}

// Nothing is visible before Commit, nothing after Abort, and what was there stays.
func TestCommitIsAtomic(t *testing.T) {
	both(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		write := func(text string) Writer {
			w, err := s.Create(ctx, "a/b")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, text); err != nil {
				t.Fatal(err)
			}
			return w
		}
		visible := func(want string, when string) {
			t.Helper()
			got, err := ReadAll(ctx, s, "a/b")
			if errors.Is(err, fs.ErrNotExist) {
				got, err = []byte("absent"), nil
			}
			if err != nil || string(got) != want {
				t.Errorf("%s: %q, %v; want %q", when, got, err, want)
			}
			var listed []string
			if want != "absent" {
				listed = []string{fmt.Sprintf("a/b:%d", len(want))}
			}
			if diff := cmp.Diff(listed, names(t, s, "")); diff != "" {
				t.Errorf("%s, listed (-want +got):\n%s", when, diff)
			}
		}
		w := write("one")
		visible("absent", "before the commit")
		w.Abort()
		visible("absent", "after an abort")
		if err := w.Commit(); err == nil {
			t.Error("Commit after Abort succeeds")
		}
		w = write("one")
		if err := w.Commit(); err != nil {
			t.Fatalf("Commit = %v", err)
		}
		w.Abort()
		visible("one", "after the commit and a late abort")
		if err := w.Commit(); err == nil {
			t.Error("a second Commit succeeds")
		}
		if _, err := w.Write([]byte("x")); err == nil {
			t.Error("Write after Commit succeeds")
		}
		w = write("the other")
		visible("one", "while it is being replaced")
		if err := w.Commit(); err != nil {
			t.Errorf("replacing: %v", err)
		}
		visible("the other", "after it was replaced")
		for range 2 {
			if err := write("the other").Commit(); err != nil {
				t.Errorf("committing equal bytes again: %v", err)
			}
		}
		visible("the other", "after equal commits")
	})
}

func TestCommitOfManyAtOnce(t *testing.T) {
	both(t, func(t *testing.T, s Store) {
		done := make(chan error)
		for i := range 8 {
			go func() {
				data := bytes.Repeat([]byte{byte('0' + i)}, 1000)
				done <- errors.Join(WriteAll(t.Context(), s, "contested", data), WriteAll(t.Context(), s, fmt.Sprintf("deep/%d/own", i), data))
			}()
		}
		for range 8 {
			if err := <-done; err != nil {
				t.Errorf("concurrent commit: %v", err)
			}
		}
		got, err := ReadAll(t.Context(), s, "contested")
		if err != nil || len(got) != 1000 || !bytes.Equal(got, bytes.Repeat(got[:1], 1000)) {
			t.Errorf("the contested object is none of those written (%d bytes, %v)", len(got), err)
		}
		if got := names(t, s, "deep/"); len(got) != 8 {
			t.Errorf("%d objects of 8", len(got))
		}
	})
}

func TestCancel(t *testing.T) {
	both(t, func(t *testing.T, s Store) {
		ctx, cancel := context.WithCancel(t.Context())
		w, err := s.Create(ctx, "object")
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "text")
		cancel()
		if err := w.Commit(); !errors.Is(err, context.Canceled) {
			t.Errorf("Commit after cancel = %v", err)
		}
		if got := names(t, s, ""); got != nil {
			t.Errorf("a cancelled commit left %v", got)
		}
		if _, err := s.Create(ctx, "object"); !errors.Is(err, context.Canceled) {
			t.Errorf("Create after cancel = %v", err)
		}
		if _, err := s.Open(ctx, "object"); !errors.Is(err, context.Canceled) {
			t.Errorf("Open after cancel = %v", err)
		}
	})
}

func TestCreateRefusesNames(t *testing.T) {
	both(t, func(t *testing.T, s Store) {
		for name, reason := range map[string]string{
			"":                                 "empty",
			"/etc/passwd":                      "absolute",
			"../x":                             "leads out of the root",
			"a/../../x":                        "leads out of the root",
			"a/./b":                            "two names for one object",
			"a//b":                             "two names for one object",
			"a/":                               "a folder",
			`a\b`:                              "a separator on some systems",
			"a\nb":                             "breaks lines in lists",
			"a\x00b":                           "ends a C string",
			"a\x7fb":                           "control character",
			"a\xffb":                           "not UTF-8",
			strings.Repeat("x", 256):           "longer than a file name may be",
			strings.Repeat("x/", 512) + "x":    "longer than an object name may be",
			"a/.ctcohort-0123456789abcdef.tmp": "the name of a temporary",
		} {
			if _, err := s.Create(t.Context(), name); !errors.Is(err, ErrName) {
				t.Errorf("Create(%q) = %v; want ErrName: %s", name, err, reason)
			}
		}
	})
}

// No error says the name of an object or of the root.
func TestErrorsHoldNoNames(t *testing.T) {
	const secret = "Müller^Hans 1957"
	check := func(t *testing.T, what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s succeeds", what)
			return
		}
		for _, part := range []string{"ller", "Hans", "1957", "M%C3", "bucket/", "gone"} {
			if strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error %q holds %q", what, err, part)
			}
		}
	}
	both(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		_, err := s.Open(ctx, secret+"/x.dcm")
		check(t, "Open", err)
		_, err = s.Stat(ctx, secret+"/x.dcm")
		check(t, "Stat", err)
		_, err = s.Create(ctx, "../"+secret)
		check(t, "Create", err)
	})
	t.Run("no bucket", func(t *testing.T) {
		serve(t)
		s := open(t, "gs://gone/"+secret)
		check(t, "WriteAll", WriteAll(t.Context(), s, secret, []byte("x")))
		for _, err := range s.List(t.Context(), "") {
			check(t, "List", err)
		}
	})
	t.Run("no server", func(t *testing.T) {
		t.Setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
		ctx, cancel := context.WithTimeout(t.Context(), 1e8)
		defer cancel()
		s := open(t, "gs://gone/"+secret)
		_, err := s.Open(ctx, secret)
		check(t, "Open", err)
	})
	t.Run("unreadable folder", func(t *testing.T) {
		root := filepath.Join(t.TempDir(), secret)
		if err := os.WriteFile(root, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, root)
		check(t, "WriteAll", WriteAll(t.Context(), s, secret, nil))
		for _, err := range s.List(t.Context(), "") {
			check(t, "List", err)
		}
	})
}

// TestVersions: an object whose content changed has another version, and one
// that nobody touched has its own.
func TestVersions(t *testing.T) {
	both(t, func(t *testing.T, s Store) {
		versions := func() map[string]string {
			found := map[string]string{}
			for o, err := range s.List(t.Context(), "") {
				if err != nil {
					t.Fatal(err)
				}
				found[o.Name] = o.Version
			}
			return found
		}
		for _, name := range []string{"kept", "changed"} {
			if err := WriteAll(t.Context(), s, name, []byte("before")); err != nil {
				t.Fatal(err)
			}
		}
		before := versions()
		time.Sleep(10 * time.Millisecond) // the clock of a file system is coarse
		if err := WriteAll(t.Context(), s, "changed", []byte("after!")); err != nil {
			t.Fatal(err)
		}
		after := versions()
		if before["kept"] == "" || before["kept"] != after["kept"] || before["changed"] == after["changed"] {
			t.Errorf("versions were %v and are %v", before, after)
		}
	})
}
