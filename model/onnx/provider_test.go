package onnx

import (
	"crypto/sha256"
	"errors"
	"fmt"
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
	for _, p := range []string{CUDA, TensorRT, OpenVINO} {
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
			for _, part := range []string{p, wheelOf[p], LibraryEnv, "provider cpu"} {
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
	if s.Provider() == CPU && s.Reason() != "chosen by auto; no cuda; no openvino" {
		t.Errorf("Reason() = %q for the CPU, want what was passed over", s.Reason())
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

func TestSettled(t *testing.T) {
	tests := []struct {
		name             string
		options          Options
		provider         string
		wantRuns, perRun int
	}{
		{"a run a thread", Options{Threads: 4}, CPU, 4, 1},
		{"fewer runs, each with the threads left over", Options{Threads: 4, Runs: 2}, CPU, 2, 3},
		{"one run", Options{Threads: 4, Runs: 1}, CPU, 1, 4},
		{"more runs than threads", Options{Threads: 2, Runs: 5}, CPU, 5, 1},
		{"a GPU takes one after another", Options{Threads: 4}, CUDA, 1, 4},
	}
	for _, tt := range tests {
		got := tt.options.settled(tt.provider)
		if got.Runs != tt.wantRuns || got.perRun() != tt.perRun {
			t.Errorf("%s: settled = %d runs of %d threads, want %d of %d", tt.name, got.Runs, got.perRun(), tt.wantRuns, tt.perRun)
		}
	}
}
