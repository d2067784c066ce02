package deid

import (
	"bytes"
	"cmp"
	"slices"

	"ctcohort/io/dicomio"
)

// run is the columns x0 to x1, the end excluded.
type run struct{ x0, x1 int }

// band is the rows y0 to y1, the end excluded, in which the same columns are blanked.
type band struct {
	y0, y1 int
	runs   []run // in order, apart
}

// mask returns what a rule blanks in an image: bands from the top, apart. False
// when a region is not wholly inside the image.
func (r BlankRule) mask(rows, columns int) ([]band, bool) {
	blank, inside := rectangles(r.Regions, rows, columns)
	keep, keepInside := rectangles(r.Keep, rows, columns)
	if !inside || !keepInside {
		return nil, false
	}
	edges := []int{0, rows}
	for _, q := range append(slices.Clone(blank), keep...) {
		edges = append(edges, q.y0, q.y1)
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var bands []band
	for i := range edges[1:] {
		y0, y1 := edges[i], edges[i+1]
		runs := union(runsAt(blank, y0))
		if len(keep) > 0 {
			runs = union(append(runs, outside(union(runsAt(keep, y0)), columns)...))
		}
		if len(runs) > 0 {
			bands = append(bands, band{y0, y1, runs})
		}
	}
	return bands, true
}

func rectangles(regions []Region, rows, columns int) (out []rectangle, inside bool) {
	for _, r := range regions {
		q, ok := r.within(rows, columns)
		if !ok {
			return nil, false
		}
		out = append(out, q)
	}
	return out, true
}

func runsAt(rectangles []rectangle, y int) (out []run) {
	for _, q := range rectangles {
		if q.y0 <= y && y < q.y1 {
			out = append(out, run{q.x0, q.x1})
		}
	}
	return out
}

// union returns the runs in order, with those that touch joined.
func union(runs []run) []run {
	slices.SortFunc(runs, func(a, b run) int { return cmp.Compare(a.x0, b.x0) })
	var out []run
	for _, r := range runs {
		if n := len(out); n > 0 && r.x0 <= out[n-1].x1 {
			out[n-1].x1 = max(out[n-1].x1, r.x1)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// outside returns the columns that are in none of the runs.
func outside(runs []run, columns int) (out []run) {
	x := 0
	for _, r := range append(runs, run{columns, columns}) {
		if x < r.x0 {
			out = append(out, run{x, r.x0})
		}
		x = r.x1
	}
	return out
}

// stretch is part of a frame that is blanked: units from to end, the end excluded,
// of bytes or, where pixels are single bits, of bits. fill repeats over it.
type stretch struct {
	from, end int64
	fill      []byte
}

// stretches returns the parts of a frame of format p that the mask covers, in order,
// apart. fill is the bytes of a blank pixel, sample by sample; of YBR_FULL_422
// of a pair of pixels, which is blanked as a whole.
func stretches(p dicomio.PixelFormat, mask []band, fill []byte) []stretch {
	var out []stretch
	add := func(from, end int64, fill []byte) {
		if n := len(out); n > 0 && out[n-1].end == from && bytes.Equal(out[n-1].fill, fill) {
			out[n-1].end = end
			return
		}
		out = append(out, stretch{from, end, fill})
	}
	planes, unit, columns := 1, int64(len(fill)), int64(p.Columns)
	if p.Planar {
		planes, unit = p.Samples, int64(p.BitsAllocated/8)
	}
	for plane := range planes {
		value := fill
		if p.Planar {
			value = fill[plane*int(unit):][:unit]
		}
		for _, b := range mask {
			for y := b.y0; y < b.y1; y++ {
				row := (int64(plane)*int64(p.Rows) + int64(y)) * columns
				for _, r := range b.runs {
					x0, x1 := int64(r.x0), int64(r.x1)
					if p.Paired() {
						add((row+x0)/2*unit, (row+x1+1)/2*unit, value)
						continue
					}
					add((row+x0)*unit, (row+x1)*unit, value)
				}
			}
		}
	}
	return out
}
