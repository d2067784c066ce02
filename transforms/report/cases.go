package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// Case is one volume as one model segmented it, with its measures.
type Case struct {
	Cohort, Split, PatientID, SeriesUID string
	ModelName, ModelSHA256, Provider    string
	measures                            map[[2]string]schemas.Metric
}

// Cases gathers the rows of the metrics table by volume and model, the worst
// first: by the lower of the Dice of lung and infection, where a missed or an
// invented structure is 0, then by the infection's HD95. Volumes without a
// defined Dice come last.
func Cases(rows []schemas.Metric) []Case {
	type key struct{ cohort, patient, series, model string }
	found := map[key]*Case{}
	for _, m := range rows {
		k := key{m.Cohort, m.PatientID, m.SeriesUID, m.ModelSHA256}
		if found[k] == nil {
			found[k] = &Case{
				Cohort: m.Cohort, Split: m.Split, PatientID: m.PatientID, SeriesUID: m.SeriesUID,
				ModelName: m.ModelName, ModelSHA256: m.ModelSHA256, Provider: m.Provider, measures: map[[2]string]schemas.Metric{},
			}
		}
		found[k].measures[[2]string{m.Label, m.Metric}] = m
	}
	cases := make([]Case, 0, len(found))
	for _, c := range found {
		cases = append(cases, *c)
	}
	slices.SortFunc(cases, func(a, b Case) int {
		return cmp.Or(
			cmp.Compare(a.worstDice(), b.worstDice()),
			cmp.Compare(orZero(b.Value(metrics.Infection, "hd95")), orZero(a.Value(metrics.Infection, "hd95"))),
			a.compareNames(b),
		)
	})
	return cases
}

func (c Case) compareNames(o Case) int {
	return cmp.Or(
		strings.Compare(c.Cohort, o.Cohort), strings.Compare(c.PatientID, o.PatientID), strings.Compare(c.SeriesUID, o.SeriesUID),
		strings.Compare(c.ModelName, o.ModelName), strings.Compare(c.ModelSHA256, o.ModelSHA256),
	)
}

// Value returns a measure, NaN where it is undefined.
func (c Case) Value(label, metric string) float64 {
	if m := c.measures[[2]string{label, metric}]; m.Value != nil {
		return *m.Value
	}
	return math.NaN()
}

// Reason returns why the Dice of a label is undefined or 0, or "".
func (c Case) Reason(label string) string { return c.measures[[2]string{label, "dice"}].Reason }

// worstDice is +inf where no Dice is defined.
func (c Case) worstDice() float64 {
	worst := math.Inf(1)
	for _, label := range []string{metrics.Lung, metrics.Infection} {
		if v := c.Value(label, "dice"); !math.IsNaN(v) {
			worst = min(worst, v)
		}
	}
	return worst
}

func orZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// note says in words what is wrong with the masks, or "".
func (c Case) note() string {
	var notes []string
	if c.Reason(metrics.Lung) == metrics.NoReference && c.Reason(metrics.Infection) == metrics.NoReference {
		return "no reference"
	}
	for _, label := range []string{metrics.Lung, metrics.Infection} {
		switch c.Reason(label) {
		case metrics.PredictionEmpty:
			notes = append(notes, label+" missed")
		case metrics.ReferenceEmpty:
			notes = append(notes, "spurious "+label)
		case metrics.BothEmpty:
			notes = append(notes, "no "+label+" in either mask")
		case metrics.NoReference:
			notes = append(notes, "no reference of "+label)
		}
	}
	return strings.Join(notes, "; ")
}

// models counts the models among the cases.
func models(cases []Case) int {
	return count(cases, func(c Case) string { return c.ModelSHA256 + c.ModelName })
}
