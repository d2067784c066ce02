package metrics

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"ctcohort/schemas"
)

// Group is what a summary sums up over: the volumes of one side of one cohort,
// as one model segmented them, and one measure of one label.
type Group struct {
	ModelName, ModelSHA256 string
	Cohort, Split          string
	Label, Metric, Unit    string
}

func groupOf(m schemas.Metric) Group {
	return Group{
		ModelName: m.ModelName, ModelSHA256: m.ModelSHA256, Cohort: m.Cohort, Split: m.Split,
		Label: m.Label, Metric: m.Metric, Unit: m.Unit,
	}
}

// compare orders groups for reading: by cohort, test before train, lung before
// infection, measures in their order, models by name.
func (g Group) compare(o Group) int {
	return cmp.Or(
		strings.Compare(g.Cohort, o.Cohort),
		strings.Compare(g.Split, o.Split),
		-strings.Compare(g.Label, o.Label),
		cmp.Compare(order(g.Metric), order(o.Metric)),
		strings.Compare(g.Metric, o.Metric),
		strings.Compare(g.ModelName, o.ModelName),
		strings.Compare(g.ModelSHA256, o.ModelSHA256),
	)
}

// order is a measure's place in Measures; unknown ones come last.
func order(metric string) int {
	i := slices.IndexFunc(Measures, func(m Measure) bool { return m.Name == metric })
	if i < 0 {
		return len(Measures)
	}
	return i
}

// patient holds the defined values of one patient's volumes; +inf where a mask was empty.
type patient struct {
	id     string
	values []float64
}

func (p patient) mean() float64 { return sum(p.values) / float64(len(p.values)) }

// collect gathers the rows of each group: its patients in order of their
// pseudonyms, each one's values by series.
func collect(rows []schemas.Metric) (groups []Group, rowsOf map[Group][]schemas.Metric) {
	rowsOf = map[Group][]schemas.Metric{}
	for _, m := range rows {
		g := groupOf(m)
		if rowsOf[g] == nil {
			groups = append(groups, g)
		}
		rowsOf[g] = append(rowsOf[g], m)
	}
	for _, of := range rowsOf {
		slices.SortFunc(of, func(a, b schemas.Metric) int {
			return cmp.Or(strings.Compare(a.PatientID, b.PatientID), strings.Compare(a.SeriesUID, b.SeriesUID))
		})
	}
	slices.SortFunc(groups, Group.compare)
	return groups, rowsOf
}

// patients groups sorted rows by patient. A patient without a defined value is among them.
func patients(rows []schemas.Metric) (out []patient) {
	for _, m := range rows {
		if len(out) == 0 || out[len(out)-1].id != m.PatientID {
			out = append(out, patient{id: m.PatientID})
		}
		if m.Value != nil && !math.IsNaN(*m.Value) {
			p := &out[len(out)-1]
			p.values = append(p.values, *m.Value)
		}
	}
	return out
}
