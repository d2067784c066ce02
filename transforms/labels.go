package transforms

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"ctcohort/io/niftiio"
	"ctcohort/io/store"
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
	originals, err := store.Open(ctx, in.Archive.URI)
	if err != nil {
		return outcome[schemas.Instance]{err: err}
	}
	r, err := originals.Open(ctx, in.Name)
	if err != nil {
		return unreadable[schemas.Instance](subject)
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
	committed := out.commit(schemas.Instance{
		InputHMAC: subject.Subject, Cohort: in.Archive.Cohort, SeriesUID: series, References: series, Modality: ModalityNIfTI,
		Columns: int32(labels.Size[0]), Rows: int32(labels.Size[1]), Profile: f.Deidentification.Rules.ProfileName(),
	})
	return f.recalled(ctx, in, committed, deid.Origin{SeriesUID: uid})
}

func joinSorted(names []string) string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), " ")
}
