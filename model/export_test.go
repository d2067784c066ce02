package model

import (
	"context"

	"ctcohort/model/volume"
)

// Probabilities returns what Predict takes the most probable class of: [class, z, y, x].
func Probabilities(ctx context.Context, n Network, v *volume.Volume[int16], o Options) ([]float32, error) {
	s := newSlider(flip(n, o.Flips), v, o)
	voxels, area := len(v.Data), s.size[0]*s.size[1]
	out := make([]float32, s.classes*voxels)
	return out, s.slide(ctx, func(z int, sums []float32) error {
		for i := range v.Size[0] * v.Size[1] {
			x, y := i%v.Size[0], i/v.Size[0]
			at, total := (y+s.before[1])*s.size[0]+x+s.before[0], float32(0)
			for c := range s.classes {
				total += sums[c*area+at]
			}
			for c := range s.classes {
				out[c*voxels+z*v.Size[0]*v.Size[1]+i] = sums[c*area+at] / total
			}
		}
		return nil
	})
}
