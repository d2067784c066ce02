package onnx

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/model"
)

// nvidiaSMI puts a stand-in for the driver's tool first in PATH: it prints lines
// and ends with a status.
func nvidiaSMI(t *testing.T, status string, lines ...string) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\ncat <<'END'\n" + strings.Join(append(lines, "END"), "\n") + "\nexit " + status + "\n"
	if err := os.WriteFile(filepath.Join(dir, "nvidia-smi"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

var twoGPUs = []string{"GPU-aa11, NVIDIA A, 24000, 20000", "GPU-bb22, NVIDIA B, 80000, 70000"}

func TestGPUs(t *testing.T) {
	tests := []struct {
		name    string
		lines   []string
		status  string
		visible string // CUDA_VISIBLE_DEVICES; "unset" is none
		want    []string
		wantErr string
	}{
		{"all", twoGPUs, "0", "unset", []string{"NVIDIA A", "NVIDIA B"}, ""},
		{"one by index", twoGPUs, "0", "1", []string{"NVIDIA B"}, ""},
		{"another order, by the beginning of an ID too", twoGPUs, "0", "GPU-bb,0", []string{"NVIDIA B", "NVIDIA A"}, ""},
		{"what is not there ends the list", twoGPUs, "0", "0,7,1", []string{"NVIDIA A"}, ""},
		{"hidden", twoGPUs, "0", "", nil, "no GPU is visible"},
		{"hidden by -1", twoGPUs, "0", "-1", nil, "no GPU is visible"},
		{"none", nil, "0", "unset", nil, "no GPU is visible"},
		{"a driver that fails", nil, "9", "unset", nil, "no GPU is visible here: nvidia-smi: exit status 9"},
		{"no figures", []string{"GPU-aa11, NVIDIA A, [N/A], [N/A]"}, "0", "unset", nil, `says "[N/A], [N/A]" of a device's memory`},
		{"words", []string{"No devices were found"}, "0", "unset", nil, `says "No devices were found"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			nvidiaSMI(t, tt.status, tt.lines...)
			t.Setenv("CUDA_VISIBLE_DEVICES", tt.visible)
			if tt.visible == "unset" {
				os.Unsetenv("CUDA_VISIBLE_DEVICES")
			}
			gpus, err := GPUs()
			if (err == nil) != (tt.wantErr == "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Fatalf("GPUs() = %v, want %q", err, tt.wantErr)
			}
			var got []string
			for _, g := range gpus {
				got = append(got, g.Name)
			}
			if strings.Join(got, ",") != strings.Join(tt.want, ",") {
				t.Errorf("GPUs() = %v, want %v", got, tt.want)
			}
		})
	}
}

// spec64 is the paper's network: a window takes 8 × 64 layers of 4 MiB, 2 GiB.
var spec64 = model.Spec{Name: "w64", Width: 64, PatchSize: [3]int{128, 128, 64}, Precision: "fp32"}

func TestPlace(t *testing.T) {
	half := spec64
	half.Precision = "fp16"
	tests := []struct {
		name     string
		spec     model.Spec
		provider string
		o        Options
		want     placement
	}{
		{"0.9 × 20000 MiB hold 5 windows of 3 GiB", spec64, CUDA, Options{}, placement{runs: 1, batch: 5, limitMiB: 18000}},
		{"in half precision more than 8, of which 8", half, TensorRT, Options{}, placement{runs: 1, batch: 8, limitMiB: 18000}},
		{"two models share", spec64, CUDA, Options{Models: 2}, placement{runs: 1, batch: 2, limitMiB: 9000}},
		{"the second device", spec64, CUDA, Options{Device: 1}, placement{device: 1, runs: 1, batch: 8, limitMiB: 63000}},
		{"a batch that is asked for", spec64, CUDA, Options{Batch: 3}, placement{runs: 1, batch: 3, limitMiB: 18000}},
		{"runs that are asked for", spec64, CPU, Options{Threads: 4, Runs: 3}, placement{runs: 3, batch: 1}},
	}
	nvidiaSMI(t, "0", twoGPUs...)
	os.Unsetenv("CUDA_VISIBLE_DEVICES")
	for _, tt := range tests {
		got, err := place(tt.provider, tt.spec, tt.o)
		if err != nil || got.device != tt.want.device || got.runs != tt.want.runs || got.batch != tt.want.batch || got.limitMiB != tt.want.limitMiB {
			t.Errorf("%s: place = %+v, %v; want device, runs, batch, limit of %+v", tt.name, got, err, tt.want)
		}
	}
}

func TestPlaceSaysWhatItChose(t *testing.T) {
	t.Run("known", func(t *testing.T) {
		nvidiaSMI(t, "0", twoGPUs...)
		os.Unsetenv("CUDA_VISIBLE_DEVICES")
		if p, err := place(CUDA, spec64, Options{}); err != nil || p.note != "device 0 (NVIDIA A), 5 windows a run in at most 18000 MiB" {
			t.Errorf("place = %q, %v", p.note, err)
		}
	})
	t.Run("a device too small", func(t *testing.T) {
		nvidiaSMI(t, "0", "GPU-aa11, NVIDIA A, 4000, 3000")
		_, err := place(CUDA, spec64, Options{})
		if want := "cuda: a window of w64 takes about 3072 MiB, and of the 4000 MiB of NVIDIA A 3000 are free"; !errors.Is(err, ErrProvider) || !strings.Contains(err.Error(), want) {
			t.Errorf("place = %v; want %q", err, want)
		}
	})
	t.Run("a device that is not there", func(t *testing.T) {
		nvidiaSMI(t, "0", twoGPUs...)
		_, err := place(CUDA, spec64, Options{Device: 2})
		if want := "cuda: device 2 is not there: 2 are visible"; !errors.Is(err, ErrProvider) || !strings.Contains(err.Error(), want) {
			t.Errorf("place = %v; want %q", err, want)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		nvidiaSMI(t, "9")
		p, err := place(CUDA, spec64, Options{})
		if err != nil || p.batch != 1 || p.limitMiB != 0 || !strings.Contains(p.note, "its memory unknown") {
			t.Errorf("place = %+v, %v; want one window, no limit, and to say so", p, err)
		}
	})
}

func TestFitCPU(t *testing.T) {
	tests := []struct {
		name    string
		freeMiB float64
		threads int
		want    int
	}{
		{"memory for more runs than threads", 64 << 10, 4, 4},
		{"memory for two windows of 2 GiB", 9 << 10, 16, 2},
		{"too little for one, which runs all the same", 100, 16, 1},
		{"memory unknown", math.Inf(1), 16, 16},
	}
	for _, tt := range tests {
		if got := fitCPU(tt.freeMiB, spec64, tt.threads); got != tt.want {
			t.Errorf("%s: fitCPU = %d, want %d", tt.name, got, tt.want)
		}
	}
	if free := freeMemoryMiB(); !(free > 1 && free < 1<<30) {
		t.Errorf("freeMemoryMiB() = %g on this machine", free)
	}
}

func TestPerRun(t *testing.T) {
	for _, tt := range []struct {
		name                string
		threads, runs, want int
	}{
		{"a run a thread", 4, 4, 1},
		{"fewer runs, each with the threads left over", 4, 2, 3},
		{"one run", 4, 1, 4},
		{"more runs than threads", 2, 5, 1},
	} {
		if got := (placement{threads: tt.threads, runs: tt.runs}).perRun(); got != tt.want {
			t.Errorf("%s: perRun = %d, want %d", tt.name, got, tt.want)
		}
	}
}
