package transforms

import (
	"context"
	"errors"
	"fmt"
	"path"

	"ctcohort/configs/naming"
	"ctcohort/io/niftiio"
	"ctcohort/io/nrrdio"
	"ctcohort/schemas"
	"ctcohort/transforms/deid"
	"ctcohort/transforms/series"
)

// named takes over a file of an archive of volumes, whose name says what it is.
// A name that has both forms is a label's.
func (f *anonymiseFn) named(ctx context.Context, d *deid.Deidentifier, in Input, subject schemas.Reject) outcome[schemas.Instance] {
	of := func(names naming.Names) deid.VolumeIDs {
		return d.Volume(in.Archive.Cohort, names.Patient, names.Series)
	}
	names, isLabel, err := says(in.Archive.Labels, in.Name)
	if isLabel {
		return f.labelOf(ctx, in, of(names), subject)
	}
	names, isImage, bad := says(in.Archive.Images, in.Name)
	if isImage {
		return f.volume(ctx, in, of(names), subject)
	}
	if err := errors.Join(err, bad); err != nil {
		return outcome[schemas.Instance]{err: fmt.Errorf("reading the pattern of names: %w", err)}
	}
	subject.ReasonCode, subject.Detail = "name_unmatched", "the file's name has the form of neither images nor labels"
	return rejected[schemas.Instance](subject)
}

// says returns what a name says by a pattern, which may be none.
func says(pattern, name string) (names naming.Names, ok bool, err error) {
	if pattern == "" {
		return names, false, nil
	}
	p, err := naming.Parse(pattern)
	if err != nil {
		return names, false, err
	}
	names, ok = p.Match(name)
	return names, ok, nil
}

// volume takes over a CT volume: HU and geometry are written anew, so that no
// text of its header comes along.
func (f *anonymiseFn) volume(ctx context.Context, in Input, ids deid.VolumeIDs, subject schemas.Reject) outcome[schemas.Instance] {
	hu, err := readOriginal(ctx, in, niftiio.ReadHU, nrrdio.ReadHU)
	if out, failed := unread(err, "volume_unreadable", subject); failed {
		return out
	}
	if bad := series.UnusableVolume(hu); bad != nil {
		subject.ReasonCode, subject.Detail = bad.Code, bad.Detail
		return rejected[schemas.Instance](subject)
	}
	row := f.row(subject)
	row.PatientID, row.StudyUID, row.SeriesUID, row.Modality = ids.PatientID, ids.StudyUID, ids.SeriesUID, "CT"
	return writeClean(ctx, f, in, path.Join("sources", in.Archive.Cohort, ids.PatientID, ids.SeriesUID+".nii.gz"), hu, row, ids.Origin)
}
