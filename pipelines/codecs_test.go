package pipelines

import (
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/io/openjpeg"
)

func TestCodecs(t *testing.T) {
	if library, err := openjpeg.Default(); err == nil {
		text, err := codecs()
		if want := "JPEG 2000 and HTJ2K by OpenJPEG " + library.Version(); err != nil || !strings.HasSuffix(text, want) {
			t.Errorf("codecs() = %q, %v; want it to end with %q", text, err, want)
		}
	}
	t.Run("without", func(t *testing.T) {
		t.Chdir(t.TempDir())
		t.Setenv(openjpeg.LibraryEnv, "")
		text, err := codecs()
		if err != nil || !strings.Contains(text, "are rejected") || !strings.Contains(text, "make codecs") {
			t.Errorf("codecs() = %q, %v; want that JPEG 2000 is rejected, and what to do", text, err)
		}
	})
	t.Run("a name that is wrong", func(t *testing.T) {
		t.Setenv(openjpeg.LibraryEnv, filepath.Join(t.TempDir(), "none"))
		if text, err := codecs(); err == nil || !strings.Contains(err.Error(), openjpeg.LibraryEnv) {
			t.Errorf("codecs() = %q, %v; want an error that names %s", text, err, openjpeg.LibraryEnv)
		}
	})
}
