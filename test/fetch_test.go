package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// script writes an executable shell script.
func script(t *testing.T, path, body string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFetch runs wheels/fetch.sh with stand-ins for uname and pip, without a network.
func TestFetch(t *testing.T) {
	tools := t.TempDir()
	wrongWheel := script(t, filepath.Join(tools, "wrong-wheel"), `
[ "$2" = pip ] || exec python3 "$@"
[ "$3" = --version ] && exit 0
while [ "$1" != --dest ]; do shift; done
mkdir -p "$2" && echo "another wheel" > "$2/another.whl"
`)
	failing := script(t, filepath.Join(tools, "failing"), `[ "$3" = --version ]`)
	for _, library := range []struct{ name, file, variable string }{
		{"onnxruntime", "libonnxruntime.so.1.32.0", "CTCOHORT_ONNXRUNTIME"},
		{"openvino", "libonnxruntime.so.1.24.1", "CTCOHORT_ONNXRUNTIME"},
		{"codecs", "libopenjp2-7e27257a.so.2.5.4", "CTCOHORT_CODECS"},
		{"duckdb", "duckdb", "CTCOHORT_DUCKDB"},
	} {
		pins, err := os.ReadFile(filepath.Join("..", "wheels", library.name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		sha := regexp.MustCompile(`[0-9a-f]{64}`).FindString(string(pins))
		tests := []struct {
			name, machine, python string
			prepared              []string
			want                  string
		}{
			{"what is pinned is there", "x86_64", "none", []string{library.file, "WHEEL_SHA256"}, ""},
			{"the library is gone", "x86_64", failing, []string{"WHEEL_SHA256"}, "pip could not bring"},
			{"another architecture", "aarch64", "none", nil, "is for Linux x86_64, and this is Linux aarch64"},
			{"another architecture is told what to set", "aarch64", "none", nil, library.variable},
			{"no pip", "x86_64", filepath.Join(tools, "none"), nil, "with pip is needed"},
			{"pip fails", "x86_64", failing, nil, "pip could not bring"},
			{"another wheel than pinned", "x86_64", wrongWheel, nil, "pinned is " + sha},
		}
		for _, tt := range tests {
			t.Run(library.name+": "+tt.name, func(t *testing.T) {
				root := t.TempDir()
				dir := filepath.Join(root, library.name)
				for _, file := range tt.prepared {
					if err := os.MkdirAll(dir, 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(filepath.Join(dir, file), []byte(sha+"\n"), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				script(t, filepath.Join(root, "uname"), `[ "$1" = -s ] && echo Linux || echo `+tt.machine)
				cmd := exec.Command("sh", "../wheels/fetch.sh", library.name, dir)
				cmd.Env = append(os.Environ(), "PYTHON="+tt.python, "PATH="+root+":"+os.Getenv("PATH"))
				out, err := cmd.CombinedOutput()
				if (err == nil) != (tt.want == "") || !strings.Contains(string(out), tt.want) {
					t.Errorf("fetch.sh %s: %v\n%s\nwant %q", library.name, err, out, tt.want)
				}
				if left, _ := filepath.Glob(filepath.Join(root, "."+library.name+".*")); len(left) > 0 {
					t.Errorf("fetch.sh left %v behind", left)
				}
				if _, err := os.Stat(dir); tt.prepared == nil && err == nil {
					t.Error("fetch.sh made a folder without the library")
				}
			})
		}
	}
}
