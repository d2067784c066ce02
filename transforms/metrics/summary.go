package metrics

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"ctcohort/schemas"
)

// Summary sums a group up. NaN stands where there is nothing to sum up.
type Summary struct {
	Group
	Patients int // patients in the group
	N        int // volumes in the group
	Defined  int // volumes whose value is defined
	// Failed counts the volumes where one mask is empty and the other is not:
	// a missed or an invented structure. Overlap is 0 there and counts in all
	// figures; a distance is +inf, or precision undefined, and cannot be averaged.
	Failed   int
	Averaged int // volumes with a finite value: those that mean, SD and interval are of
	Omitted  int // failed volumes that are not among them

	Mean, SD         float64
	CILow, CIHigh    float64 // 95 % bootstrap interval of the mean; patients are resampled
	Median, Q1, Q3   float64 // of all defined values: infinite distances rank last
	Minimum, Maximum float64
}

// SummaryOptions says how intervals are found.
type SummaryOptions struct {
	Resamples int
	Seed      uint64
}

// DefaultSummary is what the cohort tables use.
var DefaultSummary = SummaryOptions{Resamples: 2000, Seed: 1}

// Summarise sums the rows of the metrics table up by model, cohort, split, label
// and measure. A group that has no volume with a reference is left out where the
// measure needs one. The order of the rows does not matter.
func Summarise(rows []schemas.Metric, o SummaryOptions) []Summary {
	groups, rowsOf := collect(rows)
	summaries := make([]Summary, len(groups))
	parallel(len(groups), func(_, i int) { summaries[i] = summarise(groups[i], rowsOf[groups[i]], o) })
	return slices.DeleteFunc(summaries, func(s Summary) bool { return s.N == 0 })
}

func summarise(g Group, rows []schemas.Metric, o SummaryOptions) Summary {
	rows = slices.DeleteFunc(slices.Clone(rows), func(m schemas.Metric) bool { return m.Reason == NoReference || m.Reason == NoImage })
	people := patients(rows)
	s := Summary{Group: g, N: len(rows), Patients: len(people)}
	measure, _ := Find(g.Metric)
	for _, m := range rows {
		if measure.FailsOnEmpty && (m.Reason == PredictionEmpty || m.Reason == ReferenceEmpty) {
			s.Failed++
			if m.Value == nil || math.IsInf(*m.Value, 0) {
				s.Omitted++
			}
		}
	}
	var all, finite []float64
	for i, p := range people {
		all = append(all, p.values...)
		people[i].values = slices.DeleteFunc(slices.Clone(p.values), func(v float64) bool { return math.IsInf(v, 0) })
		finite = append(finite, people[i].values...)
	}
	slices.Sort(all)
	s.Defined, s.Averaged = len(all), len(finite)
	s.Mean, s.SD = meanSD(finite)
	s.Median, s.Q1, s.Q3 = quantile(all, 0.5), quantile(all, 0.25), quantile(all, 0.75)
	s.Minimum, s.Maximum = quantile(all, 0), quantile(all, 1)
	s.CILow, s.CIHigh = bootstrap(people, o, g)
	return s
}

// meanSD returns the mean, NaN of none, and the sample's standard deviation, NaN of fewer than two.
func meanSD(values []float64) (mean, sd float64) {
	switch len(values) {
	case 0:
		return math.NaN(), math.NaN()
	case 1:
		return values[0], math.NaN()
	}
	return stat.MeanStdDev(values, nil)
}
