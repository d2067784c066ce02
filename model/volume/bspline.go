package volume

import "math"

const (
	splineLanes  = 32 // rows that are filtered along x side by side
	splineWindow = 64 // input slices whose outputs are computed at a time
)

// bsplineOnto resamples v onto g by cubic B-splines.
func bsplineOnto(v *Volume[int16], g Grid, fill int16, workers int) *Volume[int16] {
	v.mustFit()
	out := New[int16](g)
	if v.Direction != g.Direction {
		bsplineAnywhere(v, out, fill, workers)
		return out
	}
	if aligned(v.Grid, g) {
		bsplineAlong(v, out, axesOf(v.Grid, g, 0), fill, workers)
		return out
	}
	const slack = 1e-6 // voxels, far above rounding and far below sight
	bsplineAlong(v, out, axesOf(v.Grid, g, slack), fill, workers)
	fillOblique(v.Grid, out, fill, workers)
	return out
}

// bsplineAlong filters and interpolates along x and y a slice at a time, then
// along z in windows of slices, which overlap by the reach of the filter so that
// memory stays bounded however long the volume.
func bsplineAlong(v, out *Volume[int16], axes [3]axis, fill int16, workers int) {
	fillOutside(out, axes, fill)
	xs, ys, zs := splineTaps(axes[0]), splineTaps(axes[1]), splineTaps(axes[2])
	if len(xs) == 0 || len(ys) == 0 {
		return
	}
	p := planes{v: v, xs: xs, ys: ys, held: make([][]float32, v.Size[2])}
	for from := 0; from < len(zs); {
		first := zs[from].lowest()
		to := from + 1
		for to < len(zs) && zs[to].lowest() < first+splineWindow {
			to++
		}
		lo := max(0, first-splineReach)
		hi := min(v.Size[2], zs[to-1].highest()+1+splineReach)
		p.hold(lo, hi, workers)
		p.alongZ(out, axes, span{from, to}, zs[from:to], span{lo, hi}, workers)
		from = to
	}
}

func (t splineTap) lowest() int {
	return int(min(t.at[0], t.at[1], t.at[2], t.at[3]))
}

func (t splineTap) highest() int {
	return int(max(t.at[0], t.at[1], t.at[2], t.at[3]))
}

// planes are the input slices of a window, resampled along x and y.
type planes struct {
	v      *Volume[int16]
	xs, ys []splineTap
	held   [][]float32 // by input slice; nil where not held
	spare  [][]float32
}

// hold makes the slices lo to hi-1 and lets go of those below.
func (p *planes) hold(lo, hi, workers int) {
	var missing []int
	for z := range hi {
		switch {
		case z < lo && p.held[z] != nil:
			p.spare = append(p.spare, p.held[z])
			p.held[z] = nil
		case z >= lo && p.held[z] == nil:
			missing = append(missing, z)
		}
	}
	for _, z := range missing {
		if n := len(p.spare); n > 0 {
			p.held[z], p.spare = p.spare[n-1], p.spare[:n-1]
		} else {
			p.held[z] = make([]float32, len(p.xs)*len(p.ys))
		}
	}
	parallel(len(missing), workers, func() func(int) {
		nx, ny := p.v.Size[0], p.v.Size[1]
		lanes := rowsOf(make([]float32, nx*splineLanes), splineLanes)
		wide := rowsOf(make([]float32, ny*len(p.xs)), len(p.xs))
		return func(i int) {
			z := missing[i]
			slice := p.v.Data[z*nx*ny : (z+1)*nx*ny]
			for y := 0; y < ny; y += splineLanes {
				alongX(wide[y:min(ny, y+splineLanes)], slice[y*nx:], lanes, p.xs)
			}
			coefficients(wide)
			for y, t := range p.ys {
				t.sum(p.held[z][y*len(p.xs):(y+1)*len(p.xs)], wide)
			}
		}
	})
}

// alongX resamples len(dst) rows of src along x, transposed into lanes so that
// the recursion runs over all of them in step.
func alongX(dst [][]float32, src []int16, lanes [][]float32, xs []splineTap) {
	nx := len(lanes)
	for lane := range dst {
		for x, hu := range src[lane*nx : (lane+1)*nx] {
			lanes[x][lane] = float32(hu)
		}
	}
	coefficients(lanes)
	var sums [splineLanes]float32
	for x, t := range xs {
		t.sum(sums[:], lanes)
		for lane, row := range dst {
			row[x] = sums[lane]
		}
	}
}

// alongZ fills the output slices to which zs belong from the held slices.
func (p *planes) alongZ(out *Volume[int16], axes [3]axis, outputs span, zs []splineTap, window span, workers int) {
	nx, ny := out.Size[0], out.Size[1]
	parallel(len(p.ys), workers, func() func(int) {
		columns := rowsOf(make([]float32, window.len()*len(p.xs)), len(p.xs))
		sums := make([]float32, len(p.xs))
		return func(y int) {
			for k := range columns {
				copy(columns[k], p.held[window.from+k][y*len(p.xs):])
			}
			coefficients(columns)
			for i, t := range zs {
				for k := range t.at {
					t.at[k] -= int32(window.from)
				}
				t.sum(sums, columns)
				z := axes[2].inside.from + outputs.from + i
				dst := out.Data[(z*ny+axes[1].inside.from+y)*nx+axes[0].inside.from:][:len(sums)]
				for x, sum := range sums {
					dst[x] = round(max(math.MinInt16, min(math.MaxInt16, float64(sum))))
				}
			}
		}
	})
}

// rowsOf cuts b into rows of n.
func rowsOf(b []float32, n int) [][]float32 {
	rows := make([][]float32, len(b)/max(n, 1))
	for i := range rows {
		rows[i] = b[i*n : (i+1)*n]
	}
	return rows
}
