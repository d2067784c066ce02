package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/model/onnx"
)

// testdata returns the absolute path of one of the small models of package onnx.
func testdata(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "model", "onnx", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPlanStopsWhereInferenceWouldFail has each thing that can be wrong with a
// model, a provider or a device: plan says it before anything runs.
func TestPlanStopsWhereInferenceWouldFail(t *testing.T) {
	if _, err := onnx.FindLibrary("", onnx.CPU); err != nil {
		t.Skipf("SKIPPED, for want of ONNX Runtime: %v", err)
	}
	key := write(t, "key", goodKey, 0o600)
	tiny, err := os.ReadFile(testdata(t, "tiny.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	cut := write(t, "cut.onnx", string(tiny[:len(tiny)/2]), 0o600)
	notAvailable := "execution provider not available: "
	for _, tt := range []struct {
		name, model, inference, want string
		line                         bool // the message is one line
	}{
		{"no CUDA", testdata(t, "tiny.onnx"), "provider: cuda", notAvailable + "cuda: CUDA execution provider is not enabled in this build. Name the library of the wheel onnxruntime-gpu", true},
		{"no TensorRT", testdata(t, "tiny.onnx"), "provider: tensorrt", notAvailable + "tensorrt: TensorRT execution provider is not enabled in this build. Name the library of the wheel onnxruntime-gpu", true},
		{"a provider that is none", testdata(t, "tiny.onnx"), "provider: rocm", `inference.provider is "rocm"; it must be one of auto, cpu, cuda, tensorrt, openvino`, true},
		{"no file in half precision", testdata(t, "four_classes.onnx"), "precision: fp16", "four_classes_fp16.onnx is not there beside it", true},
		{"a corrupt model", cut, "provider: cpu", "this is no ONNX model that the runtime can read", true},
		{"another opset", testdata(t, "opset_99.onnx"), "provider: cpu", "Opset 99 is under development", true},
		{"other inputs", testdata(t, "input_name.onnx"), "provider: cpu", `the model's input is Tensor "image"`, true},
		{"without metadata", testdata(t, "no_metadata.onnx"), "provider: cpu", "ctcohort.spacing_mm is missing", false},
		{"two models of one name", testdata(t, "tiny.onnx") + ", " + testdata(t, "tiny.onnx"), "provider: cpu}\nvolume: {spacing_mm: [3, 3, 3]", "another model of the run is called tiny too", true},
		{"another spacing", testdata(t, "tiny.onnx"), "provider: cpu", "was trained at [3 3 3] mm and volume.spacing_mm is [1 1 1]: set it to the model's", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := "output: " + t.TempDir() + "\ndeidentification: {key: 'file:" + key + "'}\ncohorts: [{name: china, archive: " + archive(t) + "}]\n" +
				"inference: {models: [" + tt.model + "], " + tt.inference + "}\n"
			status, stdout, stderr := command(t, "plan", "--config", write(t, "run.yaml", config, 0o600))
			if status != exitUsage || stdout != "" || !strings.Contains(stderr, tt.want) {
				t.Errorf("plan: status %d, stdout %q, stderr %q; want %d and %q", status, stdout, stderr, exitUsage, tt.want)
			}
			if lines := strings.Count(strings.TrimSpace(stderr), "\n") + 1; tt.line && tt.name != "a provider that is none" && lines != 1 {
				t.Errorf("plan says it in %d lines: %q", lines, stderr)
			}
			t.Log(strings.TrimSpace(stderr))
		})
	}
}

func TestFlagsOfInference(t *testing.T) {
	empty := t.TempDir()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--flip", "w"}, `inference.flips.0 is "w"; it must be one of x, y, z`},
		{[]string{"--flip", "x", "--flip", "x"}, "inference.flips has x twice"},
		{[]string{"--devices", "0,one"}, `"one" in "0,one" is not a whole number`},
		{[]string{"--devices", "0,-1"}, "inference.devices.1 is -1"},
		{[]string{"--batch", "-2"}, "inference.batch is -2"},
		{[]string{"--precision", "half"}, `inference.precision is "half"; it must be one of auto, fp32, fp16`},
		{[]string{"--provider", "gpu"}, `inference.provider is "gpu"`},
		{[]string{"--overlap", "1"}, "inference.overlap is 1"},
		{[]string{"--lung-box=maybe"}, `"maybe" is neither true nor false`},
	} {
		status, _, stderr := command(t, append([]string{"infer", "--in", empty, "--model", "m.onnx"}, tt.args...)...)
		if status != exitUsage || !strings.Contains(stderr, tt.want) {
			t.Errorf("infer %s: status %d, stderr %q; want %d and %q", strings.Join(tt.args, " "), status, stderr, exitUsage, tt.want)
		}
	}
}
