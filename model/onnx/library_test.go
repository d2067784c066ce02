package onnx

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func touch(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindLibrary(t *testing.T) {
	root := t.TempDir()
	built := touch(t, filepath.Join(root, "build", "onnxruntime", "libonnxruntime.so.1.32.0"))
	touch(t, filepath.Join(root, "build", "onnxruntime", "libonnxruntime_providers_shared.so"))
	other := touch(t, filepath.Join(root, "other", "libonnxruntime.so.1.31.1"))
	empty := t.TempDir()
	deep := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, cwd, flag, env string
		want, wantErr        string
	}{
		{name: "working folder", cwd: root, want: built},
		{name: "a folder above", cwd: deep, want: built},
		{name: "the variable goes first", cwd: root, env: other, want: other},
		{name: "a folder in the variable", cwd: root, env: filepath.Dir(other), want: other},
		{name: "the flag goes before the variable", cwd: root, flag: built, env: other, want: built},
		{name: "a relative flag", cwd: root, flag: "other", want: other},
		{name: "nothing anywhere", cwd: empty, wantErr: "make onnxruntime"},
		{name: "a flag that is wrong is not passed over", cwd: root, flag: filepath.Join(root, "none"), wantErr: "the flag names"},
		{name: "a variable that is wrong is not passed over", cwd: root, env: empty, wantErr: "holds no libonnxruntime"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(tt.cwd)
			t.Setenv(LibraryEnv, tt.env)
			got, err := FindLibrary(tt.flag)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) || !strings.Contains(err.Error(), "make onnxruntime") {
					t.Errorf("FindLibrary = %q, %v; want an error that holds %q and what to do", got, err, tt.wantErr)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("FindLibrary = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// TestOpenWithoutLibrary runs this test binary again, for a process loads the
// runtime once.
func TestOpenWithoutLibrary(t *testing.T) {
	if lib := os.Getenv("TEST_LIBRARY"); lib != "" {
		_, err := Open([]byte("unused"), Options{Library: lib})
		if err == nil {
			t.Fatal("Open = nil error")
		}
		t.Log(err)
		if good, findErr := FindLibrary(""); findErr == nil {
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
	notLibrary := touch(t, filepath.Join(t.TempDir(), "libonnxruntime.so.1.32.0"))
	for _, lib := range []string{notLibrary, filepath.Join(t.TempDir(), "none.so")} {
		cmd := exec.Command(program, "-test.run=^TestOpenWithoutLibrary$", "-test.v")
		cmd.Env = append(os.Environ(), "TEST_LIBRARY="+lib)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("Open with %s: %v\n%s", lib, err, out)
		}
		for _, part := range []string{"loading ONNX Runtime: " + lib, "make onnxruntime"} {
			if !strings.Contains(string(out), part) {
				t.Errorf("Open with %s says\n%s\nwant it to hold %q", lib, out, part)
			}
		}
	}
}

func TestOneLibraryAProcess(t *testing.T) {
	openTiny(t, Options{Provider: CPU})
	_, err := Open(testModel(t, "tiny"), Options{Library: "/another/libonnxruntime.so"})
	if err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("Open with a second library = %v, want an error that one is loaded already", err)
	}
}
