package transforms

import (
	"fmt"

	"ctcohort/model/volume"
	"ctcohort/transforms/series"
)

// grid returns the grid that a volume is resampled to where it is not Respaced's:
// the patient's axes, for an oblique one, unless it keeps its direction.
func (r Resampling) grid(source volume.Grid, info *series.Info) *volume.Grid {
	if info.Orientation != "oblique" || r.Series.Oblique == "keep" {
		return nil
	}
	info.MadeAxial = true
	g := series.AxialGrid(source, r.SpacingMM)
	return &g
}

// hu resamples a volume to the spacing, or onto a grid, with air beside it.
func (r Resampling) hu(v *volume.Volume[int16], onto *volume.Grid) (*volume.Volume[int16], error) {
	if onto == nil {
		return volume.Resample(v, r.SpacingMM, volume.Interpolation(r.Interpolation), 1)
	}
	if onto.Len() > volume.MaxVoxels {
		return nil, fmt.Errorf("spacing %v mm would make %d voxels, more than %d", r.SpacingMM, onto.Len(), volume.MaxVoxels)
	}
	return volume.ResampleOnto(v, *onto, volume.Interpolation(r.Interpolation), volume.AirHU, 1), nil
}

// label resamples a label map as hu resamples its volume.
func (r Resampling) label(v *volume.Volume[uint8], onto *volume.Grid) *volume.Volume[uint8] {
	linear := r.LabelInterpolation == "linear"
	switch {
	case onto != nil && linear:
		return volume.LabelsOnto(v, *onto, 1)
	case onto != nil:
		return volume.NearestOnto(v, *onto, 1)
	case linear:
		return volume.ResampleLabelsLinear(v, r.SpacingMM, 1)
	}
	return volume.ResampleLabels(v, r.SpacingMM, 1)
}
