package transforms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctcohort/model/volume"
	"ctcohort/transforms/series"
)

// reference is the label map of a volume on its own grid, nil where it has
// none, what it came from and what was decided about it.
type reference struct {
	labels         *volume.Volume[uint8]
	source, notes  string
	lung, infected bool // which of the two it tells of
}

// drawn is one label on a volume's grid.
type drawn struct {
	from           *patientLabel
	labels         *volume.Volume[uint8]
	info           series.LabelInfo
	lung, infected bool // what it has, or may have
	noInfection    bool // it tells that there is none
}

// reference draws a volume's labels and joins them. Labels that share lung or
// infection are several readers' or versions: what happens to them is configured.
func (w *patientWork) reference(ctx context.Context, labels []*patientLabel, info series.Info, grid volume.Grid) (reference, error) {
	var all []drawn
	for _, l := range labels {
		l.taken = true
		d, err := w.draw(ctx, l, info, grid)
		var bad *series.Reject
		switch {
		case errors.As(err, &bad):
			w.reject(l.subject(), bad.Code, bad.Detail)
			continue
		case err != nil:
			return reference{}, fmt.Errorf("drawing a label: %w", err)
		}
		if d.info.PlanesOutside > 0 {
			w.reject(l.subject(), series.LabelOutside, fmt.Sprintf("%d of %d planes of the label lie on no slice of the series and are left out; the others are used", d.info.PlanesOutside, d.info.Planes))
		}
		all = append(all, d)
	}
	kept, how := choose(all, w.rules().Several)
	for _, d := range all {
		if !slices.ContainsFunc(kept, func(k drawn) bool { return k.from == d.from }) {
			w.reject(d.from.subject(), series.LabelAmbiguous, how)
		}
	}
	return join(kept, w.rules().MissingInfection == "none"), nil
}

// choose returns the labels to be joined, and why others are not.
func choose(all []drawn, several string) (kept []drawn, how string) {
	if several == "union" || !clash(all) {
		return all, ""
	}
	if several != "newest" {
		return nil, "several labels of one thing on one series; set labels.several to union or newest, or take the wrong ones out"
	}
	const undecided = "several labels of one thing on one series, and no date says which is the newest"
	newest := slices.Clone(all)
	slices.SortStableFunc(newest, func(a, b drawn) int { return strings.Compare(b.from.created(), a.from.created()) })
	if newest[len(newest)-1].from.created() == "" {
		return nil, undecided
	}
	for i, d := range newest {
		if clash(append(slices.Clip(kept), d)) {
			continue
		}
		for _, o := range newest[i+1:] {
			if o.from.created() == d.from.created() && clash([]drawn{d, o}) && !clash(append(slices.Clip(kept), o)) {
				return nil, undecided
			}
		}
		kept = append(kept, d)
	}
	return kept, "a newer label of the series has the same"
}

// clash says whether two labels have the same thing.
func clash(all []drawn) bool {
	lungs, infections := 0, 0
	for _, d := range all {
		if d.lung {
			lungs++
		}
		if d.infected {
			infections++
		}
	}
	return lungs > 1 || infections > 1
}

// join puts labels of one grid together; the higher class wins, infection over lung.
// Where no label tells of infection, a reference of lung may stand for none.
func join(all []drawn, noneMissing bool) reference {
	var r reference
	var sources, notes []string
	for _, d := range all {
		if r.labels == nil {
			r.labels = d.labels
		} else {
			for i, class := range d.labels.Data {
				r.labels.Data[i] = max(r.labels.Data[i], class)
			}
		}
		r.lung, r.infected = r.lung || d.lung, r.infected || d.infected || d.noInfection
		sources = append(sources, d.info.Source)
		if text := d.info.Notes(); text != "" {
			notes = append(notes, d.info.Source+": "+text)
		}
	}
	if len(all) == 0 {
		return r
	}
	r.infected = r.infected || r.lung && noneMissing
	if !r.lung {
		notes = append(notes, "no label of lung")
	}
	if !r.infected {
		notes = append(notes, "no label of infection")
	}
	if len(all) > 1 {
		notes = append(notes, fmt.Sprintf("%d labels joined", len(all)))
	}
	slices.Sort(sources)
	r.source, r.notes = strings.Join(slices.Compact(sources), "+"), strings.Join(notes, "; ")
	return r
}
