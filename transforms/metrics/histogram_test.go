package metrics

import (
	"math"
	"testing"

	"ctcohort/model/volume"
	"ctcohort/schemas"
)

func TestHistograms(t *testing.T) {
	s := newShape([3]int{9, 1, 1}, [3]float64{1, 2, 5}) // 0.01 ml a voxel
	hu := volume.New[int16](s.Grid)
	copy(s.Data, []uint8{0, 1, 1, 1, 2, 2, 2, 1, 2})
	copy(hu.Data, []int16{-850, -850, -801, -800, -1, 0, 49, math.MinInt16, math.MaxInt16})
	got := Histograms(s.Volume, hu, schemas.Prediction{Cohort: "c", ModelName: "m"}, "test")
	want := []struct {
		label    string
		low      int32
		hundreds float64 // of a millilitre
	}{
		{Lung, -32800, 1}, {Lung, -850, 2}, {Lung, -800, 1}, {Lung, -50, 1}, {Lung, 0, 2}, {Lung, 32750, 1},
		{Infection, -50, 1}, {Infection, 0, 2}, {Infection, 32750, 1},
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if g := got[i]; g.Label != w.label || g.LowHU != w.low || g.HighHU != w.low+BinHU || math.Abs(g.VolumeML-w.hundreds/100) > 1e-12 || g.Split != "test" || g.ModelName != "m" {
			t.Errorf("row %d is %+v, want %+v", i, g, w)
		}
	}
}
