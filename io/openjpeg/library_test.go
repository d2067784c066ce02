package openjpeg

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"
)

func TestVersion(t *testing.T) {
	if v := library(t).Version(); !strings.HasPrefix(v, "2.5.") {
		t.Errorf("Version() = %q, want 2.5.…", v)
	}
}

// Values compared with offsetof and sizeof of gcc on openjpeg.h of 2.5.4, on
// amd64; sizeof(opj_dparameters_t) is 8252.
func TestLayout(t *testing.T) {
	var i image
	var c component
	got := [...]uintptr{
		unsafe.Offsetof(i.numComponents), unsafe.Offsetof(i.components), unsafe.Sizeof(i),
		unsafe.Offsetof(c.width), unsafe.Offsetof(c.height), unsafe.Offsetof(c.precision), unsafe.Offsetof(c.data), unsafe.Sizeof(c),
	}
	if want := [...]uintptr{16, 24, 48, 8, 12, 24, 48, 64}; got != want {
		t.Errorf("offsets and sizes are %v, want %v", got, want)
	}
	if size := unsafe.Sizeof(decoderParameters{}); size < 8252 {
		t.Errorf("%d bytes of room for opj_dparameters_t", size)
	}
}

// A library that cannot be used is an error that names it and says what to do;
// a good one is found afterwards.
func TestDefaultWithoutLibrary(t *testing.T) {
	text := filepath.Join(t.TempDir(), "libopenjp2.so")
	if err := os.WriteFile(text, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ reason, path, want string }{
		{"not there", filepath.Join(t.TempDir(), "libopenjp2.so"), "cannot be read"},
		{"not a library", text, "opening " + text},
		{"another library", otherLibrary(t), "it has no opj_"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Setenv(LibraryEnv, c.path)
			_, err := Default()
			if !errors.Is(err, ErrNoLibrary) {
				t.Fatalf("Default() = %v, want ErrNoLibrary", err)
			}
			for _, part := range []string{c.want, "make codecs", LibraryEnv} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("Default() = %v, want it to hold %q", err, part)
				}
			}
		})
	}
	if first, again := library(t), library(t); first != again {
		t.Error("Default() opens the library again")
	}
}

// otherLibrary is one that every machine with a C library has.
func otherLibrary(t *testing.T) string {
	t.Helper()
	for _, pattern := range []string{"/lib/*/libm.so.6", "/lib*/libm.so.6", "/usr/lib/libm.so.6"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	t.Skip("no C library where it usually is: none without OpenJPEG's functions can be opened")
	return ""
}

func BenchmarkDefault(b *testing.B) {
	library(b)
	for b.Loop() {
		if _, err := Default(); err != nil {
			b.Fatal(err)
		}
	}
}
