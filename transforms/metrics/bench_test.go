package metrics

import (
	"testing"

	"ctcohort/model/volume"
)

// thorax is a label map of 320×320×300 voxels of 1 mm: two lungs of 2.4 l with lesions.
func thorax(shift float64) *volume.Volume[uint8] {
	s := newShape([3]int{320, 320, 300}, [3]float64{1, 1, 1})
	for _, side := range []float64{90, 230} {
		for i := range 7 {
			s.ball(1, [3]float64{side + shift, 160, 70 + 28*float64(i)}, 62)
		}
		s.ball(2, [3]float64{side + shift, 200, 80}, 14)
		s.ball(2, [3]float64{side - 20, 190 + 2*shift, 170}, 25)
	}
	return s.ball(2, [3]float64{60 + shift*12, 120, 220}, 6).Volume
}

func BenchmarkCompute(b *testing.B) {
	prediction, reference := thorax(0.6), thorax(0)
	hu := volume.New[int16](prediction.Grid)
	for b.Loop() {
		Compute(prediction, reference, hu)
	}
}
