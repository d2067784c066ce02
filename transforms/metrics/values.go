package metrics

import (
	"math"
	"slices"
)

// values returns each measure by its name: NaN where undefined.
func (c comparison) values() map[string]float64 {
	p, r := float64(c.predicted()), float64(c.referred())
	both, union := float64(c.both), float64(c.both+c.predictedOnly+c.referredOnly)
	errorML := p*c.voxelML - r*c.voxelML
	v := map[string]float64{
		"dice":                  ratio(2*both, p+r),
		"iou":                   ratio(both, union),
		"sensitivity":           ratio(both, r),
		"precision":             ratio(both, p),
		"specificity":           ratio(float64(c.neither), float64(c.neither+c.predictedOnly)),
		"volume_prediction":     p * c.voxelML,
		"volume_reference":      r * c.voxelML,
		"volume_error":          errorML,
		"volume_relative_error": ratio(errorML, r*c.voxelML),
		"lesion_f1":             c.lesions.f1(),
		"lesion_sensitivity":    ratio(float64(c.lesions.referredHit), float64(c.lesions.referred)),
		"lesions_prediction":    float64(c.lesions.predicted),
		"lesions_reference":     float64(c.lesions.referred),
		"involvement":           100 * ratio(p, float64(c.lungVoxels)),
		"mean_hu":               ratio(float64(c.sumHU), p),
	}
	for side, n := range map[string]sided{"left": c.left, "right": c.right} {
		volume := map[string]int{Lung: n.lung, Infection: n.infection}[c.label]
		v["volume_"+side] = float64(volume) * c.voxelML
		v["involvement_"+side] = 100 * ratio(float64(n.infection), float64(n.lung))
		if !c.sidesApart {
			v["volume_"+side], v["involvement_"+side] = math.NaN(), math.NaN()
		}
	}
	s := c.surfaces
	switch c.status() {
	case BothEmpty:
		s = surfaceDistances{hd: math.NaN(), hd95: math.NaN(), assd: math.NaN(), within1MM: math.NaN(), within2MM: math.NaN()}
	case PredictionEmpty, ReferenceEmpty:
		s = surfaceDistances{hd: math.Inf(1), hd95: math.Inf(1), assd: math.Inf(1)}
	}
	v["hd"], v["hd95"], v["assd"] = s.hd, s.hd95, s.assd
	v["surface_dice_1mm"], v["surface_dice_2mm"] = s.within1MM, s.within2MM
	return v
}

// ratio returns a/b, and NaN where b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// surfaceDistances sums up the distances between two surfaces: in mm, and shares of both surfaces.
type surfaceDistances struct{ hd, hd95, assd, within1MM, within2MM float64 }

// summariseSurfaces takes the directed distances, both not empty, and sorts them.
func summariseSurfaces(a, b []float64) surfaceDistances {
	parallel(2, func(_, which int) { slices.Sort([][]float64{a, b}[which]) })
	n := float64(len(a) + len(b))
	within := func(mm float64) float64 { return float64(atMost(a, mm)+atMost(b, mm)) / n }
	return surfaceDistances{
		hd:        max(a[len(a)-1], b[len(b)-1]),
		hd95:      max(quantile(a, 0.95), quantile(b, 0.95)),
		assd:      (sum(a) + sum(b)) / n,
		within1MM: within(1),
		within2MM: within(2),
	}
}

// atMost counts the sorted values that are at most limit.
func atMost(sorted []float64, limit float64) int {
	n, _ := slices.BinarySearchFunc(sorted, limit, func(v, limit float64) int {
		if v <= limit {
			return -1
		}
		return 1
	})
	return n
}

func sum(values []float64) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}
