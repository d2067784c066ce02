package main

import (
	"encoding/json"
	"os"
	"runtime"

	"ctcohort/model/volume"
	"ctcohort/transforms/metrics"
)

func (s *session) labels(files []string, n []float64) error {
	grid := volume.Grid{Size: [3]int{int(n[0]), int(n[1]), int(n[2])}, SpacingMM: [3]float64(n[3:]), Direction: volume.Identity()}
	for i, of := range []**volume.Volume[uint8]{&s.prediction, &s.reference} {
		*of = volume.New[uint8](grid)
		raw, err := os.ReadFile(files[i])
		if err != nil {
			return err
		}
		copy((*of).Data, raw)
	}
	s.in = volume.New[int16](grid)
	return nil
}

func (s *session) measure(_ []string, n []float64) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(int(n[0])))
	s.rows = metrics.Compute(s.prediction, s.reference, s.in)
	return nil
}

func (s *session) saveRows(file []string, _ []float64) error {
	data, err := json.Marshal(s.rows)
	if err != nil {
		return err
	}
	return os.WriteFile(file[0], data, 0o600)
}
