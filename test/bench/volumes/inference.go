package main

import (
	"context"
	"encoding/json"
	"os"

	"ctcohort/model"
	"ctcohort/model/onnx"
)

// open opens an ONNX model on a provider with so many threads and runs at once; 0 is
// what the provider chooses.
func (s *session) open(text []string, n []float64) (err error) {
	data, err := os.ReadFile(text[0])
	if err != nil {
		return err
	}
	if s.network != nil {
		if err := s.network.Close(); err != nil {
			return err
		}
	}
	s.network, err = onnx.Open(data, onnx.Options{Provider: text[1], Threads: int(n[0]), Runs: int(n[1])})
	return err
}

// predict segments what was loaded: all as MONAI does, plain with what lies outside the
// body dropped, skip for windows in the body alone, or box for those near the lungs alone.
func (s *session) predict(how []string, n []float64) error {
	o := model.Options{
		Overlap: n[0], Workers: s.network.Runs() + 1, Batch: s.network.Batch(), SkipAir: how[0] == "skip" || how[0] == "box", LungBox: how[0] == "box",
		KeepBody: how[0] != "all", MinLungML: model.DefaultOptions.MinLungML,
	}
	before := s.network.Seconds()
	labels, stats, err := model.Predict(context.Background(), s.network, s.in, o)
	s.mask, s.stats = labels, map[string]any{
		"windows": stats.Windows - stats.Skipped, "engine_seconds": s.network.Seconds() - before, "other_seconds": stats.OtherSeconds,
		"chosen": s.network.Reason(),
	}
	return err
}

// saveMask writes the labels of the last predict, and its figures as FILE.json.
func (s *session) saveMask(file []string, _ []float64) error {
	figures, err := json.Marshal(s.stats)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file[0]+".json", figures, 0o600); err != nil {
		return err
	}
	return os.WriteFile(file[0], s.mask.Data, 0o600)
}
