package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOpenURIs(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, c := range []struct{ uri, path, reason string }{
		{dir, dir, "an absolute path"},
		{"sub", dir + "/sub", "relative to the working directory at the time of opening"},
		{"file://" + dir + "/a%20b", dir + "/a b", "a URI is percent-encoded"},
		{"file://localhost" + dir, dir, "the host of a file URI may be localhost"},
		{dir + "/a%20b", dir + "/a%20b", "a path is not percent-encoded"},
		{"./x://y", dir + "/x:/y", "a path with a slash before :// has no scheme"},
		{"s3://bucket/x", "", "another scheme"},
		{"https://storage.googleapis.com/x", "", "another scheme"},
		{"file://host/x", "", "another host"},
		{"file://", "", "no path"},
		{"gs://", "", "no bucket"},
		{"gs:///prefix", "", "no bucket"},
		{"", "", "empty"},
	} {
		s, err := Open(t.Context(), c.uri)
		if (err != nil) != (c.path == "") {
			t.Errorf("Open(%q) = %v: %s", c.uri, err, c.reason)
			continue
		}
		if f, ok := s.(*folder); ok && f.path != c.path {
			t.Errorf("Open(%q) is at %q; want %q: %s", c.uri, f.path, c.path, c.reason)
		}
	}
}

func TestModesAreNarrow(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	root := filepath.Join(t.TempDir(), "root")
	s := open(t, root)
	w, err := s.Create(t.Context(), "a/b/c")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if err := WriteAll(t.Context(), s, "a/b/d", nil); err != nil {
		t.Fatal(err)
	}
	filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v under umask 0", entry.Name(), info.Mode())
		}
		return nil
	})
}

func TestWhatIsNoFile(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	for _, err := range []error{
		os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600),
		os.Mkdir(filepath.Join(root, "folder"), 0o700),
		os.WriteFile(filepath.Join(root, "folder", "file"), []byte("inside"), 0o600),
		os.Symlink("folder/file", filepath.Join(root, "link")),
		os.Symlink("folder", filepath.Join(root, "linkfolder")),
		os.Symlink("..", filepath.Join(root, "folder", "cycle")),
		os.Symlink(filepath.Join(outside, "secret"), filepath.Join(root, "out")),
		os.Symlink(outside, filepath.Join(root, "outfolder")),
		os.Symlink("nowhere", filepath.Join(root, "dangling")),
		syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600),
		os.WriteFile(filepath.Join(root, "M\xfcller"), []byte("latin"), 0o600),
		os.Mkdir(filepath.Join(root, "z\xfc"), 0o700),
		os.WriteFile(filepath.Join(root, "z\xfc", "line\nbreak"), nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, root)
	want := []string{"M\xfcller:5", "dangling:0", "folder/file:6", "link:6", "out:0", "outfolder:0", "pipe:0", "z\xfc/line\nbreak:0"}
	if diff := cmp.Diff(want, names(t, s, "")); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	for name, want := range map[string]error{
		"folder/file": nil, "link": nil, "linkfolder/file": nil, "M\xfcller": nil, "z\xfc/line\nbreak": nil,
		"out": ErrNotFile, "outfolder": ErrNotFile, "outfolder/secret": ErrNotFile, "pipe": ErrNotFile,
		"dangling": fs.ErrNotExist, "linkfolder": fs.ErrNotExist,
		"../" + filepath.Base(root) + "/link": ErrName, filepath.Join(outside, "secret"): ErrName, "folder/../link": ErrName,
	} {
		r, err := s.Open(t.Context(), name)
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("Open(%q) = %v; want %v", name, err, want)
		}
		if err == nil {
			r.Close()
		}
	}
	if err := WriteAll(t.Context(), s, "outfolder/new", nil); err == nil {
		t.Error("an object was written through a link out of the root")
	}
	if err := WriteAll(t.Context(), s, "out", []byte("new")); err != nil {
		t.Errorf("replacing a link = %v", err)
	}
	if data, _ := os.ReadFile(filepath.Join(outside, "secret")); string(data) != "secret" {
		t.Error("the file outside was written through a link")
	}
}

func TestReadURIFollowsALink(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	if err := errors.Join(os.WriteFile(outside+"/model", []byte("x"), 0o600), os.Symlink(outside+"/model", root+"/link")); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadURI(t.Context(), root+"/link"); string(got) != "x" || err != nil {
		t.Errorf("ReadURI = %q, %v", got, err)
	}
	if _, err := ReadURI(t.Context(), root+"/absent"); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), root) {
		t.Errorf("ReadURI of an absent file = %v", err)
	}
	serve(t)
	if err := WriteAll(t.Context(), open(t, "gs://bucket/models"), "m.onnx", []byte("y")); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadURI(t.Context(), "gs://bucket/models/m.onnx"); string(got) != "y" || err != nil {
		t.Errorf("ReadURI(gs) = %q, %v", got, err)
	}
}

func TestAFailedWriteIsNotCommitted(t *testing.T) {
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	s := open(t, t.TempDir())
	w, err := s.Create(t.Context(), "object")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	_, writeErr := w.Write(make([]byte, 4000)) // writes 1000 bytes, then fails with EFBIG
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(writeErr, syscall.EFBIG) {
		t.Errorf("Write beyond the limit = %v; want EFBIG", writeErr)
	}
	if err := w.Commit(); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("Commit after a failed write = %v; want EFBIG", err)
	}
	if entries, _ := os.ReadDir(s.(*folder).path); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

// A process that is killed leaves a temporary, which Sweep removes; the
// temporaries of living writers stay.
func TestSweep(t *testing.T) {
	if root := os.Getenv("STORE_TEST_DIE"); root != "" {
		s := open(t, root)
		if err := WriteAll(t.Context(), s, "a/whole", []byte("whole")); err != nil {
			t.Fatal(err)
		}
		w, err := s.Create(t.Context(), "a/half")
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "ha")
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	root := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestSweep$")
	child.Env = append(os.Environ(), "STORE_TEST_DIE="+root)
	if out, err := child.CombinedOutput(); err == nil {
		t.Fatalf("the child was not killed: %s", out)
	}
	s := open(t, root)
	if diff := cmp.Diff([]string{"a/whole:5"}, names(t, s, "")); diff != "" {
		t.Errorf("after a kill (-want +got):\n%s", diff)
	}
	living, err := s.Create(t.Context(), "a/living")
	if err != nil {
		t.Fatal(err)
	}
	if n := files(t, root); n != 3 {
		t.Fatalf("%d files before Sweep; want the object and two temporaries", n)
	}
	if err := s.Sweep(t.Context(), "b/"); err != nil || files(t, root) != 3 {
		t.Errorf("Sweep of another folder = %v, %d files", err, files(t, root))
	}
	if err := s.Sweep(t.Context(), ""); err != nil || files(t, root) != 2 {
		t.Errorf("Sweep = %v, %d files; want the object and the living writer's", err, files(t, root))
	}
	if err := living.Commit(); err != nil {
		t.Errorf("committing what was being written during Sweep: %v", err)
	}
}

func files(t *testing.T, root string) (n int) {
	t.Helper()
	err := filepath.WalkDir(root, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Whatever the name, Create refuses it or writes exactly one file inside the
// root, which List and Open then give back under that name.
func FuzzCreate(f *testing.F) {
	for _, seed := range []string{"a", "a/b", "../a", "/a", "a//b", ".", "a/..", "é", "a\x00", `C:\a`, ".ctcohort-1.tmp", "a\xff", "CON", "~", "a/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		parent := t.TempDir()
		s := open(t, filepath.Join(parent, "root"))
		err := WriteAll(t.Context(), s, name, []byte("x"))
		if err != nil {
			if !errors.Is(err, ErrName) {
				t.Fatalf("WriteAll(%q) = %v; want nil or ErrName", name, err)
			}
			if n := files(t, parent); n != 0 {
				t.Fatalf("refusing %q left %d files", name, n)
			}
			return
		}
		if got := names(t, s, ""); len(got) != 1 || got[0] != name+":1" {
			t.Fatalf("WriteAll(%q) lists %q", name, got)
		}
		if files(t, parent) != files(t, filepath.Join(parent, "root")) {
			t.Fatalf("WriteAll(%q) wrote outside the root", name)
		}
		if got, err := ReadAll(t.Context(), s, name); string(got) != "x" || err != nil {
			t.Fatalf("ReadAll(%q) = %q, %v", name, got, err)
		}
	})
}

// Files of 32 KB, as de-identification writes them.
func BenchmarkCommit(b *testing.B) {
	data := make([]byte, 32<<10)
	for _, c := range []struct {
		name     string
		deferred bool
	}{{"each", false}, {"deferred", true}} {
		b.Run(c.name, func(b *testing.B) {
			s, err := OpenWith(b.Context(), b.TempDir(), Options{Deferred: c.deferred})
			if err != nil {
				b.Fatal(err)
			}
			i := 0
			for b.Loop() {
				name := "dicom/cohort/patient/study/series" + string(rune('a'+i/200%26)) + "/" + strings.Repeat("1", i%60+1) + string(rune('a'+i%26)) + ".dcm"
				if err := WriteAll(b.Context(), s, name, data); err != nil {
					b.Fatal(err)
				}
				if i++; i%1000 == 0 {
					if err := s.Sync(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			}
			if err := s.Sync(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}
