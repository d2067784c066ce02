package test

import (
	"path/filepath"
	"testing"

	"ctcohort/configs"
	"ctcohort/pipelines"
	"ctcohort/schemas"
	"ctcohort/test/phantom"
)

// thresholding is a network that looks at each voxel alone, in an instant.
const thresholding = "../model/onnx/testdata/tiny.onnx"

// TestInferenceOptions segments two phantoms again and again: neither the number of
// volumes in flight nor mirror images change a mask, and a lung box takes fewer windows.
func TestInferenceOptions(t *testing.T) {
	slow(t)
	cfg := settings(t)
	archive := filepath.Join(t.TempDir(), "archive")
	if _, err := phantom.Generate(t.Context(), phantom.Options{Out: archive, Patients: 3, Seed: 5, Size: 96, MaxSlices: 64, Cohort: phantom.China, NoBad: true}); err != nil {
		t.Fatal(err)
	}
	cfg.Cohorts = []configs.Cohort{{Name: phantom.China, Archive: archive}}
	cfg.Inference.Models = []string{thresholding}
	cfg.Inference.DICOMSeg, cfg.Inference.SourceMasks = false, false
	stages(t, pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output}, "anonymise", "resample", "split")
	run := func(change func(*configs.Inference), workers int) map[string]schemas.Prediction {
		c := cfg
		c.Workers = workers
		change(&c.Inference)
		stages(t, pipelines.Job{Config: c, In: c.Output, Out: c.Output, Force: true}, "infer")
		found := map[string]schemas.Prediction{}
		for _, p := range rows[schemas.Prediction](t, c.Output) {
			found[p.SeriesUID] = p
		}
		return found
	}
	plain := run(func(*configs.Inference) {}, 1)
	if len(plain) < 3 {
		t.Fatalf("%d predictions, want one a patient at least", len(plain))
	}
	for name, again := range map[string]map[string]schemas.Prediction{
		"three volumes in flight": run(func(*configs.Inference) {}, 3),
		"mirror images":           run(func(i *configs.Inference) { i.Flips = []string{"x", "z"} }, 0),
		"batches of three":        run(func(i *configs.Inference) { i.Batch = 3 }, 0),
	} {
		for series, p := range plain {
			if again[series].MaskSHA256 != p.MaskSHA256 || again[series].Windows != p.Windows {
				t.Errorf("%s: another mask or number of windows", name)
			}
		}
	}
	fewer := 0
	for series, boxed := range run(func(i *configs.Inference) { i.LungBox = true }, 0) {
		if boxed.Windows < plain[series].Windows {
			fewer++
		}
		if boxed.Windows > plain[series].Windows || boxed.Windows == 0 {
			t.Errorf("%d windows near the lungs, and %d in the body", boxed.Windows, plain[series].Windows)
		}
		if boxed.Provider != plain[series].Provider || boxed.Provider == "" {
			t.Errorf("provider %q", boxed.Provider)
		}
	}
	if fewer == 0 {
		t.Error("a lung box saves no window in any volume")
	}
}
