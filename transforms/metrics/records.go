package metrics

import (
	"math"

	"ctcohort/schemas"
)

// Records returns the rows of the metrics table for a volume that a model
// segmented, whose patient is on the given side of the split.
func Records(rows []Row, p schemas.Prediction, split string) []schemas.Metric {
	out := make([]schemas.Metric, len(rows))
	for i, r := range rows {
		out[i] = schemas.Metric{
			Cohort: p.Cohort, Split: split, PatientID: p.PatientID, SeriesUID: p.SeriesUID,
			ModelName: p.ModelName, ModelSHA256: p.ModelSHA256, Provider: p.Provider,
			Label: r.Label, Metric: r.Metric, Value: r.Value, Unit: r.Unit, Defined: r.Defined, Reason: r.Reason,
		}
	}
	return out
}

// SummaryRecords returns the rows of the summaries table.
func SummaryRecords(summaries []Summary) []schemas.Summary {
	out := make([]schemas.Summary, len(summaries))
	for i, s := range summaries {
		out[i] = schemas.Summary{
			Cohort: s.Cohort, Split: s.Split, Label: s.Label, Metric: s.Metric, Unit: s.Unit, ModelName: s.ModelName, ModelSHA256: s.ModelSHA256,
			Patients: int32(s.Patients), N: int32(s.N), Defined: int32(s.Defined), Failed: int32(s.Failed), Averaged: int32(s.Averaged), Omitted: int32(s.Omitted),
			Mean: orNull(s.Mean), SD: orNull(s.SD), CILow: orNull(s.CILow), CIHigh: orNull(s.CIHigh),
			Median: orNull(s.Median), Q1: orNull(s.Q1), Q3: orNull(s.Q3), Minimum: orNull(s.Minimum), Maximum: orNull(s.Maximum),
		}
	}
	return out
}

// ComparisonRecords returns the rows of the comparisons table.
func ComparisonRecords(comparisons []Comparison) []schemas.Comparison {
	out := make([]schemas.Comparison, len(comparisons))
	for i, c := range comparisons {
		out[i] = schemas.Comparison{
			Cohort: c.Cohort, Split: c.Split, Label: c.Label, Metric: c.Metric, Unit: c.Unit,
			ModelName: c.ModelName, ModelSHA256: c.ModelSHA256, OtherName: c.OtherName, OtherSHA256: c.OtherSHA,
			Pairs: int32(c.Pairs), Unpaired: int32(c.Unpaired), MedianDifference: orNull(c.MedianDifference),
			Statistic: c.Statistic, P: c.P, PHolm: c.PHolm, Exact: c.Exact,
		}
	}
	return out
}

// orNull is nil where there is no number.
func orNull(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}
