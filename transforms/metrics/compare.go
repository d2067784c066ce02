package metrics

import (
	"math"
	"slices"

	"ctcohort/schemas"
)

// Comparison is the paired test of two models on the patients that both measured.
type Comparison struct {
	Group     // of the first model
	OtherName string
	OtherSHA  string
	Pairs     int // patients with a value from both
	Unpaired  int // patients with a value from one only
	// MedianDifference is first less other; infinite where one model failed in most pairs.
	MedianDifference float64
	Statistic        float64 // the smaller of Wilcoxon's rank sums
	P                float64
	PHolm            float64 // adjusted over the pairs of models of this cohort, split, label and measure
	Exact            bool
}

// Compare tests each pair of models in each cohort, split, label and measure
// that judges, by Wilcoxon's signed ranks over patients (a patient's mean where
// it has several volumes). A distance of +inf, where a mask was empty, is the
// worst there is; where both models fail, they do not differ. A patient for whom
// a model has no value, as precision of an empty mask, is unpaired.
func Compare(rows []schemas.Metric) []Comparison {
	groups, rowsOf := collect(rows)
	var out []Comparison
	for len(groups) > 0 {
		n := 1
		for n < len(groups) && sameTask(groups[n], groups[0]) {
			n++
		}
		models := groups[:n]
		groups = groups[n:]
		if m, ok := Find(models[0].Metric); !ok || m.Better == Neither {
			continue
		}
		first := len(out)
		for i := range models {
			for j := i + 1; j < len(models); j++ {
				c := compareTwo(models[i], models[j], patients(rowsOf[models[i]]), patients(rowsOf[models[j]]))
				if c.Pairs > 0 {
					out = append(out, c)
				}
			}
		}
		family := make([]float64, 0, len(out)-first)
		for _, c := range out[first:] {
			family = append(family, c.P)
		}
		for k, p := range Holm(family) {
			out[first+k].PHolm = p
		}
	}
	return out
}

func sameTask(a, b Group) bool {
	return a.Cohort == b.Cohort && a.Split == b.Split && a.Label == b.Label && a.Metric == b.Metric
}

func compareTwo(g, other Group, a, b []patient) Comparison {
	c := Comparison{Group: g, OtherName: other.ModelName, OtherSHA: other.ModelSHA256}
	values := map[string]float64{}
	for _, p := range a {
		if len(p.values) > 0 {
			values[p.id] = p.mean()
		}
	}
	var differences []float64
	for _, p := range b {
		if len(p.values) == 0 {
			continue
		}
		first, ok := values[p.id]
		if !ok {
			c.Unpaired++
			continue
		}
		delete(values, p.id)
		differences = append(differences, difference(g.Metric, first, p.mean()))
	}
	c.Unpaired += len(values)
	c.Pairs = len(differences)
	c.Statistic, c.P, c.Exact = Wilcoxon(differences)
	slices.Sort(differences)
	c.MedianDifference = quantile(differences, 0.5)
	return c
}

// difference returns a − b; of errors that are best at zero, that of their sizes.
func difference(metric string, a, b float64) float64 {
	if m, _ := Find(metric); m.Better == Zero {
		a, b = math.Abs(a), math.Abs(b)
	}
	if a == b {
		return 0
	}
	return a - b
}
