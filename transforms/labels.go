package transforms

import (
	"context"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"ctcohort/io/niftiio"
	"ctcohort/io/nrrdio"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/deid"
	"ctcohort/transforms/series"
)

// ModalityNIfTI stands in the modality of an instance that is a label map in NIfTI.
const ModalityNIfTI = "NIFTI"

var uidName = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`)

// label takes over a label map, NIfTI or NRRD, named by its series.
func (f *anonymiseFn) label(ctx context.Context, d *deid.Deidentifier, in Input, subject schemas.Reject) outcome[schemas.Instance] {
	uid := path.Base(in.Name)
	for _, end := range []string{".gz", ".nii", ".nrrd", ".nhdr", ".seg"} {
		uid = strings.TrimSuffix(uid, end)
	}
	if !uidName.MatchString(uid) {
		subject.ReasonCode, subject.Detail = "label_name", "a NIfTI or NRRD label must be named by its series: <SeriesInstanceUID>.nii.gz"
		return rejected[schemas.Instance](subject)
	}
	return f.labelOf(ctx, in, deid.VolumeIDs{SeriesUID: d.UID(uid), Origin: deid.Origin{SeriesUID: uid}}, subject)
}

// labelOf takes over the label map of a series: the voxels and the geometry are
// written anew, so that no text of its header comes along.
func (f *anonymiseFn) labelOf(ctx context.Context, in Input, ids deid.VolumeIDs, subject schemas.Reject) outcome[schemas.Instance] {
	row := f.row(subject)
	labels, err := readOriginal(ctx, in, niftiLabels, nrrdio.ReadSegmentation)
	if out, failed := unread(err, "label_unreadable", subject); failed {
		return out
	}
	voxels := labels.Layers[0]
	if len(labels.Segments) > 0 {
		voxels, row.Classes, err = series.SegmentClasses(labels, namesOf(f.Deidentification.Labels[in.Archive.Cohort]))
		if bad := (*series.Reject)(nil); errors.As(err, &bad) {
			subject.ReasonCode, subject.Detail = bad.Code, bad.Detail
			return rejected[schemas.Instance](subject)
		}
	}
	row.PatientID, row.StudyUID, row.SeriesUID, row.References, row.Modality = ids.PatientID, ids.StudyUID, ids.SeriesUID, ids.SeriesUID, ModalityNIfTI
	return writeClean(ctx, f, in, path.Join("labels", in.Archive.Cohort, ids.SeriesUID+".nii.gz"), voxels, row, ids.Origin)
}

// niftiLabels reads a label map as a segmentation whose segments have no names.
func niftiLabels(r io.Reader, maxVoxels int) (*nrrdio.Segmentation, error) {
	labels, err := niftiio.ReadLabels(r, maxVoxels)
	return &nrrdio.Segmentation{Layers: []*volume.Volume[uint8]{labels}}, err
}

func joinSorted(names []string) string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), " ")
}
