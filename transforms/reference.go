package transforms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/series"
)

// loadSegmentation reads a DICOM SEG of the patient; one that cannot be read is a reject.
func (w *patientWork) loadSegmentation(ctx context.Context, row schemas.Instance) error {
	r, err := w.roots.in.Open(ctx, row.URI)
	if err != nil {
		return fmt.Errorf("opening a de-identified file: %w", err)
	}
	defer r.Close()
	seg, err := dicomio.ReadSegmentation(r)
	var bad *dicomio.Error
	switch {
	case errors.As(err, &bad):
		w.reject(row.SOPUID, bad.Code, bad.Detail)
	case err != nil:
		return fmt.Errorf("reading a segmentation: %w", err)
	default:
		w.segmentations = append(w.segmentations, segmentation{row: row, seg: seg})
	}
	return nil
}

// reference returns the label map of a volume on the volume's own grid, from
// its NIfTI label or else from the segmentations that match it; nil where the
// volume has none. source is "nifti", "seg" or "".
func (w *patientWork) reference(ctx context.Context, info series.Info, grid volume.Grid, label schemas.Instance, hasLabel bool) (reference *volume.Volume[uint8], source string, err error) {
	if hasLabel {
		reference, err = w.nifti(ctx, grid, label)
		if reference != nil || err != nil {
			return reference, "nifti", err
		}
	}
	for i := range w.segmentations {
		s := &w.segmentations[i]
		if !refersTo(s.row, info.SeriesUID) {
			continue
		}
		if _, err := series.Match(s.seg, []series.Info{info}); err != nil {
			continue // it may be another volume's; unmatched ones are rejected at the end
		}
		s.taken = true
		labels, _, err := series.SegmentationLabels(s.seg, series.DefaultNames(), info)
		if err != nil {
			w.rejectLabel(s.row.SOPUID, err)
			continue
		}
		reference, source = merge(reference, labels), "seg"
	}
	return reference, source, nil
}

// refersTo says whether a segmentation may be the series': it refers to it, or to none.
func refersTo(seg schemas.Instance, seriesUID string) bool {
	return seg.References == "" || slices.Contains(strings.Fields(seg.References), seriesUID)
}

func (w *patientWork) nifti(ctx context.Context, grid volume.Grid, row schemas.Instance) (*volume.Volume[uint8], error) {
	label, err := ReadLabels(ctx, w.roots.in, row.URI)
	if err != nil {
		return nil, err
	}
	reference, _, err := series.VolumeLabels(label, grid, 1)
	if err != nil {
		w.rejectLabel(row.SeriesUID, err)
		return nil, nil
	}
	return reference, nil
}

func (w *patientWork) rejectLabel(subject string, err error) {
	var bad *series.Reject
	if errors.As(err, &bad) {
		w.reject(subject, bad.Code, bad.Detail)
		return
	}
	w.reject(subject, "label_unusable", err.Error())
}

// merge joins two label maps of one grid; the higher class wins, infection over lung.
func merge(a, b *volume.Volume[uint8]) *volume.Volume[uint8] {
	if a == nil {
		return b
	}
	for i, class := range b.Data {
		a.Data[i] = max(a.Data[i], class)
	}
	return a
}
