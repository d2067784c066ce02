package phantom

import (
	"math"
	"testing"
)

func TestThicknessLaw(t *testing.T) {
	for _, c := range []struct {
		cohort   string
		seed     int64
		n        int
		slackOne float64 // patients
	}{
		{China, 1, 861, 3},
		{China, 99, 100, 2},
		{Germany, 1, 200, 2.5},
		{Germany, 7, 10, 1},
	} {
		thin, lo, hi := 0, math.Inf(1), 0.0
		for k := range c.n {
			mm := thicknessMM(c.seed, c.cohort, k)
			if mm < 2 {
				thin++
			}
			lo, hi = math.Min(lo, mm), math.Max(hi, mm)
		}
		if want := 0.81 * float64(c.n); math.Abs(float64(thin)-want) > c.slackOne {
			t.Errorf("%s, seed %d: %d of %d patients are under 2 mm; want %.1f ± %.1f", c.cohort, c.seed, thin, c.n, want, c.slackOne)
		}
		if lo < 0.625 || hi > 10 {
			t.Errorf("%s: thickness from %g to %g mm; want 0.625–10", c.cohort, lo, hi)
		}
		if c.n > 500 && (lo != 0.625 || hi != 10) {
			t.Errorf("%s: %d patients span %g–%g mm; want 0.625–10", c.cohort, c.n, lo, hi)
		}
	}
}

func TestInfectionLaw(t *testing.T) {
	const n = 120
	var healthy, most int
	for k := range n {
		a := newAnatomy(newDice(3, China, k, "anatomy"), China)
		a.drawLesions(newDice(3, China, k, "lesions"), -a.lungMM, 0)
		if len(a.lesions) == 0 {
			healthy++
		}
		most = max(most, len(a.lesions))
	}
	if healthy < n/8-8 || healthy > n/8+8 { // two standard deviations are 7.2
		t.Errorf("%d of %d patients are without infection; want about one in eight", healthy, n)
	}
	if most > 12 {
		t.Errorf("%d lesions in a patient; want at most 12", most)
	}
}

func TestDistributionsSumToOne(t *testing.T) {
	for cohort := range scanners {
		var sum float64
		for _, s := range scanners[cohort] {
			sum += s.probability
		}
		var thick float64
		for _, s := range thicknesses[cohort] {
			thick += s.probability
		}
		if math.Abs(sum-1) > 1e-9 || math.Abs(thick-1) > 1e-9 {
			t.Errorf("%s: probabilities of scanners sum to %g, of thicknesses to %g; want 1", cohort, sum, thick)
		}
	}
}
