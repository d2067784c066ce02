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
// What is of each lung, and the share of it that is infected, needs lung too.
func Of(rows []Row, has func(label string) bool) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		m, _ := Find(r.Metric)
		return !has(r.Label) || (m.InfectionOnly || m.Sided) && !has(Lung)
	})
}
