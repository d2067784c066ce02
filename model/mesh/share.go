package mesh

import (
	"math"

	"ctcohort/model/volume"
)

// shares returns how much of each cell of a coarser grid has at least a label,
// 0 to 1, over the box of such voxels and one cell of nothing around it.
func shares(labels *volume.Volume[uint8], atLeast uint8, spacingMM float64) *volume.Volume[float32] {
	lo, hi := extent(labels, atLeast)
	g := labels.Grid
	var factor [3]int
	for c := range 3 {
		factor[c] = max(1, int(math.Round(spacingMM/g.SpacingMM[c])))
		g.Size[c] = (hi[c]-lo[c]+factor[c]-1)/factor[c] + 2
		g.SpacingMM[c] *= float64(factor[c])
	}
	centre := func(c int) float64 { return float64(lo[c]) - 0.5 - 0.5*float64(factor[c]) }
	g.OriginMM = labels.Point(centre(0), centre(1), centre(2))
	out := volume.New[float32](g)
	one := 1 / float32(factor[0]*factor[1]*factor[2])
	for z := lo[2]; z < hi[2]; z++ {
		for y := lo[1]; y < hi[1]; y++ {
			from := (z*labels.Size[1] + y) * labels.Size[0]
			to := (((z-lo[2])/factor[2]+1)*g.Size[1] + (y-lo[1])/factor[1] + 1) * g.Size[0]
			for x := lo[0]; x < hi[0]; x++ {
				if labels.Data[from+x] >= atLeast {
					out.Data[to+(x-lo[0])/factor[0]+1] += one
				}
			}
		}
	}
	return out
}

// extent bounds the voxels with at least a label: lo ≤ index < hi; empty where there is none.
func extent(labels *volume.Volume[uint8], atLeast uint8) (lo, hi [3]int) {
	lo = labels.Size
	i := 0
	for z := range labels.Size[2] {
		for y := range labels.Size[1] {
			for x := range labels.Size[0] {
				if labels.Data[i] >= atLeast {
					for c, at := range [3]int{x, y, z} {
						lo[c], hi[c] = min(lo[c], at), max(hi[c], at+1)
					}
				}
				i++
			}
		}
	}
	if hi[0] == 0 {
		return [3]int{}, [3]int{}
	}
	return lo, hi
}
