package transforms

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/model/onnx"
)

// modelFiles copies test models under other names into a folder.
func modelFiles(t *testing.T, names map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, from := range names {
		data, err := os.ReadFile(filepath.Join("..", "model", "onnx", "testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpenModelByPrecision(t *testing.T) {
	if _, err := onnx.FindLibrary("", onnx.CPU); err != nil {
		t.Skipf("SKIPPED, for want of ONNX Runtime: %v", err)
	}
	tests := []struct {
		name, precision, uri string
		files                map[string]string
		want                 string // of the error, or "" and the model's name
		model                string
	}{
		{"auto on the CPU takes the file named", "auto", "a.onnx", map[string]string{"a.onnx": "tiny.onnx", "a_fp16.onnx": "tiny_fp16.onnx"}, "", "tiny"},
		{"fp32 takes it", "fp32", "a.onnx", map[string]string{"a.onnx": "tiny.onnx", "a_fp16.onnx": "tiny_fp16.onnx"}, "", "tiny"},
		{"fp16 takes the other", "fp16", "a.onnx", map[string]string{"a.onnx": "tiny.onnx", "a_fp16.onnx": "tiny_fp16.onnx"}, "", "tiny_fp16"},
		{"or is named itself", "fp16", "a_fp16.onnx", map[string]string{"a_fp16.onnx": "tiny_fp16.onnx"}, "", "tiny_fp16"},
		{"none in half precision", "fp16", "a.onnx", map[string]string{"a.onnx": "tiny.onnx"}, "a_fp16.onnx is not there beside it: export the model with --precision fp16", ""},
		{"of another network", "fp16", "a.onnx", map[string]string{"a.onnx": "tiny.onnx", "a_fp16.onnx": "wide_fp16.onnx"}, "a_fp16.onnx beside it is another network, threshold of width 2", ""},
		{"not there at all", "auto", "a.onnx", nil, "reading model", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := modelFiles(t, tt.files)
			m, err := OpenModel(t.Context(), filepath.Join(dir, tt.uri), Inference{Provider: onnx.CPU, Precision: tt.precision, Models: []string{tt.uri}}, 0)
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("OpenModel = %v; want %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if m.Spec().Name != tt.model {
				t.Errorf("OpenModel opened %s, want %s", m.Spec().Name, tt.model)
			}
		})
	}
}

func TestHalfOf(t *testing.T) {
	for uri, want := range map[string]string{
		"gs://b/m/net.onnx": "gs://b/m/net_fp16.onnx", "net_fp16.onnx": "", "net": "",
	} {
		if got := halfOf(uri); got != want {
			t.Errorf("halfOf(%s) = %q, want %q", uri, got, want)
		}
	}
}

// TestDevicesOfARun has a stand-in for the driver's tool that lists three GPUs.
func TestDevicesOfARun(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\nfor i in 1 2 3; do echo \"GPU-$i, NVIDIA A, 24000, 20000\"; done\n"
	if err := os.WriteFile(filepath.Join(dir, "nvidia-smi"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, tt := range []struct {
		name, provider, visible string
		devices, want           []int
	}{
		{"the CPU is one", onnx.CPU, "0,1,2", nil, []int{0}},
		{"all that are visible", onnx.CUDA, "0,2", nil, []int{0, 1}},
		{"those that are named", onnx.TensorRT, "0,1,2", []int{2, 0}, []int{2, 0}},
		{"one that is named", onnx.CUDA, "0,1,2", []int{1}, []int{1}},
	} {
		t.Setenv("CUDA_VISIBLE_DEVICES", tt.visible)
		inf := Inference{Devices: tt.devices}
		got := append([]int{inf.FirstDevice()}, inf.otherDevices(tt.provider)...)
		if len(got) != len(tt.want) || got[0] != tt.want[0] || got[len(got)-1] != tt.want[len(got)-1] {
			t.Errorf("%s: devices %v, want %v", tt.name, got, tt.want)
		}
	}
}
