package metrics

import (
	"math/rand/v2"

	"ctcohort/model/volume"
)

// shape is a label map under construction.
type shape struct{ *volume.Volume[uint8] }

func newShape(size [3]int, spacingMM [3]float64) shape {
	return shape{volume.New[uint8](volume.Grid{Size: size, SpacingMM: spacingMM, Direction: volume.Identity()})}
}

func (s shape) set(label uint8, voxels ...[3]int) shape {
	for _, v := range voxels {
		s.Data[(v[2]*s.Size[1]+v[1])*s.Size[0]+v[0]] = label
	}
	return s
}

// cube sets the voxels from ≤ index < from+size.
func (s shape) cube(label uint8, from, size [3]int) shape {
	for z := range size[2] {
		for y := range size[1] {
			for x := range size[0] {
				s.set(label, [3]int{from[0] + x, from[1] + y, from[2] + z})
			}
		}
	}
	return s
}

// ball sets the voxels within radiusMM of a point in mm from voxel (0,0,0).
func (s shape) ball(label uint8, centreMM [3]float64, radiusMM float64) shape {
	i := 0
	for z := range s.Size[2] {
		for y := range s.Size[1] {
			for x := range s.Size[0] {
				d := square(float64(x)*s.SpacingMM[0]-centreMM[0]) + square(float64(y)*s.SpacingMM[1]-centreMM[1]) + square(float64(z)*s.SpacingMM[2]-centreMM[2])
				if d <= square(radiusMM) {
					s.Data[i] = label
				}
				i++
			}
		}
	}
	return s
}

// blobs sets n random balls of lung, then of infection; some reach the borders.
func (s shape) blobs(random *rand.Rand, n int) shape {
	extent := [3]float64{}
	for c := range extent {
		extent[c] = float64(s.Size[c]) * s.SpacingMM[c]
	}
	for i := range n {
		at := [3]float64{random.Float64() * extent[0], random.Float64() * extent[1], random.Float64() * extent[2]}
		s.ball(uint8(1+i*2/n), at, (0.1+0.2*random.Float64())*min(extent[0], extent[1], extent[2]))
	}
	return s
}

// speckle sets each voxel to lung or infection with the given probability.
func (s shape) speckle(random *rand.Rand, probability float64) shape {
	for i := range s.Data {
		if random.Float64() < probability {
			s.Data[i] = uint8(1 + random.IntN(2))
		}
	}
	return s
}

func find(rows []Row, label, metric string) Row {
	for _, r := range rows {
		if r.Label == label && r.Metric == metric {
			return r
		}
	}
	return Row{Reason: "no such row"}
}
