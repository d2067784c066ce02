package onnx

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestOpenVINO runs this test binary again with the library of `make openvino`,
// or what CTCOHORT_ONNXRUNTIME names, for a process has one: all tests of a session by
// auto, and the comparison with the CPU.
func TestOpenVINO(t *testing.T) {
	if os.Getenv("TEST_OPENVINO") != "" {
		equalsCPU(t)
		return
	}
	lib, err := withOpenVINO.Find("")
	if err != nil {
		t.Skipf("SKIPPED, for want of OpenVINO: %v", err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.v", "-test.run=^(TestOpenVINO|TestRun.*|TestPredict.*|TestAuto.*|TestOpenRefuses|TestClosed.*)$")
	cmd.Env = append(os.Environ(), "TEST_OPENVINO=1", LibraryEnv+"="+lib)
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		t.Errorf("with OpenVINO: %v\n%s", err, out)
	case strings.Contains(string(out), noOpenVINO):
		t.Skipf("SKIPPED, for want of OpenVINO: %s has none; run `make openvino`", filepath.Base(lib))
	}
}

const noOpenVINO = "the library has no OpenVINO"

// equalsCPU compares the committed network's probabilities, of several windows at once.
func equalsCPU(t *testing.T) {
	network, err := os.ReadFile("../../train/models/covid_segnet_w8_demo.onnx")
	if err != nil {
		t.Fatal(err)
	}
	fast, err := Open(network, Options{Provider: OpenVINO, Threads: 2})
	if errors.Is(err, ErrProvider) {
		t.Skip(noOpenVINO)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer fast.Close()
	plain, err := Open(network, Options{Provider: CPU, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if fast.Provider() != OpenVINO {
		t.Fatalf("Provider() = %q", fast.Provider())
	}
	t.Log(fast.Reason())
	size := [3]int{32, 24, 16}
	var windows sync.WaitGroup
	for window := range 3 {
		windows.Go(func() {
			hu := make([]float32, size[0]*size[1]*size[2])
			for i := range hu {
				hu[i] = float32(i*(7919+window)%1400) - 1024
			}
			got, err := fast.Run(hu, 1, size)
			if err != nil {
				t.Error(err)
				return
			}
			want, err := plain.Run(hu, 1, size)
			if err != nil {
				t.Error(err)
				return
			}
			worst := 0.0
			for i := range want {
				worst = max(worst, math.Abs(float64(got[i])-float64(want[i])))
			}
			if !(worst <= 1e-4) {
				t.Errorf("window %d: max |Δp| = %g between OpenVINO and the CPU, want 1e-4 at most", window, worst)
			}
			t.Logf("window %d: max |Δp| = %.2g", window, worst)
		})
	}
	windows.Wait()
}
