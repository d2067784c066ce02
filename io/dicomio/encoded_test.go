package dicomio

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// encoded returns the files that test/bench/codecs.py has written: real slices
// in every transfer syntax.
func encoded(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.Getenv("CTCOHORT_ENCODED"), "*.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("CTCOHORT_ENCODED") == "" || len(files) == 0 {
		t.Skip("CTCOHORT_ENCODED names no folder that test/bench/codecs.py has filled: its slices are not compared")
	}
	needOpenJPEG(t)
	return files
}

func TestEncodedAgainstPydicom(t *testing.T) {
	for _, file := range encoded(t) {
		want, err := os.ReadFile(strings.TrimSuffix(file, ".dcm") + ".sha256")
		if err != nil {
			t.Fatal(err)
		}
		values, err := stored(file)
		if got := digest(values); err != nil || got != string(want) {
			t.Errorf("stored(%s) = %s, %v; want %s", filepath.Base(file), got, err, want)
		}
	}
}

func BenchmarkEncoded(b *testing.B) {
	for _, file := range encoded(b) {
		raw, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.TrimSuffix(filepath.Base(file), ".dcm"), func(b *testing.B) {
			for b.Loop() {
				if _, err := ReadSlice(bytes.NewReader(raw)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
