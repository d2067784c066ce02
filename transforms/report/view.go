package report

import (
	"math"

	"ctcohort/model/volume"
)

// view reads a grid along the patient's axes: to the left, to the back, to the
// head. A tilted grid is read along the index axes nearest to them.
type view struct {
	size      [3]int
	spacingMM [3]float64
	first     int // index of the voxel at the right, front and foot
	step      [3]int
}

func viewOf(g volume.Grid) (v view) {
	stride := [3]int{1, g.Size[0], g.Size[0] * g.Size[1]}
	taken := [3]bool{}
	for _, axis := range []int{2, 0, 1} {
		best, along := -1, 0.0
		for c := range 3 {
			if d := g.Direction[3*axis+c]; !taken[c] && (best < 0 || math.Abs(d) > math.Abs(along)) {
				best, along = c, d
			}
		}
		taken[best] = true
		v.size[axis], v.spacingMM[axis], v.step[axis] = g.Size[best], g.SpacingMM[best], stride[best]
		if along < 0 {
			v.first += stride[best] * (g.Size[best] - 1)
			v.step[axis] = -stride[best]
		}
	}
	return v
}

// at returns the data index of a voxel that is l to the left, p to the back and s to the head.
func (v view) at(l, p, s int) int { return v.first + l*v.step[0] + p*v.step[1] + s*v.step[2] }

// plane is a slice through a view: its pixels run along u (to the right of the
// picture) and w (down).
type plane struct {
	view
	coronal bool
	index   int // along the third axis
}

// at returns the data index of a pixel, given in voxels.
func (p plane) at(u, w int) int {
	if p.coronal {
		return p.view.at(u, p.index, p.size[2]-1-w)
	}
	return p.view.at(u, w, p.index)
}

// box is a part of a view: lo ≤ index < hi along each axis.
type box struct{ lo, hi [3]int }

// extent bounds the voxels that any of the masks marks in the slices lo ≤ s < hi.
func (v view) extent(lo, hi int, masks []*volume.Volume[uint8]) box {
	b := box{lo: v.size}
	for s := lo; s < hi; s++ {
		for p := range v.size[1] {
			i := v.at(0, p, s)
			for l := range v.size[0] {
				for _, m := range masks {
					if m.Data[i] != 0 {
						for axis, at := range [3]int{l, p, s} {
							b.lo[axis], b.hi[axis] = min(b.lo[axis], at), max(b.hi[axis], at+1)
						}
					}
				}
				i += v.step[0]
			}
		}
	}
	return b
}

// widen adds a margin in mm at the sides, within the view.
func (b box) widen(v view, marginMM float64) box {
	for axis := range 3 {
		n := int(math.Ceil(marginMM / v.spacingMM[axis]))
		b.lo[axis], b.hi[axis] = max(0, b.lo[axis]-n), min(v.size[axis], b.hi[axis]+n)
	}
	return b
}

// choose returns n slices along an axis within the lungs, in order, apart from
// each other: those with the most infection and the most disagreement, and where
// there is neither, with the most lung.
func (v view) choose(axis, n int, lungs box, masks []*volume.Volume[uint8]) []int {
	weight := make([]float64, v.size[axis])
	for s := lungs.lo[2]; s < lungs.hi[2]; s++ {
		for p := lungs.lo[1]; p < lungs.hi[1]; p++ {
			for l := lungs.lo[0]; l < lungs.hi[0]; l++ {
				i, at := v.at(l, p, s), [3]int{l, p, s}[axis]
				infected, lung := 0, 0
				for _, m := range masks {
					if m.Data[i] == 2 {
						infected++
					}
					if m.Data[i] != 0 {
						lung++
					}
				}
				switch {
				case infected == len(masks):
					weight[at]++
				case infected > 0:
					weight[at] += 2
				case lung > 0:
					weight[at] += 0.01
				}
			}
		}
	}
	apart := max(1, (lungs.hi[axis]-lungs.lo[axis])/7)
	chosen := make([]bool, v.size[axis])
	for range n {
		best := -1
		for i, w := range weight {
			if w > 0 && (best < 0 || w > weight[best]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		chosen[best] = true
		for i := max(0, best-apart+1); i < min(len(weight), best+apart); i++ {
			weight[i] = 0
		}
	}
	var out []int
	for i, yes := range chosen {
		if yes {
			out = append(out, i)
		}
	}
	return out
}
