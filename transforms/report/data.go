package report

import (
	"cmp"
	"slices"
	"strings"

	"ctcohort/schemas"
)

// Data is what the page is made from: the tables of a run, and figures.
type Data struct {
	Instances   []schemas.Instance
	Series      []schemas.Series
	Patients    []schemas.Patient
	Predictions []schemas.Prediction
	Metrics     []schemas.Metric
	Rejects     []schemas.Reject
	Runs        []schemas.Run
	Figures     []PatientFigure // shown in this order
}

// PatientFigure is the figure of one volume as one model segmented it.
type PatientFigure struct {
	Cohort, PatientID, SeriesUID string
	ModelName, ModelSHA256       string
	PNG                          []byte
}

// sorted returns the data with every table in the order of its key.
func (d Data) sorted() Data {
	d.Instances = byKey(d.Instances)
	d.Series = byKey(d.Series)
	d.Patients = byKey(d.Patients)
	d.Predictions = byKey(d.Predictions)
	d.Metrics = byKey(d.Metrics)
	d.Rejects = byKey(d.Rejects)
	d.Runs = byKey(d.Runs)
	return d
}

func byKey[T schemas.Record](rows []T) []T {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b T) int { return strings.Compare(a.Key(), b.Key()) })
	return rows
}

// cohorts returns the names of all cohorts in the data.
func (d Data) cohorts() []string {
	names := map[string]bool{}
	for _, r := range d.Instances {
		names[r.Cohort] = true
	}
	for _, r := range d.Series {
		names[r.Cohort] = true
	}
	for _, r := range d.Patients {
		names[r.Cohort] = true
	}
	for _, r := range d.Rejects {
		names[r.Cohort] = true
	}
	for _, r := range d.Metrics {
		names[r.Cohort] = true
	}
	return sortedKeys(names)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// count counts the distinct non-empty values of a field.
func count[T any](rows []T, field func(T) string) int {
	seen := map[string]bool{}
	for _, r := range rows {
		if v := field(r); v != "" {
			seen[v] = true
		}
	}
	return len(seen)
}
