package series

import (
	"fmt"

	"ctcohort/model/volume"
)

// Values says which class a value of a label map is.
type Values map[uint8]uint8

// DefaultValues are 0 background, 1 lung, 2 infection.
func DefaultValues() Values { return Values{0: Background, 1: Lung, 2: Infection} }

// Has says whether some value is of a class.
func (v Values) Has(class uint8) bool {
	for _, c := range v {
		if c == class {
			return true
		}
	}
	return false
}

// VolumeLabels returns a label map on grid g, by nearest neighbours where its own
// grid is another. A value that stands for nothing, or a label most of which
// lies outside g, is a *Reject.
func VolumeLabels(label *volume.Volume[uint8], values Values, g volume.Grid, workers int) (*volume.Volume[uint8], LabelInfo, error) {
	label = canonical(label) // as the volume that g is of
	info := LabelInfo{Source: "nifti", Exact: label.Near(g, 0.1*min(g.SpacingMM[0], g.SpacingMM[1], g.SpacingMM[2]))}
	classes := &volume.Volume[uint8]{Grid: label.Grid, Data: make([]uint8, len(label.Data))}
	for i, value := range label.Data {
		class, ok := values[value]
		if !ok {
			return nil, info, &Reject{Code: LabelValues, Detail: fmt.Sprintf("the label holds the value %d, which stands for nothing", value)}
		}
		classes.Data[i] = class
	}
	// Exactly g: spacings that differ by their rounding can round to other sizes when both are resampled.
	out := &volume.Volume[uint8]{Grid: g, Data: classes.Data}
	if !info.Exact {
		out = volume.NearestOnto(classes, g, workers)
	}
	info.LungVoxels, info.InfectionVoxels = count(out.Data)
	lung, infection := count(classes.Data)
	covered := float64(info.LungVoxels+info.InfectionVoxels) * g.VoxelML()
	if whole := float64(lung+infection) * label.VoxelML(); covered < whole/2 {
		return nil, info, &Reject{Code: LabelOutside, Detail: "most of the label lies outside the volume"}
	}
	return out, info, nil
}

// IsMask says whether a volume holds two values and no more, which no scan does.
func IsMask(v *volume.Volume[int16]) bool {
	if len(v.Data) == 0 {
		return false
	}
	first, second, two := v.Data[0], v.Data[0], false
	for _, hu := range v.Data {
		switch {
		case hu == first || two && hu == second:
		case two:
			return false
		default:
			second, two = hu, true
		}
	}
	return two
}
