package transforms

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"ctcohort/io/niftiio"
	"ctcohort/schemas"
	"ctcohort/transforms/deid"
)

// ModalityNIfTI stands in the modality of an instance that is a NIfTI label map.
const ModalityNIfTI = "NIFTI"

var uidName = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`)

// label takes over a NIfTI label map named by its series: the voxels and the
// geometry are written anew, so that no text of its header comes along.
func (f *anonymiseFn) label(ctx context.Context, d *deid.Deidentifier, in Input, subject schemas.Reject) outcome[schemas.Instance] {
	uid := strings.TrimSuffix(strings.TrimSuffix(path.Base(in.Name), ".gz"), ".nii")
	if !uidName.MatchString(uid) {
		subject.ReasonCode, subject.Detail = "label_name", "a NIfTI label must be named by its series: <SeriesInstanceUID>.nii.gz"
		return rejected[schemas.Instance](subject)
	}
	r, lost := openInput(ctx, in, subject)
	if r == nil {
		return lost
	}
	defer r.Close()
	labels, err := niftiio.ReadLabels(r, MaxVoxels)
	if err != nil {
		subject.ReasonCode, subject.Detail = "label_unreadable", err.Error()
		return rejected[schemas.Instance](subject)
	}
	series := d.UID(uid)
	out := &output{ctx: ctx, root: f.root}
	defer out.abort()
	if err := out.create(path.Join("labels", in.Archive.Cohort, series+".nii.gz")); err != nil {
		return outcome[schemas.Instance]{err: fmt.Errorf("writing a label: %w", err)}
	}
	if err := niftiio.Write(out, labels, true); err != nil {
		return outcome[schemas.Instance]{err: err}
	}
	row := f.row(subject)
	row.SeriesUID, row.References, row.Modality = series, series, ModalityNIfTI
	row.Columns, row.Rows = int32(labels.Size[0]), int32(labels.Size[1])
	return f.recalled(ctx, in, out.commit(row), deid.Origin{SeriesUID: uid})
}

func joinSorted(names []string) string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), " ")
}
