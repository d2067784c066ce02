package sharedlib

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var onnxRuntime = Library{
	Name: "ONNX Runtime", Stem: "libonnxruntime", Folder: "onnxruntime",
	Variable: "CTCOHORT_ONNXRUNTIME", Target: "onnxruntime",
}

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

func TestFind(t *testing.T) {
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
			t.Setenv(onnxRuntime.Variable, tt.env)
			got, err := onnxRuntime.Find(tt.flag)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) || !strings.Contains(err.Error(), "make onnxruntime") {
					t.Errorf("Find = %q, %v; want an error that holds %q and what to do", got, err, tt.wantErr)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("Find = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	openJPEG := Library{Stem: "libopenjp2"}
	for name, want := range map[string]bool{
		"libopenjp2.so": true, "libopenjp2.so.7": true, "libopenjp2-7e27257a.so.2.5.4": true, "libopenjp2.7.dylib": true,
		"libopenjp2.a": false, "libopenjpip.so.7": false, "LICENSE-openjpeg": false,
	} {
		if got := openJPEG.is(name); got != want {
			t.Errorf("is(%q) = %v, want %v", name, got, want)
		}
	}
}
