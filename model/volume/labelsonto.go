package volume

import "math"

// LabelsOnto returns the label map v on the grid g, which may lie in any way to
// v's: each voxel has the label that weighs most, as ResampleLabelsLinear has it,
// and 0 outside v. It works only where v has labels.
func LabelsOnto(v *Volume[uint8], g Grid, workers int) *Volume[uint8] {
	return PlaceLabels(v).Onto(g, workers)
}

// PlacedLabels is a label map that goes onto several grids, as each slice of a series is one.
type PlacedLabels struct {
	labels *Volume[uint8]
	lo, hi [3]int // the box of what is not 0, lo ≤ index < hi
	any    bool
}

// PlaceLabels finds where v has labels.
func PlaceLabels(v *Volume[uint8]) PlacedLabels {
	v.mustFit()
	lo, hi, any := occupied(v)
	return PlacedLabels{v, lo, hi, any}
}

// Onto returns what LabelsOnto does.
func (p PlacedLabels) Onto(g Grid, workers int) *Volume[uint8] {
	out := New[uint8](g)
	from, to := p.reach(g)
	part := g
	for c := range 3 {
		if part.Size[c] = to[c] - from[c]; part.Size[c] <= 0 {
			return out
		}
	}
	part.OriginMM = g.Point(float64(from[0]), float64(from[1]), float64(from[2]))
	labels := New[uint8](part)
	heaviestLabels(p.labels, labels, workers)
	for z := range part.Size[2] {
		for y := range part.Size[1] {
			row := labels.Data[(z*part.Size[1]+y)*part.Size[0]:][:part.Size[0]]
			copy(out.Data[((from[2]+z)*g.Size[1]+from[1]+y)*g.Size[0]+from[0]:], row)
		}
	}
	return out
}

// reach returns the box of g, from ≤ index < to, beyond which every voxel is 0.
func (p PlacedLabels) reach(g Grid) (from, to [3]int) {
	if !p.any {
		return from, to
	}
	first, last := [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}, [3]float64{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	for corner := range 8 {
		var at [3]float64
		for c := range at {
			at[c] = float64(p.lo[c]) - 1
			if corner>>c&1 == 1 {
				at[c] = float64(p.hi[c]) // one beyond the last
			}
		}
		index := g.Index(p.labels.Point(at[0], at[1], at[2]))
		for c := range 3 {
			first[c], last[c] = min(first[c], index[c]), max(last[c], index[c])
		}
	}
	for c := range 3 {
		from[c] = int(max(0, math.Floor(first[c])))
		to[c] = int(min(float64(g.Size[c]), math.Ceil(last[c])+1))
	}
	return from, to
}

// occupied returns the box of the voxels that are not 0, lo ≤ index < hi.
func occupied(v *Volume[uint8]) (lo, hi [3]int, any bool) {
	lo = v.Size
	for z := range v.Size[2] {
		for y := range v.Size[1] {
			row := v.Data[(z*v.Size[1]+y)*v.Size[0]:][:v.Size[0]]
			for x, label := range row {
				if label == 0 {
					continue
				}
				any = true
				lo = [3]int{min(lo[0], x), min(lo[1], y), min(lo[2], z)}
				hi = [3]int{max(hi[0], x+1), max(hi[1], y+1), max(hi[2], z+1)}
			}
		}
	}
	return lo, hi, any
}
