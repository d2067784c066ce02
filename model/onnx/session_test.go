package onnx

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"ctcohort/model"
	"ctcohort/model/volume"
)

// library returns ONNX Runtime's library, or skips the test.
func library(tb testing.TB) string {
	tb.Helper()
	lib, err := FindLibrary("", Auto)
	if err != nil {
		tb.Skipf("SKIPPED, for want of ONNX Runtime: %v", err)
	}
	return lib
}

func testModel(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".onnx"))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func openTiny(tb testing.TB, o Options) *Session {
	tb.Helper()
	o.Library = library(tb)
	s, err := Open(testModel(tb, "tiny"), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func TestOpenReadsTheContract(t *testing.T) {
	s := openTiny(t, Options{Provider: CPU, Threads: 3})
	want := model.Spec{
		Name: "tiny", Network: "threshold", Width: 1,
		SpacingMM: [3]float64{3, 3, 3}, WindowHU: [2]float64{-1250, 250}, PatchSize: [3]int{16, 8, 24},
		Classes: []string{"background", "lung", "infection"},
	}
	got := s.Spec()
	if !slices.Equal(got.Classes, want.Classes) {
		t.Errorf("Spec().Classes = %v, want %v", got.Classes, want.Classes)
	}
	got.Classes, want.Classes = nil, nil
	if got.Name != want.Name || got.Network != want.Network || got.Width != want.Width ||
		got.SpacingMM != want.SpacingMM || got.WindowHU != want.WindowHU || got.PatchSize != want.PatchSize {
		t.Errorf("Spec() = %+v, want %+v", got, want)
	}
	if s.Provider() != CPU || s.Reason() != "as asked, 3 windows at once on 3 threads" {
		t.Errorf("Provider() = %q (%s), want cpu, as asked, 3 windows on 3 threads", s.Provider(), s.Reason())
	}
	if s.Runs() != 3 {
		t.Errorf("Runs() = %d, want one a thread, 3", s.Runs())
	}
	if got, want := s.SHA256(), sumOf(t, "tiny"); got != want {
		t.Errorf("SHA256() = %s, want %s", got, want)
	}
	if v := Version(); !strings.HasPrefix(v, "1.") {
		t.Errorf("Version() = %q, want 1.…", v)
	}
}

// TestOpenRefuses has one model for each thing that can be wrong with a file.
func TestOpenRefuses(t *testing.T) {
	lib := library(t)
	whole := testModel(t, "tiny")
	tests := []struct {
		name  string
		model []byte
		want  []string
	}{
		{"empty", nil, []string{"the file is empty"}},
		{"not ONNX", []byte("a text that is no protocol buffer"), []string{"no ONNX model", "train/export.py"}},
		{"cut short", whole[:len(whole)/3], []string{"no ONNX model", "Is the file whole"}},
		{"a later opset", testModel(t, "opset_99"), []string{"can read (ONNX Runtime only *guarantees* support", "Opset 99"}},
		{"no metadata", testModel(t, "no_metadata"), []string{"ctcohort.format is missing", "ctcohort.classes is missing", "train/export.py"}},
		{"two faults in the metadata", testModel(t, "bad_metadata"), []string{"ctcohort.patch_size holds 20", `ctcohort.spacing_mm is "3,3"`}},
		{"another input name", testModel(t, "input_name"), []string{`input is Tensor "image"`, `it wants one, "hu"`}},
		{"two inputs", testModel(t, "input_count"), []string{"the model has 2 inputs", `it wants one, "hu"`}},
		{"another output name", testModel(t, "output_name"), []string{`output is Tensor "labels"`, `it wants one, "probabilities"`}},
		{"int16 for an input", testModel(t, "int16_input"), []string{`input is Tensor "hu"`, "INT16", "float32"}},
		{"a fixed batch", testModel(t, "fixed_batch"), []string{"with N, Z, Y and X left open"}},
		{"more classes than names", testModel(t, "four_classes"), []string{"output has 4 classes and its metadata name 3 (background, lung, infection)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Open(tt.model, Options{Library: lib, Provider: CPU})
			if err == nil {
				s.Close()
				t.Fatalf("Open = nil error, want %q", tt.want)
			}
			for _, part := range append(tt.want, "opening the model: ") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("Open = %q; want it to hold %q", err, part)
				}
			}
			t.Log(err)
		})
	}
}

func TestRunComputesSoftmax(t *testing.T) {
	s := openTiny(t, Options{Provider: CPU})
	size := [3]int{8, 16, 8}
	n := size[0] * size[1] * size[2]
	hu := make([]float32, 2*n)
	for i := range hu {
		hu[i] = float32(i%1400) - 1024
	}
	got, err := s.Run(hu, 2, size)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2*3*n {
		t.Fatalf("Run returned %d probabilities, want %d", len(got), 2*3*n)
	}
	for i, h := range hu {
		logits := [3]float64{0, -0.1*float64(h) - 40, -0.05*float64(h) - 10}
		sum := 0.0
		for _, l := range logits {
			sum += math.Exp(l)
		}
		for c, l := range logits {
			at := (i/n)*3*n + c*n + i%n
			if want := math.Exp(l) / sum; math.Abs(float64(got[at])-want) > 1e-5 {
				t.Fatalf("window %d, class %d at %g HU: %g, want %g", i/n, c, h, got[at], want)
			}
		}
	}
}

// TestRunManyAtOnce has more callers than turns; each must get its own answer.
func TestRunManyAtOnce(t *testing.T) {
	s := openTiny(t, Options{Provider: CPU, Threads: 2})
	size := [3]int{16, 8, 24}
	var wg sync.WaitGroup
	for caller := range 8 {
		wg.Go(func() {
			hu := make([]float32, size[0]*size[1]*size[2])
			for i := range hu {
				hu[i] = []float32{-1000, -400, 40}[caller%3]
			}
			for range 5 {
				got, err := s.Run(hu, 1, size)
				if err != nil {
					t.Error(err)
					return
				}
				class := []int{1, 2, 0}[caller%3]
				if p := got[class*len(hu)+7]; p < 0.99 {
					t.Errorf("caller %d: probability of class %d = %g, want above 0.99", caller, class, p)
				}
			}
		})
	}
	wg.Wait()
}

func TestPredictThroughONNXRuntime(t *testing.T) {
	s := openTiny(t, Options{Provider: CPU, Threads: 2})
	v := volume.New[int16](volume.Grid{Size: [3]int{45, 21, 50}, SpacingMM: [3]float64{3, 3, 3}, Direction: volume.Identity()})
	for i := range v.Data {
		v.Data[i] = int16(i*7919%1300 - 1000)
	}
	labels, stats, err := model.Predict(context.Background(), s, v, model.Options{Overlap: 0.25, Workers: 2, Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	if stats.Windows != 4*4*3 {
		t.Errorf("Windows = %d, want 4×4×3", stats.Windows)
	}
	for i, h := range v.Data {
		want := uint8(0)
		switch {
		case h == -600 || h == -200:
			continue // two classes are equally probable there
		case h < -600:
			want = 1
		case h < -200:
			want = 2
		}
		if labels.Data[i] != want {
			t.Fatalf("label at %d HU = %d, want %d", h, labels.Data[i], want)
		}
	}
}

func TestClosedSessionDoesNotRun(t *testing.T) {
	s := openTiny(t, Options{Provider: CPU})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close = %v, want nil", err)
	}
	if _, err := s.Run(make([]float32, 512), 1, [3]int{8, 8, 8}); !errors.Is(err, ErrClosed) {
		t.Errorf("Run = %v, want ErrClosed", err)
	}
}
