package transforms

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"ctcohort/schemas"
	"ctcohort/transforms/series"
)

// patientWork makes the volumes of one patient from its instances: it plans them
// from headers, gives the labels to them, chooses, and then makes one after the other.
type patientWork struct {
	resampling Resampling
	roots      roots
	subject    schemas.Reject
	rows       []schemas.Instance

	labels []*patientLabel
	files  []*sliceFiles
	out    outcome[schemas.Series]
}

func (w *patientWork) run(ctx context.Context) outcome[schemas.Series] {
	all, err := w.plan(ctx)
	if err == nil {
		err = w.make(ctx, all)
	}
	if err != nil {
		return outcome[schemas.Series]{err: err}
	}
	for _, f := range w.files {
		w.out.rejects = append(w.out.rejects, f.rejects(w.subject)...)
	}
	w.rejectUnmatched()
	return w.out
}

// plan reads the labels and the headers of all series, and returns the volumes
// that could be made with the labels that each has.
func (w *patientWork) plan(ctx context.Context) ([]*candidate, error) {
	var order, masks []string
	var volumes []schemas.Instance
	bySeries := map[string][]schemas.Instance{}
	for _, row := range w.rows {
		switch {
		case row.Modality == ModalityNIfTI || isDrawing(row.SOPClass):
			if err := w.loadLabel(ctx, row); err != nil {
				return nil, err
			}
			continue
		case row.Format == "nifti" || row.Format == "nrrd":
			volumes = append(volumes, row)
			continue
		case len(bySeries[row.SeriesUID]) > 0:
		case row.Modality == "SEG":
			masks = append(masks, row.SeriesUID)
		default:
			order = append(order, row.SeriesUID)
		}
		bySeries[row.SeriesUID] = append(bySeries[row.SeriesUID], row)
	}
	for _, uid := range masks {
		w.reject(uid, series.LabelAsImage, fmt.Sprintf("%d files of modality SEG that are no segmentations: a label stored as images", len(bySeries[uid])))
	}
	var groups [][]*candidate // by series
	for _, uid := range order {
		found, err := w.candidates(ctx, bySeries[uid])
		if err != nil {
			return nil, err
		}
		w.match(bySeries[uid], found)
		groups = append(groups, found)
	}
	for _, row := range volumes {
		c, err := w.wholeCandidate(ctx, row)
		if err != nil {
			return nil, err
		}
		w.match(c.rows, []*candidate{c})
		groups = append(groups, []*candidate{c})
	}
	all := slices.Concat(groups...)
	w.matchByFrame(all)
	return all, nil
}

func (w *patientWork) reject(subject, code, detail string) {
	r := w.subject
	r.Subject, r.ReasonCode, r.Detail = subject, code, detail
	w.out.rejects = append(w.out.rejects, r)
}

// write resamples a volume and then its labels, and commits each; no more than a
// volume and what it becomes are in memory.
func (w *patientWork) write(ctx context.Context, c *candidate, result series.Result, why string) error {
	r := w.resampling
	source := result.Volume.Grid
	onto := r.grid(source, &result.Info)
	result.Info.Smoothed = r.prefilter(result.Volume)
	hu, err := r.hu(result.Volume, onto)
	if err != nil {
		return fmt.Errorf("resampling a series: %w", err)
	}
	result.Volume = nil
	letGo(2 * source.Len())
	row := seriesRow(c, result.Info)
	row.Status, row.Reason = "ok", why
	row.VolumeSizeX, row.VolumeSizeY, row.VolumeSizeZ = int32(hu.Size[0]), int32(hu.Size[1]), int32(hu.Size[2])
	row.VolumeSpacingX, row.VolumeSpacingY, row.VolumeSpacingZ = hu.SpacingMM[0], hu.SpacingMM[1], hu.SpacingMM[2]
	folder := path.Join("volumes", row.Cohort, row.PatientID, row.SeriesUID)
	row.VolumeURI = path.Join(folder, "image."+r.Format)
	if row.VolumeSHA256, err = writeVolume(ctx, w.roots.out, row.VolumeURI, hu); err != nil {
		return err
	}
	size := 2 * hu.Len()
	hu = nil
	letGo(size)
	row.SourceURI = path.Join(folder, "source.json")
	from, err := w.source(ctx, c, result.Info, source)
	if err != nil {
		return err
	}
	if row.SourceSHA256, err = writeSource(ctx, w.roots.out, row.SourceURI, from); err != nil {
		return err
	}
	reference, err := w.reference(ctx, c.labels, result.Info, source)
	if err != nil {
		return err
	}
	row.LabelSource, row.LabelNotes, row.LabelClasses = reference.source, reference.notes, series.ClassList(reference.lung, reference.infected)
	if reference.labels != nil {
		row.LabelURI = path.Join(folder, "label."+r.Format)
		if row.LabelSHA256, err = writeVolume(ctx, w.roots.out, row.LabelURI, r.label(reference.labels, onto)); err != nil {
			return err
		}
	}
	w.out.rows = append(w.out.rows, row)
	return nil
}

// seriesRow is the row of a volume but for what resampling adds.
func seriesRow(c *candidate, info series.Info) schemas.Series {
	from := c.rows[0]
	codes, notes := info.Decided()
	return schemas.Series{
		Cohort: from.Cohort, PatientID: from.PatientID, StudyUID: from.StudyUID, SeriesUID: c.uid(), FrameOfReference: info.FrameOfReferenceUID,
		Slices: int32(info.Slices), SpacingX: info.SpacingMM[0], SpacingY: info.SpacingMM[1], SpacingZ: info.StepMM, SliceGapMax: info.SliceGapMaxMM,
		Thickness: info.ThicknessMM, Kernel: info.Kernel, Manufacturer: info.Manufacturer, Orientation: info.Orientation,
		SizeX: int32(info.Size[0]), SizeY: int32(info.Size[1]), SizeZ: int32(info.Size[2]), HUP01: info.HUP01, HUP99: info.HUP99,
		Decisions: strings.Join(codes, " "), Notes: strings.Join(notes, "; "),
	}
}
