package series

import (
	"math"
	"slices"

	"ctcohort/model/volume"
)

// airBelowHU is what some voxel of every chest lies below.
const airBelowHU = -500

// UnusableVolume returns why a volume that is no DICOM series cannot be a CT of
// the chest in HU, or nil.
func UnusableVolume(v *volume.Volume[int16]) *Reject {
	low, high := slices.Min(v.Data), slices.Max(v.Data)
	switch {
	case slices.Min(v.Size[:]) < MinSlices:
		return &Reject{Code: TooFewSlices, Detail: "fewer planes along an axis than make a volume"}
	case IsMask(v):
		return &Reject{Code: LabelAsImage, Detail: "a volume of two values: a label"}
	case low >= 0 && high <= math.MaxUint8:
		return &Reject{Code: NotHU, Detail: "values of 0 to 255: grey levels of a window, not HU"}
	case low >= airBelowHU:
		return &Reject{Code: NotHU, Detail: "no voxel is below -500: not HU, or shifted, or not of the chest"}
	}
	return nil
}

// Whole returns the result of a series that is a volume already, turned upright
// as Build turns one.
func Whole(v *volume.Volume[int16]) Result {
	info := WholeInfo(v.Grid)
	v = canonical(v)
	p := percentiles(v.Data, 0.01, 0.99)
	info.HUP01, info.HUP99 = p[0], p[1]
	return Result{Volume: v, Info: info}
}

// WholeInfo returns what is known of a series that is a volume already by its
// grid. Its identifiers and all that slices' headers would tell are the
// caller's; it has no slices, but as many planes.
func WholeInfo(g volume.Grid) Info {
	t := upright(g.Direction)
	turned, _, _ := t.of(g)
	return Info{
		Slices: turned.Size[2], Size: turned.Size, SpacingMM: turned.SpacingMM, StepMM: turned.SpacingMM[2], SliceGapMaxMM: turned.SpacingMM[2],
		Orientation: orientation(g.Direction), Turned: !t.none(),
	}
}
