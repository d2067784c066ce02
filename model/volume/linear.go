package volume

import "math"

// A goroutine computes stripRows output rows of stripSlices slices at a time, so
// that two interpolated slices of them stay in its cache and there are enough
// strips for all of them.
const (
	stripRows   = 32
	stripSlices = 64
)

// tap is where an output voxel falls along y or z: (1−weight)·lo + weight·hi.
type tap struct {
	lo, hi int
	weight float64
}

func taps(a axis) []tap {
	out := make([]tap, a.inside.len())
	for i := range out {
		lo, hi, w := cell(a.at[a.inside.from+i], a.n)
		out[i] = tap{lo, hi, w}
	}
	return out
}

// pairs is where the output voxels of a row fall along x: between voxels lo and
// lo+1 of the input, whose ends hold by a weight of 0 or 1.
type pairs struct {
	lo     []int32
	weight []float64
}

func pairsOf(a axis) pairs {
	p := pairs{make([]int32, a.inside.len()), make([]float64, a.inside.len())}
	for i, t := range taps(a) {
		if t.hi == t.lo && a.n > 1 {
			t.lo, t.weight = t.lo-1, 1
		}
		p.lo[i], p.weight[i] = int32(t.lo), t.weight
	}
	return p
}

// linearAligned resamples along x, then y, then z, with the same operations in
// the same order as a voxel at a time would take, so that sums round alike.
func linearAligned(v, out *Volume[int16], axes [3]axis, fill int16, workers int) {
	fillOutside(out, axes, fill)
	xs, ys, zs := pairsOf(axes[0]), taps(axes[1]), taps(axes[2])
	inX, inY, inZ := axes[0].inside, axes[1].inside, axes[2].inside
	nx, ny := out.Size[0], out.Size[1]
	rows, slices := cut(len(ys), stripRows), cut(len(zs), stripSlices)
	parallel(len(rows)*len(slices), workers, func() func(int) {
		s := newStrip(v, xs)
		return func(i int) {
			rows, slices := rows[i/len(slices)], slices[i%len(slices)]
			s.start(ys[rows.from:rows.to])
			for z := slices.from; z < slices.to; z++ {
				lo, hi := s.slicesOf(zs[z])
				first := ((inZ.from+z)*ny+inY.from+rows.from)*nx + inX.from
				for y := range rows.len() {
					blendRound(out.Data[first+y*nx:][:inX.len()], lo.row(y), hi.row(y), zs[z].weight)
				}
			}
		}
	})
}

// strip interpolates some output rows in x and y, a slice at a time.
type strip struct {
	v      *Volume[int16]
	xs     pairs
	rows   []tap
	slices pool // by input slice: its rows, interpolated in x and y
	lines  pool // by input row of the slice at work: interpolated in x
}

func newStrip(v *Volume[int16], xs pairs) *strip {
	n := len(xs.lo)
	return &strip{v: v, xs: xs, slices: newPool(stripRows, n), lines: newPool(1, n)}
}

func (s *strip) start(rows []tap) {
	s.rows = rows
	s.slices.clear()
}

// slicesOf returns the slices that t lies between.
func (s *strip) slicesOf(t tap) (lo, hi *buffer) {
	return s.slices.pair(t, func(b *buffer) { s.fillSlice(b) })
}

func (s *strip) fillSlice(slice *buffer) {
	s.lines.clear()
	for y, t := range s.rows {
		lo, hi := s.lines.pair(t, func(b *buffer) { s.fillLine(b, slice.of) })
		blend(slice.row(y), lo.row(0), hi.row(0), t.weight)
	}
}

func (s *strip) fillLine(line *buffer, z int) {
	nx := s.v.Size[0]
	lerpPairs(line.row(0), s.v.Data[(z*s.v.Size[1]+line.of)*nx:][:nx], s.xs)
}

// pool holds what was last computed for two input positions.
type pool [2]*buffer

type buffer struct {
	of     int // input position, −1 for none
	values []float64
	n      int // values of a row
}

func newPool(rows, n int) pool {
	var p pool
	for i := range p {
		p[i] = &buffer{of: -1, values: make([]float64, rows*n), n: n}
	}
	return p
}

func (b *buffer) row(y int) []float64 { return b.values[y*b.n : (y+1)*b.n] }

func (p *pool) clear() { p[0].of, p[1].of = -1, -1 }

// pair returns the buffers of both positions of t, filling what is not held.
func (p *pool) pair(t tap, fill func(*buffer)) (lo, hi *buffer) {
	if p[1].of == t.lo || p[0].of == t.hi && t.hi != t.lo {
		p[0], p[1] = p[1], p[0]
	}
	p.hold(0, t.lo, fill)
	if t.weight == 0 || t.hi == t.lo {
		return p[0], p[0]
	}
	p.hold(1, t.hi, fill)
	return p[0], p[1]
}

func (p *pool) hold(i, of int, fill func(*buffer)) {
	if p[i].of != of {
		p[i].of = of
		fill(p[i])
	}
}

// lerpPairs sets dst to src interpolated at xs.
func lerpPairs(dst []float64, src []int16, xs pairs) {
	if len(src) == 1 {
		for x := range dst {
			dst[x] = float64(src[0])
		}
		return
	}
	done := lerpPairsFast(dst, src, xs)
	dst, weight := dst[done:], xs.weight[done:]
	for x, lo := range xs.lo[done:] {
		two := (*[2]int16)(src[lo:])
		a := int32(two[0])
		dst[x] = float64(a) + float64(float64(int32(two[1])-a)*weight[x])
	}
}

// blend sets dst to lo + (hi−lo)·weight.
func blend(dst, lo, hi []float64, weight float64) {
	done := blendFast(dst, lo, hi, weight)
	dst, hi = dst[done:], hi[done:]
	for i, a := range lo[done:] {
		dst[i] = a + float64((hi[i]-a)*weight)
	}
}

// blendRound sets dst to lo + (hi−lo)·weight, rounded.
func blendRound(dst []int16, lo, hi []float64, weight float64) {
	done := blendRoundFast(dst, lo, hi, weight)
	dst, hi = dst[done:], hi[done:]
	for i, a := range lo[done:] {
		dst[i] = round(a + float64((hi[i]-a)*weight))
	}
}

// round returns x, which lies within int16, rounded half away from zero.
func round(x float64) int16 {
	return int16(int32(x + math.Copysign(0.5, x)))
}
