package metrics

import (
	"fmt"

	"ctcohort/model/volume"
)

// Compute measures a predicted label map (0 background, 1 lung, 2 infection):
// every one of Measures for lung, then for infection. Without a reference the
// measures that need one are undefined; without a HU volume mean_hu is. All
// volumes must have the prediction's size, and its spacing is used; other sizes
// panic.
func Compute(prediction, reference *volume.Volume[uint8], hu *volume.Volume[int16]) []Row {
	if reference != nil && reference.Size != prediction.Size || hu != nil && hu.Size != prediction.Size {
		panic(fmt.Sprintf("metrics: volumes of other sizes than the prediction's %v", prediction.Size))
	}
	found := count(prediction, reference, hu)
	lungVoxels := found.overlap(0).predicted()
	left, right, apart := sides(prediction, found.boxes[0])
	var rows []Row
	for label, name := range []string{Lung, Infection} {
		c := comparison{
			overlap:      found.overlap(label),
			label:        name,
			lungVoxels:   lungVoxels,
			left:         left,
			right:        right,
			sidesApart:   apart,
			voxelML:      prediction.VoxelML(),
			hasReference: reference != nil,
			hasImage:     hu != nil,
		}
		m := crop(prediction, reference, label, found.boxes[label])
		c.lesions = m.lesions()
		if c.status() == "" {
			c.surfaces = summariseSurfaces(m.distances(prediction.SpacingMM))
		}
		rows = append(rows, c.rows()...)
	}
	return rows
}

// comparison is what the measures of one label are computed from.
type comparison struct {
	overlap
	lesions                lesions
	surfaces               surfaceDistances
	label                  string
	lungVoxels             int   // predicted as lung or infection
	left, right            sided // of them
	sidesApart             bool
	voxelML                float64
	hasReference, hasImage bool
}

// status is the reason that empty masks give, or "". Without a reference, only
// the prediction can be empty.
func (c comparison) status() string {
	noPrediction, noReferred := c.predicted() == 0, c.referred() == 0
	switch {
	case noPrediction && noReferred && c.hasReference:
		return BothEmpty
	case noPrediction:
		return PredictionEmpty
	case noReferred:
		return ReferenceEmpty
	}
	return ""
}

func (c comparison) rows() []Row {
	values, status := c.values(), c.status()
	var rows []Row
	for _, m := range Measures {
		if m.InfectionOnly && c.label != Infection {
			continue
		}
		r := Row{Label: c.label, Metric: m.Name, Unit: m.Unit}
		switch value := values[m.Name]; {
		case m.NeedsReference && !c.hasReference:
			r.Reason = NoReference
		case m.NeedsImage && !c.hasImage:
			r.Reason = NoImage
		case value != value && m.Sided && c.lungVoxels > 0:
			r.Reason = NotSeparable
		case value != value:
			r.Reason = status
		default:
			r.Value, r.Defined = &value, true
			if m.FailsOnEmpty {
				r.Reason = status
			}
		}
		rows = append(rows, r)
	}
	return rows
}
