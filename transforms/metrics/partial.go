package metrics

import "slices"

// WithoutReference returns the rows with what compares a label with its reference
// undefined: the reference tells of other labels, and of this one nothing.
func WithoutReference(rows []Row, label string) []Row {
	rows = slices.Clone(rows)
	for i, r := range rows {
		if m, ok := Find(r.Metric); ok && m.NeedsReference && r.Label == label {
			rows[i] = Row{Label: r.Label, Metric: r.Metric, Unit: r.Unit, Reason: NoReference}
		}
	}
	return rows
}

// Of returns the rows of the labels that a network looks for: has says which.
// The share of the lung that is infected needs both.
func Of(rows []Row, has func(label string) bool) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		return !has(r.Label) || r.Metric == "involvement" && !has(Lung)
	})
}
