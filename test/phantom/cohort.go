package phantom

import "fmt"

// The two cohorts.
const (
	China   = "china"
	Germany = "germany"
)

// kernel is a reconstruction kernel.
type kernel struct {
	name    string
	blurMM  float64 // σ of its Gaussian
	sharpen float64 // share of an unsharp mask
	noise   float64 // relative to a standard kernel
	grainMM float64 // σ of the noise's correlation
}

// scanner is a make of scanner with its habits.
type scanner struct {
	maker, model, version string
	kernels               []kernel
	uidRoot               string
	kvps                  []string
	paddingHU             float64 // outside the field of view, as the maker writes it
	intercept             int
	signed                bool // 16 bits signed; else 12 bits unsigned
}

var (
	siemens = []kernel{{"B31f", 0.72, 0, 0.9, 0.75}, {"B50f", 0.52, 0.25, 1.5, 0.55}, {"B70f", 0.38, 0.6, 2.6, 0.42}, {"I30f", 0.68, 0, 0.7, 0.8}}
	ge      = []kernel{{"STANDARD", 0.7, 0, 1, 0.7}, {"LUNG", 0.42, 0.8, 2.7, 0.45}, {"CHEST", 0.6, 0.2, 1.2, 0.6}, {"BONEPLUS", 0.36, 0.6, 2.4, 0.4}}
	philips = []kernel{{"B", 0.7, 0, 0.9, 0.75}, {"C", 0.58, 0.15, 1.2, 0.6}, {"YA", 0.42, 0.5, 2.2, 0.45}, {"L", 0.45, 0.4, 1.9, 0.5}}
	others  = []kernel{{"B_SOFT_C", 0.75, 0, 0.9, 0.8}, {"B_SHARP_C", 0.42, 0.5, 2.2, 0.48}, {"F20", 0.66, 0, 1, 0.7}, {"LUNG_VSHARP", 0.4, 0.6, 2.4, 0.45}}

	scanners = map[string][]weighted[scanner]{
		China: {
			{scanner{"UIH", "uCT 528", "R002", others, "1.2.156.112605.14038010", []string{"120"}, -1024, -1024, false}, 0.28},
			{scanner{"GE MEDICAL SYSTEMS", "Optima CT680 Series", "qin.3", ge, "1.2.840.113619.2.278.3", []string{"120", "100"}, -3024, -1024, true}, 0.27},
			{scanner{"NMS", "NeuViz 128", "2.0.4", others, "1.3.46.670589.61.128", []string{"120"}, -1000, 0, true}, 0.2},
			{scanner{"TOSHIBA", "Aquilion", "V4.40", others, "1.2.392.200036.9116.2", []string{"120"}, -2048, 0, true}, 0.15},
			{scanner{"SIEMENS", "SOMATOM Emotion 16", "VC20B", siemens, "1.3.12.2.1107.5.1.4", []string{"130", "110"}, -1024, -1024, false}, 0.1},
		},
		Germany: {
			{scanner{"SIEMENS", "SOMATOM Definition Flash", "syngo CT VA48A", siemens, "1.3.12.2.1107.5.1.4", []string{"100", "120", "80"}, -1024, -1024, false}, 0.5},
			{scanner{"Siemens Healthineers", "SOMATOM Force", "syngo CT VB20A", siemens, "1.3.12.2.1107.5.1.7", []string{"90", "110"}, -8192, -8192, false}, 0.15},
			{scanner{"Philips", "Brilliance 64", "3.5.4", philips, "1.2.840.113704.1.111", []string{"120"}, -1000, -1024, false}, 0.35},
		},
	}

	// In both cohorts 81 % of patients are under 2 mm, as in the paper.
	thicknesses = map[string][]weighted[float64]{
		China:   {{0.625, 0.09}, {1, 0.26}, {1.25, 0.28}, {1.5, 0.18}, {2, 0.03}, {2.5, 0.03}, {5, 0.09}, {8, 0.02}, {10, 0.02}},
		Germany: {{0.625, 0.05}, {0.75, 0.12}, {1, 0.40}, {1.5, 0.24}, {2, 0.05}, {3, 0.07}, {5, 0.06}, {10, 0.01}},
	}
)

// thicknessMM returns the slice thickness of patient k. The law is met by a
// low-discrepancy sequence over patients, so that every run of patients keeps
// its quotas to within one or two patients although each depends on k alone.
func thicknessMM(seed int64, cohort string, k int) float64 {
	return quantile(thicknesses[cohort], spread(newDice(seed, cohort, 0, "thickness").Float64(), k))
}

func checkCohort(name string) error {
	if _, ok := scanners[name]; !ok {
		return fmt.Errorf("cohort %q is unknown: have %s and %s", name, China, Germany)
	}
	return nil
}
