package transforms

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/series"
)

// patientWork makes the volumes of one patient from its instances.
type patientWork struct {
	resampling Resampling
	roots      roots
	subject    schemas.Reject
	rows       []schemas.Instance

	labels []*patientLabel
	out    outcome[schemas.Series]
}

func (w *patientWork) run(ctx context.Context) outcome[schemas.Series] {
	var order, masks []string
	var volumes []schemas.Instance
	bySeries := map[string][]schemas.Instance{}
	for _, row := range w.rows {
		switch {
		case row.Modality == ModalityNIfTI || isDrawing(row.SOPClass):
			if err := w.loadLabel(ctx, row); err != nil {
				return outcome[schemas.Series]{err: err}
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
	if err := w.byFrame(ctx, order, bySeries); err != nil {
		return outcome[schemas.Series]{err: err}
	}
	for _, uid := range order {
		if err := w.series(ctx, bySeries[uid]); err != nil {
			return outcome[schemas.Series]{err: err}
		}
	}
	for _, row := range volumes {
		if err := w.volume(ctx, row); err != nil {
			return outcome[schemas.Series]{err: err}
		}
	}
	w.rejectUnmatched()
	return w.out
}

func (w *patientWork) reject(subject, code, detail string) {
	r := w.subject
	r.Subject, r.ReasonCode, r.Detail = subject, code, detail
	w.out.rejects = append(w.out.rejects, r)
}

// series assembles one series, resamples what it gives and writes it.
func (w *patientWork) series(ctx context.Context, rows []schemas.Instance) error {
	var images []*dicomio.Slice
	for _, row := range rows {
		read, err := w.slices(ctx, row)
		var bad *dicomio.Error
		switch {
		case errors.As(err, &bad):
			w.reject(row.SOPUID, bad.Code, bad.Detail)
		case err != nil:
			return err
		}
		images = append(images, read...)
	}
	if len(images) == 0 {
		return nil
	}
	results, rejects := series.Assemble(images)
	for _, r := range rejects {
		w.reject(rows[0].SeriesUID, r.Code, r.Detail)
	}
	results = slices.DeleteFunc(results, func(r series.Result) bool {
		mask := series.IsMask(r.Volume)
		if mask {
			w.reject(rows[0].SeriesUID, series.LabelAsImage, fmt.Sprintf("%d images of two values: a label stored as images", r.Info.Slices))
		}
		return mask
	})
	return w.write(ctx, rows, results)
}

// volume takes a series that came as a volume.
func (w *patientWork) volume(ctx context.Context, row schemas.Instance) error {
	hu, err := ReadHU(ctx, w.roots.in, row.URI)
	if err != nil {
		return err
	}
	result := series.Whole(hu)
	result.Info.PatientID, result.Info.StudyUID, result.Info.SeriesUID = row.PatientID, row.StudyUID, row.SeriesUID
	return w.write(ctx, []schemas.Instance{row}, []series.Result{result})
}

// write resamples what a series gave, with its labels, and commits it.
func (w *patientWork) write(ctx context.Context, rows []schemas.Instance, results []series.Result) error {
	labels := w.labelsOf(rows, results)
	for i, result := range results {
		reference, err := w.reference(ctx, labels[i], result)
		if err != nil {
			return err
		}
		row, err := w.resample(ctx, rows[0], result, reference.labels)
		if err != nil {
			return err
		}
		row.LabelSource, row.LabelNotes, row.LabelClasses = reference.source, reference.notes, series.ClassList(reference.lung, reference.infected)
		w.out.rows = append(w.out.rows, row)
	}
	return nil
}

func (w *patientWork) slices(ctx context.Context, row schemas.Instance) ([]*dicomio.Slice, error) {
	r, err := w.roots.in.Open(ctx, row.URI)
	if err != nil {
		return nil, fmt.Errorf("opening a de-identified file: %w", err)
	}
	defer r.Close()
	return dicomio.ReadSlices(r)
}

// resample resamples a volume and its reference, which may be nil, and commits both.
func (w *patientWork) resample(ctx context.Context, from schemas.Instance, result series.Result, reference *volume.Volume[uint8]) (schemas.Series, error) {
	r := w.resampling
	row := seriesRow(from, result.Info)
	row.Notes = notes(row.Notes, r.prefilter(result.Volume))
	hu, err := volume.Resample(result.Volume, r.SpacingMM, volume.Interpolation(r.Interpolation), 1)
	if err != nil {
		return row, fmt.Errorf("resampling a series: %w", err)
	}
	row.VolumeSizeX, row.VolumeSizeY, row.VolumeSizeZ = int32(hu.Size[0]), int32(hu.Size[1]), int32(hu.Size[2])
	row.VolumeSpacingX, row.VolumeSpacingY, row.VolumeSpacingZ = hu.SpacingMM[0], hu.SpacingMM[1], hu.SpacingMM[2]
	folder := path.Join("volumes", row.Cohort, row.PatientID, row.SeriesUID)
	row.VolumeURI = path.Join(folder, "image."+r.Format)
	if row.VolumeSHA256, err = writeVolume(ctx, w.roots.out, row.VolumeURI, hu); err != nil || reference == nil {
		return row, err
	}
	resample := volume.ResampleLabels
	if r.LabelInterpolation == "linear" {
		resample = volume.ResampleLabelsLinear
	}
	row.LabelURI = path.Join(folder, "label."+r.Format)
	row.LabelSHA256, err = writeVolume(ctx, w.roots.out, row.LabelURI, resample(reference, r.SpacingMM, 1))
	return row, err
}

// seriesRow is the row of a volume but for what resampling adds.
func seriesRow(from schemas.Instance, info series.Info) schemas.Series {
	uid := from.SeriesUID
	if info.Part > 0 {
		uid = fmt.Sprintf("%s.%d", uid, info.Part+1)
	}
	return schemas.Series{
		Cohort: from.Cohort, PatientID: from.PatientID, StudyUID: from.StudyUID, SeriesUID: uid, FrameOfReference: info.FrameOfReferenceUID,
		Slices: int32(info.Slices), SpacingX: info.SpacingMM[0], SpacingY: info.SpacingMM[1], SpacingZ: info.StepMM, SliceGapMax: info.SliceGapMaxMM,
		Thickness: info.ThicknessMM, Kernel: info.Kernel, Manufacturer: info.Manufacturer, Orientation: info.Orientation,
		SizeX: int32(info.Size[0]), SizeY: int32(info.Size[1]), SizeZ: int32(info.Size[2]), HUP01: info.HUP01, HUP99: info.HUP99,
		Notes: info.Notes(), Status: "ok",
	}
}
