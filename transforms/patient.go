package transforms

import (
	"context"
	"errors"
	"fmt"
	"path"

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

	segmentations []segmentation
	out           outcome[schemas.Series]
}

// A segmentation is a DICOM SEG of the patient and whether some volume took it.
type segmentation struct {
	row   schemas.Instance
	seg   *dicomio.Segmentation
	taken bool
}

func (w *patientWork) run(ctx context.Context) outcome[schemas.Series] {
	var order []string
	bySeries := map[string][]schemas.Instance{}
	niftis := map[string]schemas.Instance{}
	for _, row := range w.rows {
		switch row.Modality {
		case ModalityNIfTI:
			niftis[row.SeriesUID] = row
		case "SEG":
			if err := w.loadSegmentation(ctx, row); err != nil {
				return outcome[schemas.Series]{err: err}
			}
		default:
			if len(bySeries[row.SeriesUID]) == 0 {
				order = append(order, row.SeriesUID)
			}
			bySeries[row.SeriesUID] = append(bySeries[row.SeriesUID], row)
		}
	}
	for _, uid := range order {
		label, ok := niftis[uid]
		if err := w.series(ctx, bySeries[uid], label, ok); err != nil {
			return outcome[schemas.Series]{err: err}
		}
	}
	for _, s := range w.segmentations {
		if !s.taken {
			w.reject(s.row.SOPUID, series.LabelUnmatched, "no usable CT series of the patient is the segmentation's, by reference or by position")
		}
	}
	return w.out
}

func (w *patientWork) reject(subject, code, detail string) {
	r := w.subject
	r.Subject, r.ReasonCode, r.Detail = subject, code, detail
	w.out.rejects = append(w.out.rejects, r)
}

// series assembles one series, resamples what it gives and writes it.
func (w *patientWork) series(ctx context.Context, rows []schemas.Instance, label schemas.Instance, hasLabel bool) error {
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
	for _, result := range results {
		reference, source, err := w.reference(ctx, result.Info, result.Volume.Grid, label, hasLabel)
		if err != nil {
			return err
		}
		row, err := w.write(ctx, rows[0], result, reference)
		if err != nil {
			return err
		}
		row.LabelSource = source
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

// write resamples a volume and its reference, which may be nil, and commits both.
func (w *patientWork) write(ctx context.Context, from schemas.Instance, result series.Result, reference *volume.Volume[uint8]) (schemas.Series, error) {
	r := w.resampling
	row := seriesRow(from, result.Info)
	hu, err := volume.Resample(result.Volume, r.SpacingMM, volume.Interpolation(r.Interpolation), 1)
	if err != nil {
		return row, fmt.Errorf("resampling a series: %w", err)
	}
	row.VolumeSizeX, row.VolumeSizeY, row.VolumeSizeZ = int32(hu.Size[0]), int32(hu.Size[1]), int32(hu.Size[2])
	row.VolumeSpacingX, row.VolumeSpacingY, row.VolumeSpacingZ = hu.SpacingMM[0], hu.SpacingMM[1], hu.SpacingMM[2]
	folder := path.Join("volumes", row.Cohort, row.PatientID, row.SeriesUID)
	row.VolumeURI = path.Join(folder, "image.nii.gz")
	if row.VolumeSHA256, err = writeVolume(ctx, w.roots.out, row.VolumeURI, hu); err != nil || reference == nil {
		return row, err
	}
	row.LabelURI = path.Join(folder, "label.nii.gz")
	row.LabelSHA256, err = writeVolume(ctx, w.roots.out, row.LabelURI, volume.ResampleLabels(reference, r.SpacingMM, 1))
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
