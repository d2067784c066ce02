package onnx

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenWithoutLibrary runs this test binary again, for a process loads the
// runtime once.
func TestOpenWithoutLibrary(t *testing.T) {
	if lib := os.Getenv("TEST_LIBRARY"); lib != "" {
		_, err := Open([]byte("unused"), Options{Library: lib})
		if err == nil {
			t.Fatal("Open = nil error")
		}
		t.Log(err)
		if good, findErr := FindLibrary("", CPU); findErr == nil {
			if _, err := Open(nil, Options{Library: good}); err == nil || !strings.Contains(err.Error(), "empty") {
				t.Errorf("Open with a good library afterwards = %v, want to come as far as the empty model", err)
			}
		}
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	notLibrary := filepath.Join(t.TempDir(), "libonnxruntime.so.1.32.0")
	if err := os.WriteFile(notLibrary, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(t.TempDir(), "none.so")
	for lib, want := range map[string]string{notLibrary: "loading ONNX Runtime: " + notLibrary, none: "the flag names " + none} {
		cmd := exec.Command(program, "-test.run=^TestOpenWithoutLibrary$", "-test.v")
		cmd.Env = append(os.Environ(), "TEST_LIBRARY="+lib)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("Open with %s: %v\n%s", lib, err, out)
		}
		for _, part := range []string{want, "make onnxruntime"} {
			if !strings.Contains(string(out), part) {
				t.Errorf("Open with %s says\n%s\nwant it to hold %q", lib, out, part)
			}
		}
	}
}

func TestOneLibraryAProcess(t *testing.T) {
	openTiny(t, Options{Provider: CPU})
	another := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if err := os.WriteFile(another, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Open(testModel(t, "tiny"), Options{Library: another})
	if err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("Open with a second library = %v, want an error that one is loaded already", err)
	}
}
