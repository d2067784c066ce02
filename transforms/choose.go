package transforms

import (
	"context"
	"slices"

	"ctcohort/transforms/series"
)

// make makes the volumes of a patient that the configuration asks for: of every
// candidate, or of the best of those that a volume can be made of. The others
// keep a row that says why.
func (w *patientWork) make(ctx context.Context, all []*candidate) error {
	if w.resampling.Series.Oblique == "reject" {
		all = w.axialOnly(all)
	}
	if w.resampling.Series.Use != "best" {
		for _, c := range all {
			if _, err := w.volume(ctx, c, "every series is used"); err != nil {
				return err
			}
		}
		return nil
	}
	for len(all) > 0 {
		infos, referenced := make([]series.Info, len(all)), make([]bool, len(all))
		for i, c := range all {
			infos[i], referenced[i] = c.info, len(c.labels) > 0
		}
		i, why := series.Best(infos, referenced)
		best := all[i]
		all = slices.Delete(all, i, i+1)
		made, err := w.volume(ctx, best, why)
		if err != nil {
			return err
		}
		if made {
			for _, c := range all {
				w.unused(c, "another is used, "+why)
			}
			return nil
		}
	}
	return nil
}

// axialOnly rejects the candidates whose slices are not axial.
func (w *patientWork) axialOnly(all []*candidate) (axial []*candidate) {
	for _, c := range all {
		if c.info.Orientation == "axial" {
			axial = append(axial, c)
			continue
		}
		w.rejectVolume(c, &series.Reject{Code: series.NotAxial, Detail: c.info.Orientation + " slices, which series.oblique rejects"})
	}
	return axial
}

// volume makes the volume of a candidate; made is false where that is a reject.
func (w *patientWork) volume(ctx context.Context, c *candidate, why string) (made bool, err error) {
	result, reject, err := w.build(ctx, c)
	if err != nil {
		return false, err
	}
	if reject != nil {
		w.rejectVolume(c, reject)
		return false, nil
	}
	return true, w.write(ctx, c, result, why)
}

// unused keeps the row of a volume that is not made, as another one is better.
func (w *patientWork) unused(c *candidate, why string) {
	row := seriesRow(c, c.info)
	row.Status, row.Reason = "unused", why
	w.out.rows = append(w.out.rows, row)
	for _, l := range c.labels {
		l.why = &series.Reject{Code: series.LabelUnmatched, Detail: "its series is not used, as another volume of the patient is better (series.use: best)"}
	}
}

// rejectVolume rejects a volume that cannot be made, and keeps its row. Where
// none of its images can be decoded, these are the rejects.
func (w *patientWork) rejectVolume(c *candidate, r *series.Reject) {
	if c.files == nil || len(c.files.bad) < len(c.stack.Slices) {
		w.reject(c.rows[0].SeriesUID, r.Code, r.Detail)
	}
	w.rejectedRow(c, r)
}

func (w *patientWork) rejectedRow(c *candidate, r *series.Reject) {
	row := seriesRow(c, c.info)
	row.Status, row.Reason = "rejected", r.Error()
	w.out.rows = append(w.out.rows, row)
}
