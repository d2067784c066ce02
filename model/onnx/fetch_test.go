package onnx

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

// TestFetch runs fetch.sh with stand-ins for uname and pip, without a network.
func TestFetch(t *testing.T) {
	pins, err := os.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	sha := regexp.MustCompile(`[0-9a-f]{64}`).FindString(string(pins))
	tools := t.TempDir()
	wrongWheel := script(t, filepath.Join(tools, "wrong-wheel"), `
[ "$2" = pip ] || exec python3 "$@"
[ "$3" = --version ] && exit 0
while [ "$1" != --dest ]; do shift; done
mkdir -p "$2" && echo "another wheel" > "$2/onnxruntime.whl"
`)
	failing := script(t, filepath.Join(tools, "failing"), `[ "$3" = --version ]`)
	tests := []struct {
		name, machine, python string
		prepared              bool
		want                  string
	}{
		{"what is pinned is there", "x86_64", "none", true, ""},
		{"another architecture", "aarch64", "none", false, "is for Linux x86_64, and this is Linux aarch64"},
		{"no pip", "x86_64", filepath.Join(tools, "none"), false, "with pip is needed"},
		{"pip fails", "x86_64", failing, false, "pip could not bring onnxruntime=="},
		{"another wheel than pinned", "x86_64", wrongWheel, false, "pinned is " + sha},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "onnxruntime")
			if tt.prepared {
				version := regexp.MustCompile(`onnxruntime==(\S+)`).FindStringSubmatch(string(pins))[1]
				touch(t, filepath.Join(dir, "libonnxruntime.so."+version))
				if err := os.WriteFile(filepath.Join(dir, "WHEEL_SHA256"), []byte(sha+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			script(t, filepath.Join(root, "uname"), `[ "$1" = -s ] && echo Linux || echo `+tt.machine)
			cmd := exec.Command("sh", "fetch.sh", dir)
			cmd.Env = append(os.Environ(), "PYTHON="+tt.python, "PATH="+root+":"+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if (err == nil) != (tt.want == "") || !strings.Contains(string(out), tt.want) {
				t.Errorf("fetch.sh: %v\n%s\nwant %q", err, out, tt.want)
			}
			if left, _ := filepath.Glob(filepath.Join(root, ".onnxruntime.*")); len(left) > 0 {
				t.Errorf("fetch.sh left %v behind", left)
			}
			if _, err := os.Stat(dir); !tt.prepared && err == nil {
				t.Error("fetch.sh made a folder without the library")
			}
		})
	}
}
