package onnx

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
)

func sumOf(tb testing.TB, name string) string {
	return fmt.Sprintf("%x", sha256.Sum256(testModel(tb, name)))
}

// TestNamedProviderIsNeverReplaced opens the model on each provider by name:
// either it runs there, or there is one line that says what to do.
func TestNamedProviderIsNeverReplaced(t *testing.T) {
	lib := library(t)
	for p, brings := range map[string]string{CUDA: "CUDA and cuDNN", TensorRT: "CUDA, cuDNN and TensorRT", OpenVINO: "make openvino"} {
		t.Run(p, func(t *testing.T) {
			s, err := Open(testModel(t, "tiny"), Options{Library: lib, Provider: p})
			if err == nil {
				defer s.Close()
				if s.Provider() != p {
					t.Fatalf("Provider() = %q, want %q", s.Provider(), p)
				}
				return
			}
			if !errors.Is(err, ErrProvider) {
				t.Errorf("Open = %v, want ErrProvider", err)
			}
			for _, part := range []string{p, brings, LibraryEnv, "provider cpu"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("Open = %q; want it to hold %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("Open = %q; want one line", err)
			}
			t.Log(err)
		})
	}
}

func TestAutoSaysWhatItTook(t *testing.T) {
	s := openTiny(t, Options{})
	if !strings.HasPrefix(s.Reason(), "chosen by auto") {
		t.Errorf("Reason() = %q, want one that names auto", s.Reason())
	}
	if want := "no cuda (CUDA execution provider is not enabled in this build)"; s.Provider() != CUDA && !strings.Contains(s.Reason(), want) {
		t.Errorf("Reason() = %q, want it to hold %q", s.Reason(), want)
	}
	if s.Provider() == CPU && !strings.Contains(s.Reason(), "; no openvino (") {
		t.Errorf("Reason() = %q for the CPU, want why it is not OpenVINO", s.Reason())
	}
	if _, err := s.Run(make([]float32, 512), 1, [3]int{8, 8, 8}); err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}

func TestUnknownProvider(t *testing.T) {
	_, err := Open(nil, Options{Provider: "rocm", Threads: -1})
	want := []string{`provider is "rocm"; it wants one of auto, cpu, cuda, tensorrt, openvino`, "threads is -1"}
	for _, part := range want {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("Open = %v; want it to hold %q", err, part)
		}
	}
}

func TestOptionsOfProviders(t *testing.T) {
	size := [3]int{64, 48, 32}
	known := placement{device: 2, batch: 4, limitMiB: 3, precision: "fp16"}
	unknown := placement{batch: 1, precision: "fp32"}
	tests := []struct {
		name      string
		got, want map[string]string
	}{
		{"cuda", cudaOptions(known), map[string]string{"device_id": "2", "use_tf32": "0", "arena_extend_strategy": "kSameAsRequested", "gpu_mem_limit": "3145728"}},
		{"cuda, memory unknown", cudaOptions(unknown), map[string]string{"device_id": "0", "use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"}},
		{"tensorrt", tensorRTOptions(known, size), map[string]string{
			"device_id": "2", "trt_fp16_enable": "1", "trt_max_workspace_size": "3145728",
			"trt_profile_min_shapes": "hu:1x1x32x48x64", "trt_profile_opt_shapes": "hu:4x1x32x48x64", "trt_profile_max_shapes": "hu:4x1x32x48x64",
		}},
		{"openvino", openVINOOptions(placement{threads: 6, runs: 3}), map[string]string{"device_type": "CPU", "precision": "ACCURACY", "num_of_threads": "6", "num_streams": "3"}},
	}
	for _, tt := range tests {
		if !maps.Equal(tt.got, tt.want) {
			t.Errorf("%s: options = %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}
