package metrics

// Names of the labels that are measured.
const (
	Lung      = "lung"      // labels 1 and 2
	Infection = "infection" // label 2
)

// Reasons why a value is undefined, or is the worst there is.
const (
	BothEmpty       = "both_empty"    // neither mask has a voxel: nothing to compare
	PredictionEmpty = "pred_empty"    // the reference has voxels, the prediction has none
	ReferenceEmpty  = "ref_empty"     // the prediction has voxels, the reference has none
	NoReference     = "no_reference"  // there is no reference label map
	NoImage         = "no_image"      // there is no HU volume
	NotSeparable    = "not_separable" // the lungs cannot be told apart
)

// Better says which values of a measure are better.
type Better int

// Directions of a measure.
const (
	Neither Better = iota // describes, does not judge
	Higher
	Lower
	Zero // nearest to zero
)

// Measure describes one measure.
type Measure struct {
	Name, Unit, Title, Doc string
	Better                 Better
	NeedsReference         bool
	NeedsImage             bool
	InfectionOnly          bool
	Sided                  bool // of one side of the body
	FailsOnEmpty           bool // with one mask empty it is undefined or the worst there is
}

// Measures lists the measures in the order of the rows that Compute returns.
var Measures = []Measure{
	{Name: "dice", Unit: "1", Title: "Dice", Better: Higher, NeedsReference: true, FailsOnEmpty: true, Doc: "2·|P∩R| / (|P|+|R|)"},
	{Name: "iou", Unit: "1", Title: "IoU", Better: Higher, NeedsReference: true, FailsOnEmpty: true, Doc: "|P∩R| / |P∪R|"},
	{Name: "sensitivity", Unit: "1", Title: "Sensitivity", Better: Higher, NeedsReference: true, FailsOnEmpty: true, Doc: "|P∩R| / |R|"},
	{Name: "precision", Unit: "1", Title: "Precision", Better: Higher, NeedsReference: true, FailsOnEmpty: true, Doc: "|P∩R| / |P|"},
	{Name: "specificity", Unit: "1", Title: "Specificity", Better: Higher, NeedsReference: true, Doc: "share of the voxels outside R that are outside P"},
	{Name: "volume_prediction", Unit: "ml", Title: "Volume, predicted", Doc: "volume of P"},
	{Name: "volume_reference", Unit: "ml", Title: "Volume, reference", NeedsReference: true, Doc: "volume of R"},
	{Name: "volume_error", Unit: "ml", Title: "Volume error", Better: Zero, NeedsReference: true, Doc: "volume of P less that of R"},
	{Name: "volume_relative_error", Unit: "1", Title: "Relative volume error", Better: Zero, NeedsReference: true, Doc: "volume error over the volume of R"},
	{Name: "hd", Unit: "mm", Title: "HD", Better: Lower, NeedsReference: true, FailsOnEmpty: true, Doc: "Hausdorff distance of the surfaces"},
	{Name: "hd95", Unit: "mm", Title: "HD95", Better: Lower, NeedsReference: true, FailsOnEmpty: true, Doc: "larger of the two directed 95th percentiles of the surface distances"},
	{Name: "assd", Unit: "mm", Title: "ASSD", Better: Lower, NeedsReference: true, FailsOnEmpty: true, Doc: "mean of the surface distances of both directions, pooled"},
	{Name: "surface_dice_1mm", Unit: "1", Title: "Surface Dice 1 mm", Better: Higher, NeedsReference: true, FailsOnEmpty: true, Doc: "share of both surfaces that lies within 1 mm of the other"},
	{Name: "surface_dice_2mm", Unit: "1", Title: "Surface Dice 2 mm", Better: Higher, NeedsReference: true, FailsOnEmpty: true, Doc: "share of both surfaces that lies within 2 mm of the other"},
	{Name: "lesion_f1", Unit: "1", Title: "Lesion F1", Better: Higher, NeedsReference: true, FailsOnEmpty: true, Doc: "F1 over 26-connected components; any overlap is a hit"},
	{Name: "lesion_sensitivity", Unit: "1", Title: "Lesion sensitivity", Better: Higher, NeedsReference: true, FailsOnEmpty: true, Doc: "share of the components of R that P overlaps"},
	{Name: "lesions_prediction", Unit: "lesion", Title: "Components, predicted", Doc: "26-connected components of P"},
	{Name: "lesions_reference", Unit: "lesion", Title: "Components, reference", NeedsReference: true, Doc: "26-connected components of R"},
	{Name: "involvement", Unit: "%", Title: "Involvement", InfectionOnly: true, Doc: "predicted infection over predicted lung with infection"},
	{Name: "volume_left", Unit: "ml", Title: "Volume, left", Sided: true, Doc: "volume of P within the left lung"},
	{Name: "volume_right", Unit: "ml", Title: "Volume, right", Sided: true, Doc: "volume of P within the right lung"},
	{Name: "involvement_left", Unit: "%", Title: "Involvement, left", InfectionOnly: true, Sided: true, Doc: "as involvement, of the left lung"},
	{Name: "involvement_right", Unit: "%", Title: "Involvement, right", InfectionOnly: true, Sided: true, Doc: "as involvement, of the right lung"},
	{Name: "mean_hu", Unit: "HU", Title: "Mean attenuation", NeedsImage: true, Doc: "mean HU within P"},
}

// Find returns the measure of that name.
func Find(name string) (Measure, bool) {
	for _, m := range Measures {
		if m.Name == name {
			return m, true
		}
	}
	return Measure{}, false
}
