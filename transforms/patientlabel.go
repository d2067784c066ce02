package transforms

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ctcohort/configs"
	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/series"
)

// A patientLabel is a label of the patient and what has become of it so far.
type patientLabel struct {
	row    schemas.Instance
	label  *series.Label  // of a SEG or an RTSTRUCT; nil for a NIfTI file, which is read when it is drawn
	refers bool           // it is of a series of the patient, by what it refers to
	taken  bool           // some volume has it, or it is rejected
	why    *series.Reject // no volume has it
}

// isDrawing says whether objects of a class are labels.
func isDrawing(sopClass string) bool {
	switch sopClass {
	case dicomio.SegmentationStorage, dicomio.LabelMapStorage, dicomio.StructureSetStorage:
		return true
	}
	return false
}

func (w *patientWork) rules() configs.Labels { return w.resampling.Labels[w.subject.Cohort] }

// loadLabel reads a label of the patient; one that cannot be read is a reject.
func (w *patientWork) loadLabel(ctx context.Context, row schemas.Instance) error {
	l := &patientLabel{row: row}
	var err error
	if row.Modality != ModalityNIfTI {
		l.label, err = w.readDrawing(ctx, row)
	}
	var bad *dicomio.Error
	var unusable *series.Reject
	switch {
	case errors.As(err, &bad):
		w.reject(row.SOPUID, bad.Code, bad.Detail)
	case errors.As(err, &unusable):
		w.reject(row.SOPUID, unusable.Code, unusable.Detail)
	case err != nil:
		return fmt.Errorf("reading a label: %w", err)
	default:
		w.labels = append(w.labels, l)
	}
	return nil
}

func (w *patientWork) readDrawing(ctx context.Context, row schemas.Instance) (*series.Label, error) {
	rules := w.rules()
	names := namesOf(rules)
	if row.SOPClass == dicomio.StructureSetStorage {
		set, err := readRow(ctx, w.roots.in, row, dicomio.ReadStructureSet)
		if err != nil {
			return nil, err
		}
		return series.FromStructureSet(set, names)
	}
	seg, err := readRow(ctx, w.roots.in, row, dicomio.ReadSegmentation)
	if err != nil {
		return nil, err
	}
	seg.SetThreshold(rules.FractionalThreshold)
	return series.FromSegmentation(seg, names)
}

// subject names a label in rejects.
func (l *patientLabel) subject() string {
	if l.row.SOPUID != "" {
		return l.row.SOPUID
	}
	return l.row.SeriesUID
}

// created is when it was made, empty where it does not say.
func (l *patientLabel) created() string {
	if l.label == nil {
		return ""
	}
	return l.label.Created
}

// isOf says whether a label is of the series that the rows are.
func (l *patientLabel) isOf(rows []schemas.Instance) bool {
	uid := rows[0].SeriesUID
	if l.label == nil {
		return l.row.SeriesUID == uid
	}
	images := make([]string, len(rows))
	for i, row := range rows {
		images[i] = row.SOPUID
	}
	return l.label.RefersTo(uid, images)
}

// draw brings a label onto the grid of a volume.
func (w *patientWork) draw(ctx context.Context, l *patientLabel, info series.Info, grid volume.Grid) (drawn, error) {
	d := drawn{from: l}
	var err error
	if l.label != nil {
		d.labels, d.info, err = l.label.Draw(info)
		d.lung, d.infected = l.label.HasLung, l.label.HasInfection
		return d, err
	}
	voxels, err := ReadLabels(ctx, w.roots.in, l.row.URI)
	if err != nil {
		return d, err
	}
	values := series.DefaultValues()
	if l.row.Classes == "" { // its segments had no names
		values = valuesOf(w.rules())
	}
	d.labels, d.info, err = series.VolumeLabels(voxels, values, grid, 1)
	d.lung, d.infected = d.info.LungVoxels > 0, d.info.InfectionVoxels > 0
	d.noInfection = !d.infected && values.Has(series.Infection)
	if l.row.Classes != "" {
		d.noInfection = !d.infected && strings.Contains(l.row.Classes, series.ClassNames[series.Infection])
	}
	return d, err
}

// namesOf is which names of segments stand for what.
func namesOf(rules configs.Labels) series.Names {
	return series.Names{Lung: rules.Names.Lung, Infection: rules.Names.Infection, Neither: rules.Names.Neither, BuiltIn: !rules.Names.Only}
}

// valuesOf is what the values of NIfTI labels stand for.
func valuesOf(rules configs.Labels) series.Values {
	if rules.Values == nil {
		return series.DefaultValues()
	}
	values := series.Values{0: series.Background}
	for value, name := range rules.Values {
		for class, of := range series.ClassNames {
			if of == name {
				values[uint8(value)] = uint8(class)
			}
		}
	}
	return values
}

// match gives the labels of a series to its volumes, which may be none.
func (w *patientWork) match(rows []schemas.Instance, volumes []*candidate) {
	for _, l := range w.labels {
		if !l.isOf(rows) {
			continue
		}
		l.refers = true
		if l.label != nil {
			l.matchTo(volumes)
			continue
		}
		for _, c := range volumes { // it lies where its own header says, on whichever part
			c.labels = append(c.labels, l)
		}
	}
}

// matchByFrame gives labels that refer to no series of the patient to the volume
// in whose frame of reference, and on whose slices, they lie.
func (w *patientWork) matchByFrame(volumes []*candidate) {
	for _, l := range w.labels {
		if l.label != nil && !l.refers {
			l.matchTo(volumes)
		}
	}
}

// matchTo gives a drawing to the volume on whose slices it lies.
func (l *patientLabel) matchTo(volumes []*candidate) {
	var infos []series.Info
	var of []*candidate
	for _, c := range volumes {
		if c.stack != nil {
			infos, of = append(infos, c.info), append(of, c)
		}
	}
	if len(of) == 0 {
		return
	}
	i, why := series.Match(l.label, infos)
	if why != nil {
		l.why = why
		return
	}
	of[i].labels = append(of[i].labels, l)
}

// rejectUnmatched rejects the labels that no volume has.
func (w *patientWork) rejectUnmatched() {
	for _, l := range w.labels {
		switch {
		case l.taken:
		case l.why != nil:
			w.reject(l.subject(), l.why.Code, l.why.Detail)
		default:
			w.reject(l.subject(), series.LabelUnmatched, "the label's series made no volume, or is not in the archive")
		}
	}
}
