package volume

import "math"

// axis says where the output voxels along one axis fall in the input.
type axis struct {
	at     []float64 // continuous input index of each output voxel
	inside span      // output voxels whose centre lies in the input
	n      int       // input voxels
}

// span is the half-open range of indices from ≤ i < to.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

func (s span) holds(i int) bool { return i >= s.from && i < s.to }

// aligned reports whether the axes of both grids run the same way and along the
// patient's, so that an index along one of them depends on no other.
func aligned(a, b Grid) bool { return a.Direction == b.Direction && alongPatient(a.Direction) }

// alongPatient reports whether each axis is one of the patient's, either way.
func alongPatient(direction [9]float64) bool {
	var rows, columns [3]int
	for i, x := range direction {
		if x != 0 {
			rows[i/3]++
			columns[i%3]++
		}
	}
	return rows == [3]int{1, 1, 1} && columns == [3]int{1, 1, 1}
}

// axesOf returns the three axes of a resampling from in onto out, which have the
// same direction.
//
// The index is computed as ITK's ResampleImageFilter does, by way of the point in
// patient space, and along x between the two ends of the row. The exact value
// would do for nearly all voxels; but an interpolated value of half an HU, which
// common spacings give one voxel in some thousands, is rounded up or down by the
// last bit of the index. In an oblique grid that bit differs from row to row;
// there, voxels within slack of the input's outer faces count as inside.
func axesOf(in, out Grid, slack float64) (axes [3]axis) {
	toPoint, toIndex := out.toPoint(), in.toIndex()
	for c := range axes {
		index := func(i int) float64 {
			var at [3]float64
			at[c] = float64(i)
			return in.index(toIndex, apply(toPoint, at, out.OriginMM))[c]
		}
		a := axis{at: make([]float64, out.Size[c]), n: in.Size[c]}
		if c == 0 {
			first, end := index(0), index(out.Size[0])
			for i := range a.at {
				a.at[i] = between(first, end, i, out.Size[0])
			}
		} else {
			for i := range a.at {
				a.at[i] = index(i)
			}
		}
		a.inside = a.findInside(slack)
		axes[c] = a
	}
	return axes
}

// between returns the index of the i-th of n voxels of a row that starts at
// first, and whose n+1-th would be at end.
func between(first, end float64, i, n int) float64 {
	return first + float64(float64(i)/float64(n)*(end-first))
}

func (a axis) findInside(slack float64) span {
	inside := func(at float64) bool { return at >= -0.5-slack && at < float64(a.n)-0.5+slack }
	from := 0
	for from < len(a.at) && !inside(a.at[from]) {
		from++
	}
	to := from
	for to < len(a.at) && inside(a.at[to]) {
		to++
	}
	return span{from, to}
}

// within reports whether a continuous index lies in one of n voxels. The lower
// face of a voxel belongs to it, the upper to the next, as in ITK.
func within(at float64, n int) bool { return at >= -0.5 && at < float64(n)-0.5 }

// cell splits a continuous index within n voxels into the voxel at or below it,
// the next one, and the weight of the next; edges hold for half a voxel.
func cell(at float64, n int) (lo, hi int, weight float64) {
	lo = max(0, int(math.Floor(at)))
	weight = max(0, at-float64(lo))
	return lo, min(lo+1, n-1), weight
}

// nearest returns the voxel that a continuous index within n voxels lies in. The
// sum rounds as ITK's RoundHalfIntegerUp does.
func nearest(at float64, n int) int {
	return min(n-1, max(0, int(math.RoundToEven(2*at+0.5))>>1))
}
