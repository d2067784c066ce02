package report

import (
	"cmp"
	"slices"
	"strings"

	"ctcohort/model/volume"
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

	ModelWindow volume.Window // that the models see
	Pictures    int           // bytes of the page that the figures may take
}

// PatientFigure is what is shown of one volume.
type PatientFigure struct {
	Shown
	Folder   string // of its files, from the page
	Slices   []byte // PNG: what the worst model made of it
	Surfaces []byte // PNG: of all models
	Preview  []byte // JSON for the viewer; nil where the figure is not in it
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
