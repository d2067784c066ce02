package report

import (
	"math"

	"ctcohort/model/volume"
)

// reduced is the part of an exhibit that is shown, on a grid of its own: to the
// left, to the back, from the head down.
type reduced struct {
	size      [3]int
	spacingMM [3]float64
}

// reduce chooses the grid of a preview: at most so many voxels across, to the
// left and to the back alike, and so many slices, never finer than the volume.
func (e *Exhibit) reduce(across, deep int) (r reduced) {
	var n [3]int
	for axis := range n {
		n[axis] = e.shown.hi[axis] - e.shown.lo[axis]
	}
	widthMM := math.Max(float64(n[0])*e.view.spacingMM[0], float64(n[1])*e.view.spacingMM[1])
	finest := [3]float64{widthMM / float64(across), widthMM / float64(across), 0}
	for axis := range n {
		most := n[axis]
		if axis == 2 {
			most = min(most, deep)
		} else {
			most = min(most, max(1, int(math.Round(float64(n[axis])*e.view.spacingMM[axis]/finest[axis]))))
		}
		r.size[axis] = most
		r.spacingMM[axis] = e.view.spacingMM[axis] * float64(n[axis]) / float64(most)
	}
	return r
}

// share is what part of a voxel of the volume lies in a cell of the preview.
type share struct {
	at     int
	weight float64
}

// cells says of each cell along an axis which voxels of the volume it covers.
func (e *Exhibit) cells(r reduced, axis int) [][]share {
	first, n, m := e.shown.lo[axis], e.shown.hi[axis]-e.shown.lo[axis], r.size[axis]
	out := make([][]share, m)
	for i := range out {
		from, to := float64(i)*float64(n)/float64(m), float64(i+1)*float64(n)/float64(m)
		for k := int(from); k < n && float64(k) < to; k++ {
			weight := (math.Min(to, float64(k+1)) - math.Max(from, float64(k))) / (to - from)
			if weight > 1e-9 {
				at := first + k
				if axis == 2 {
					at = e.shown.hi[2] - 1 - k // from the head down
				}
				out[i] = append(out[i], share{at, weight})
			}
		}
	}
	return out
}

// meanHU returns the mean of the volume over each cell.
func (e *Exhibit) meanHU(r reduced) []float64 {
	across, back, down := e.cells(r, 0), e.cells(r, 1), e.cells(r, 2)
	out := make([]float64, r.size[0]*r.size[1]*r.size[2])
	row := make([]float64, r.size[0])
	for s, slices := range down {
		for p, rows := range back {
			cells := out[(s*r.size[1]+p)*r.size[0]:][:r.size[0]]
			for _, ks := range slices {
				for _, kp := range rows {
					e.meanRow(row, across, kp.at, ks.at)
					for i, v := range row {
						cells[i] += ks.weight * kp.weight * v
					}
				}
			}
		}
	}
	return out
}

func (e *Exhibit) meanRow(row []float64, across [][]share, p, s int) {
	start, step := e.view.at(0, p, s), e.view.step[0]
	for i, columns := range across {
		row[i] = 0
		for _, k := range columns {
			row[i] += k.weight * float64(e.hu.Data[start+k.at*step])
		}
	}
}

// labels returns the label of a mask at the middle of each cell.
func (e *Exhibit) labels(r reduced, mask *volume.Volume[uint8]) []uint8 {
	middle := func(cells [][]share) (out []int) {
		for _, c := range cells {
			out = append(out, c[len(c)/2].at)
		}
		return out
	}
	across, back, down := middle(e.cells(r, 0)), middle(e.cells(r, 1)), middle(e.cells(r, 2))
	out := make([]uint8, 0, r.size[0]*r.size[1]*r.size[2])
	for _, s := range down {
		for _, p := range back {
			for _, l := range across {
				out = append(out, mask.Data[e.view.at(l, p, s)])
			}
		}
	}
	return out
}
