package series

import "ctcohort/io/dicomio"

// Reason codes of rejects, besides those of dicomio.Error.
const (
	WrongModality        = "wrong_modality"        // not a CT image, by modality or SOP class
	Localizer            = "localizer"             // a scout
	Derived              = "derived"               // a reformation, projection or map, not a reconstruction
	NotHU                = "not_hu"                // rescaled to something other than HU
	MissingGeometry      = "missing_geometry"      // no usable position, orientation or spacing
	TooFewSlices         = "too_few_slices"        // fewer than MinSlices that fit together
	InconsistentGeometry = "inconsistent_geometry" // positions on no straight, evenly sampled line
	SliceGap             = "slice_gap"             // a gap too wide to interpolate across
	DuplicatePositions   = "duplicate_positions"   // other images where the volume already has some
	SlicesLost           = "slices_lost"           // slices that cannot be decoded, at an end or too many
	NotAxial             = "not_axial"             // slices that are not axial, where the configuration rejects them

	LabelUnmatched = "label_unmatched" // no series of the patient is the label's
	LabelAmbiguous = "label_ambiguous" // several volumes may be the label's, or several labels the volume's
	LabelGeometry  = "label_geometry"  // planes that are not parallel to the volume's
	LabelOutside   = "label_outside"   // some of the label lies outside the volume
	LabelNames     = "label_names"     // no segment or region is lung or infection
	LabelContours  = "label_contours"  // no region of lung or infection has a contour that encloses something
	LabelValues    = "label_values"    // a label map with values that stand for nothing
	LabelAsImage   = "label_stored_as_image"
)

// Reject is a series, some slices of one, or a label that cannot be used.
type Reject struct {
	SeriesUID string // as the slices give it; empty for a label
	Code      string
	Detail    string // safe to store: no identifier
	Slices    int
}

// Error returns code and detail; never the UID.
func (r *Reject) Error() string { return r.Code + ": " + r.Detail }

// tally counts rejected slices by series and reason, in order of appearance.
type tally struct {
	rejects []Reject
	at      map[[2]string]int
}

func (t *tally) add(h *dicomio.SliceHeader, code, detail string, slices int) {
	key := [2]string{h.SeriesUID, code}
	i, ok := t.at[key]
	if !ok {
		i = len(t.rejects)
		if t.at == nil {
			t.at = map[[2]string]int{}
		}
		t.at[key] = i
		t.rejects = append(t.rejects, Reject{SeriesUID: h.SeriesUID, Code: code, Detail: detail})
	}
	t.rejects[i].Slices += slices
}
