package volume

import "math"

// Grid is a voxel grid in DICOM's LPS patient space, in mm.
type Grid struct {
	Size      [3]int     // voxels along x, y, z
	SpacingMM [3]float64 // distance of neighbouring voxel centres along x, y, z
	OriginMM  [3]float64 // centre of voxel (0,0,0)
	// Direction is a row-major 3×3 matrix, as ITK's: column c is the unit
	// vector of index axis c.
	Direction [9]float64
}

// Identity returns the direction of a grid whose axes are the patient's.
func Identity() [9]float64 { return [9]float64{1, 0, 0, 0, 1, 0, 0, 0, 1} }

// Len returns the number of voxels.
func (g Grid) Len() int { return g.Size[0] * g.Size[1] * g.Size[2] }

// VoxelML returns the volume of one voxel in millilitres.
func (g Grid) VoxelML() float64 { return g.SpacingMM[0] * g.SpacingMM[1] * g.SpacingMM[2] / 1000 }

// Point returns the position in mm of a continuous index.
func (g Grid) Point(i, j, k float64) [3]float64 {
	return apply(g.toPoint(), [3]float64{i, j, k}, g.OriginMM)
}

// Index returns the continuous index of a position in mm.
func (g Grid) Index(p [3]float64) [3]float64 { return g.index(g.toIndex(), p) }

// Near reports whether g and o have the same size and all eight corners of them
// lie within tolMM of each other, so that they hold the same voxels.
func (g Grid) Near(o Grid, tolMM float64) bool {
	if g.Size != o.Size {
		return false
	}
	for corner := range 8 {
		var at [3]float64
		for c := range at {
			at[c] = float64(corner>>c&1) * float64(g.Size[c]-1)
		}
		p, q := g.Point(at[0], at[1], at[2]), o.Point(at[0], at[1], at[2])
		if d := math.Sqrt(square(p[0]-q[0]) + square(p[1]-q[1]) + square(p[2]-q[2])); !(d <= tolMM) {
			return false
		}
	}
	return true
}

// Respaced returns the grid that Resample fills: spacing exactly as given, sizes
// floor(n·s/s′ + 0.5) but at least 1, the direction kept, and the outer corner
// of the first voxel kept, so that the covered extent stays where it was.
func (g Grid) Respaced(spacingMM [3]float64) Grid {
	out := g
	out.SpacingMM = spacingMM
	for c := range 3 {
		out.Size[c] = max(1, int(math.Floor(float64(g.Size[c])*g.SpacingMM[c]/spacingMM[c]+0.5)))
	}
	for r := range 3 {
		var shift float64
		for c := range 3 {
			shift += float64(g.Direction[3*r+c] * ((spacingMM[c] - g.SpacingMM[c]) / 2))
		}
		out.OriginMM[r] += shift
	}
	return out
}

// toPoint is the matrix that takes an index to an offset in mm.
func (g Grid) toPoint() [9]float64 {
	m := g.Direction
	for i := range m {
		m[i] *= g.SpacingMM[i%3]
	}
	return m
}

// toIndex is the inverse of toPoint, and not just the transpose of the direction,
// for cosines of six digits, as DICOM files carry them, are not orthonormal.
func (g Grid) toIndex() [9]float64 { return invert(g.toPoint()) }

func (g Grid) index(toIndex [9]float64, p [3]float64) [3]float64 {
	return apply(toIndex, [3]float64{p[0] - g.OriginMM[0], p[1] - g.OriginMM[1], p[2] - g.OriginMM[2]}, [3]float64{})
}

// apply returns m·v + start, summed in ITK's order. The conversions keep the
// compiler from fusing multiplication and addition, which some machines would.
func apply(m [9]float64, v, start [3]float64) [3]float64 {
	for r := range start {
		for c := range v {
			start[r] += float64(m[3*r+c] * v[c])
		}
	}
	return start
}
