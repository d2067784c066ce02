package series

import (
	"math"

	"ctcohort/model/volume"
)

// AxialGrid returns the grid along the patient's axes, at a spacing, that holds
// the centres of all of an oblique grid's voxels: what volume.LinearOnto and
// NearestOnto fill to bring an oblique series to axial orientation.
func AxialGrid(g volume.Grid, spacingMM [3]float64) volume.Grid {
	low, high := [3]float64{}, [3]float64{}
	for r := range 3 {
		low[r], high[r] = math.Inf(1), math.Inf(-1)
	}
	for corner := range 8 {
		var at [3]float64
		for c := range at {
			at[c] = float64(corner>>c&1) * float64(g.Size[c]-1)
		}
		p := g.Point(at[0], at[1], at[2])
		for r := range 3 {
			low[r], high[r] = min(low[r], p[r]), max(high[r], p[r])
		}
	}
	out := volume.Grid{SpacingMM: spacingMM, OriginMM: low, Direction: volume.Identity()}
	for r := range 3 {
		out.Size[r] = int(math.Ceil((high[r]-low[r])/spacingMM[r]-1e-6)) + 1
	}
	return out
}
