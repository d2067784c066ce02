package metrics

import (
	"math"
	"runtime"
)

// far marks a voxel whose column along z has no surface. No axis of a DICOM or
// NIfTI volume is as long.
const far = math.MaxUint16

// distances returns the distance in mm of every surface voxel of the prediction
// to the nearest one of the reference, and the other way round. Both masks must
// have voxels.
//
// The distance transform is exact and separable (Felzenszwalb and Huttenlocher,
// 2012; Meijster et al., 2000): along z by counting, along y by the lower
// envelope of parabolas, a plane at a time. Along x only the surface voxels that
// ask are looked up, and each looks no further than what it has found already:
// where the surfaces are close, that is a few steps.
func (m masks) distances(spacingMM [3]float64) (fromPrediction, fromReference []float64) {
	surface := m.surfaces()
	toPrediction, toReference := m.alongZ(surface, predicted), m.alongZ(surface, referred)
	perPlane := make([][2][]float64, m.size[2])
	searches := make([]planeSearch, runtime.GOMAXPROCS(0))
	parallel(m.size[2], func(worker, z int) {
		s := &searches[worker]
		s.masks, s.spacingMM, s.surface = m, spacingMM, surface[(z+1)*m.stride[2]:][:m.stride[2]]
		perPlane[z][0] = s.distances(predicted, toReference[z*m.stride[2]:][:m.stride[2]])
		perPlane[z][1] = s.distances(referred, toPrediction[z*m.stride[2]:][:m.stride[2]])
	})
	for _, d := range perPlane {
		fromPrediction = append(fromPrediction, d[0]...)
		fromReference = append(fromReference, d[1]...)
	}
	return fromPrediction, fromReference
}

// alongZ counts the voxels along z from each voxel to the nearest surface voxel
// of a mask. The result has no margin along z.
func (m masks) alongZ(surface []uint8, bit uint8) []uint16 {
	plane, row := m.stride[2], m.stride[1]
	out := make([]uint16, plane*m.size[2])
	parallel(m.size[1], func(_, y int) {
		previous := make([]uint16, row)
		for x := range previous {
			previous[x] = far
		}
		for z := range m.size[2] {
			at := z*plane + (y+1)*row
			line, on := out[at:at+row], surface[at+plane:][:row]
			for x, d := range previous {
				if d++; d == 0 {
					d = far
				}
				if on[x]&bit != 0 {
					d = 0
				}
				line[x] = d
			}
			previous = line
		}
		for z := m.size[2] - 2; z >= 0; z-- {
			line := out[z*plane+(y+1)*row:][:row]
			for x, d := range previous {
				if d++; d != 0 && d < line[x] {
					line[x] = d
				}
			}
			previous = line
		}
	})
	return out
}

// planeSearch finds distances from the surface voxels of one z plane. It keeps
// its scratch space from plane to plane.
type planeSearch struct {
	masks
	spacingMM [3]float64
	surface   []uint8
	squares   []float64 // squared distance in mm to the nearest surface within the voxel's (y, z) plane
	hull      envelope
}

// distances returns the distances of the plane's surface voxels of one mask to
// the surface whose distances along z are given.
func (s *planeSearch) distances(bit uint8, steps []uint16) (out []float64) {
	row := s.stride[1]
	var lines []int // y of the rows that ask
	n := 0
	for y := 1; y <= s.size[1]; y++ {
		before := n
		for _, b := range s.surface[y*row:][:row] {
			if b&bit != 0 {
				n++
			}
		}
		if n > before {
			lines = append(lines, y)
		}
	}
	if n == 0 {
		return nil
	}
	s.alongY(steps, lines)
	out = make([]float64, 0, n)
	for _, y := range lines {
		squares := s.squares[y*row+1:][:s.size[0]]
		for x, b := range s.surface[y*row+1:][:s.size[0]] {
			if b&bit != 0 {
				out = append(out, math.Sqrt(alongX(squares, x, s.spacingMM[0])))
			}
		}
	}
	return out
}

// alongY fills the asked rows of squares.
func (s *planeSearch) alongY(steps []uint16, lines []int) {
	row := s.stride[1]
	if s.squares == nil {
		s.squares = make([]float64, len(steps))
	}
	s.hull.scale(s.spacingMM[1], s.size[1]+2)
	for x := 1; x <= s.size[0]; x++ {
		s.hull.clear()
		for y := 1; y <= s.size[1]; y++ {
			if d := steps[y*row+x]; d != far {
				s.hull.add(y, square(float64(d)*s.spacingMM[2]))
			}
		}
		s.hull.lookUp(lines, s.squares[x:], row)
	}
}

// alongX returns the least of squares[i] + (distance from i to x)².
func alongX(squares []float64, x int, spacingMM float64) float64 {
	best := squares[x]
	for k := 1; k < len(squares); k++ {
		step := square(float64(k) * spacingMM)
		if step >= best {
			break
		}
		if x >= k {
			best = min(best, squares[x-k]+step)
		}
		if x+k < len(squares) {
			best = min(best, squares[x+k]+step)
		}
	}
	return best
}

func square(x float64) float64 { return x * x }
