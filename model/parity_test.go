package model_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/model"
	"ctcohort/model/onnx"
	"ctcohort/model/volume"
)

// TestSlidingWindowEqualsPython runs the same weights with the same settings in Go
// and in Python: by formulae in numpy where CTCOHORT_PYTHON names an interpreter with
// onnxruntime, and by MONAI's sliding_window_inference where CTCOHORT_BENCH_PYTHON
// names one with MONAI, such as build/bench-venv/bin/python.
func TestSlidingWindowEqualsPython(t *testing.T) {
	if _, err := onnx.FindLibrary("", onnx.CPU); err != nil {
		t.Skipf("SKIPPED, for want of ONNX Runtime: %v", err)
	}
	for how, variable := range map[string]string{"numpy": "CTCOHORT_PYTHON", "monai": "CTCOHORT_BENCH_PYTHON"} {
		t.Run(how, func(t *testing.T) {
			python := os.Getenv(variable)
			if python == "" {
				t.Skipf("SKIPPED: %s names no Python for %s", variable, how)
			}
			for _, tt := range []struct {
				model   string
				size    [3]int
				overlap float64
				flips   string
				reason  string
			}{
				{"onnx/testdata/tiny.onnx", [3]int{41, 33, 29}, 0.25, "none", "edges that are no multiple of the step"},
				{"onnx/testdata/tiny.onnx", [3]int{9, 30, 50}, 0.5, "xz", "smaller than the patch along x, odd padding, flips"},
				{"../train/models/covid_segnet_w8_demo.onnx", [3]int{80, 50, 49}, 0.25, "none", "the committed network, 4 windows"},
			} {
				worst := difference(t, python, how, tt.model, tt.size, tt.overlap, tt.flips)
				if !(worst <= 1e-4) {
					t.Errorf("%s: max |Δp| = %g between Go and %s, want 1e-4 at most", tt.reason, worst, how)
				}
				t.Logf("%s: max |Δp| = %.1e", tt.reason, worst)
			}
		})
	}
}

// difference returns the largest difference of a probability.
func difference(t *testing.T, python, how, file string, size [3]int, overlap float64, flips string) (worst float64) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	network, err := onnx.Open(data, onnx.Options{Provider: onnx.CPU, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer network.Close()
	v := volume.New[int16](volume.Grid{Size: size, SpacingMM: network.Spec().SpacingMM, Direction: volume.Identity()})
	for i := range v.Data {
		x, y, z := i%size[0], i/size[0]%size[1], i/size[0]/size[1]
		v.Data[i] = int16(-600 + 500*math.Sin(float64(x)/7)*math.Cos(float64(y+z)/9) + float64(i*7919%200))
	}
	o := model.Options{Overlap: overlap, Workers: 2}
	for a, axis := range "xyz" {
		o.Flips[a] = strings.ContainsRune(flips, axis)
	}
	got, err := model.Probabilities(t.Context(), network, v, o)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	raw, err := binary.Append(nil, binary.LittleEndian, v.Data)
	if err != nil {
		t.Fatal(err)
	}
	in, out := filepath.Join(dir, "hu"), filepath.Join(dir, "probabilities")
	if err := os.WriteFile(in, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"testdata/sliding_window.py", how, file, in}
	for _, n := range size {
		args = append(args, fmt.Sprint(n))
	}
	if said, err := exec.Command(python, append(args, fmt.Sprint(overlap), flips, out)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", how, err, said)
	}
	if raw, err = os.ReadFile(out); err != nil {
		t.Fatal(err)
	}
	want := make([]float32, len(raw)/4)
	if _, err := binary.Decode(raw, binary.LittleEndian, want); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(got) {
		t.Fatalf("%s returned %d probabilities, Go %d", how, len(want), len(got))
	}
	for i := range got {
		worst = max(worst, math.Abs(float64(got[i])-float64(want[i])))
	}
	return worst
}
