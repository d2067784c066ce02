package series

import (
	"fmt"
	"math"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

// Build fills the stack's volume. pixels returns a slice's HU by its index in
// the headers given to Plan; it is asked for each slice once, in order of
// position, so that a caller can read slices as they are needed. Planes between
// slices are interpolated linearly on the true positions, tilted slices
// bilinearly in their plane, rounded half away from zero; what no slice covers
// is air. Axes are then turned, without interpolation, to those nearest to the
// patient's left, posterior and head.
func (s *Stack) Build(pixels func(i int) ([]int16, error)) (*volume.Volume[int16], Info, error) {
	t := upright(s.grid.Direction)
	grid, start, step := t.of(s.grid)
	v := volume.New[int16](grid)
	r := slicer{stack: s, pixels: pixels, held: [2]int{-1, -1}}
	columns, size := s.grid.Size[0], s.grid.Size[0]*s.grid.Size[1]
	plane := make([]int16, size)
	for z := range s.grid.Size[2] {
		if t.none() {
			plane = v.Data[z*size : (z+1)*size]
		}
		if err := r.plane(z, plane); err != nil {
			return nil, Info{}, err
		}
		if !t.none() {
			put(v.Data, plane, columns, start+z*step[2], step)
		}
	}
	info := s.Info()
	p := percentiles(v.Data, 0.01, 0.99)
	info.HUP01, info.HUP99 = p[0], p[1]
	return v, info, nil
}

// slicer hands out planes; it holds the two slices around the last one.
type slicer struct {
	stack  *Stack
	pixels func(i int) ([]int16, error)
	held   [2]int
	slice  [2][]int16
	work   []float64
}

// around returns the slices below and above plane z and how far it is from the
// lower to the upper, 0 to 1; both are the same where one slice is the plane.
func (s *Stack) around(z int) (lower, upper int, weight float64) {
	if s.even {
		return z, z, 0
	}
	height, step := float64(z)*s.grid.SpacingMM[2], s.grid.SpacingMM[2]
	last := len(s.heightsMM) - 1
	for lower < last && s.heightsMM[lower+1] <= height+s.snap*step {
		lower++
	}
	if lower == last || height-s.heightsMM[lower] <= s.snap*step {
		return lower, lower, 0
	}
	return lower, lower + 1, (height - s.heightsMM[lower]) / (s.heightsMM[lower+1] - s.heightsMM[lower])
}

func (r *slicer) plane(z int, dst []int16) error {
	lower, upper, weight := r.stack.around(z)
	a, err := r.fetch(lower)
	if err != nil {
		return err
	}
	if lower == upper && r.stack.shift == nil {
		copy(dst, a)
		return nil
	}
	if r.work == nil {
		r.work = make([]float64, len(dst))
	}
	clear(r.work)
	r.add(a, lower, 1-weight)
	if lower != upper {
		b, err := r.fetch(upper)
		if err != nil {
			return err
		}
		r.add(b, upper, weight)
	}
	for i, v := range r.work {
		dst[i] = int16(math.Round(v))
	}
	return nil
}

// fetch returns the k-th slice's HU, keeping the one before.
func (r *slicer) fetch(k int) ([]int16, error) {
	for i, held := range r.held {
		if held == k {
			return r.slice[i], nil
		}
	}
	hu, err := r.pixels(r.stack.Slices[k])
	if err != nil {
		return nil, fmt.Errorf("reading a slice: %w", err)
	}
	if len(hu) != r.stack.head.Rows*r.stack.head.Columns {
		return nil, &dicomio.Error{Code: "bad_matrix", Detail: "a slice's pixels are not rows × columns"}
	}
	r.held[0], r.slice[0] = r.held[1], r.slice[1]
	r.held[1], r.slice[1] = k, hu
	return hu, nil
}

// add adds weight × the k-th slice, shifted onto the grid, to the work plane.
func (r *slicer) add(hu []int16, k int, weight float64) {
	s := r.stack
	if s.shift == nil {
		for i, v := range hu {
			r.work[i] += weight * float64(v)
		}
		return
	}
	columns, rows := s.head.Columns, s.head.Rows
	xs, ys := shifted(s.grid.Size[0], columns, s.shift[k][0]), shifted(s.grid.Size[1], rows, s.shift[k][1])
	for y, ty := range ys {
		row := r.work[y*len(xs) : (y+1)*len(xs)]
		for x, tx := range xs {
			if tx.lo < 0 || ty.lo < 0 {
				row[x] += weight * dicomio.AirHU
				continue
			}
			top, bottom := hu[ty.lo*columns:][:columns], hu[ty.hi*columns:][:columns]
			upper := (1-tx.weight)*float64(top[tx.lo]) + tx.weight*float64(top[tx.hi])
			lower := (1-tx.weight)*float64(bottom[tx.lo]) + tx.weight*float64(bottom[tx.hi])
			row[x] += weight * ((1-ty.weight)*upper + ty.weight*lower)
		}
	}
}

// tap is where a grid index falls among n pixels; lo is −1 outside them. Half a
// pixel beyond the first and last still is theirs.
type tap struct {
	lo, hi int
	weight float64
}

func shifted(size, n int, shift float64) []tap {
	taps := make([]tap, size)
	const half = 0.5 + 1e-6 // of a pixel, with the rounding of positions
	for i := range taps {
		at := float64(i) - shift
		if at < -half || at > float64(n-1)+half {
			taps[i].lo = -1
			continue
		}
		at = max(0, min(float64(n-1), at))
		lo := int(at)
		taps[i] = tap{lo, min(lo+1, n-1), at - float64(lo)}
	}
	return taps
}
