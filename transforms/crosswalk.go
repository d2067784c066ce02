package transforms

import (
	"context"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms/crosswalk"
	"ctcohort/transforms/deid"
)

// openCrosswalk returns a writer of the crosswalk, nil where none is asked for.
func openCrosswalk(ctx context.Context, c configs.Crosswalk, key []byte) (*crosswalk.Writer, error) {
	if c.Output == "" {
		return nil, nil
	}
	place, err := store.Open(ctx, c.Output)
	if err != nil {
		return nil, err
	}
	return crosswalk.NewWriter(ctx, place, c.Recipients, func(plain []byte) [32]byte {
		return deid.Derive(key, "crosswalk part", string(plain))
	})
}

// recalled adds what a committed file was to the crosswalk, and passes its outcome on.
func (f *anonymiseFn) recalled(ctx context.Context, in Input, out outcome[schemas.Instance], origin deid.Origin) outcome[schemas.Instance] {
	if f.crosswalk == nil {
		return out
	}
	for _, row := range out.rows {
		err := f.crosswalk.Add(ctx, crosswalk.Row{
			Cohort: row.Cohort, Pseudonym: row.PatientID, StudyUID: row.StudyUID, SeriesUID: row.SeriesUID, DateOffsetDays: origin.DateOffsetDays,
			Site: in.Archive.Site, OriginalIssuer: origin.Issuer, OriginalPatientID: origin.PatientID,
			OriginalStudyUID: origin.StudyUID, OriginalSeriesUID: origin.SeriesUID,
		})
		if err != nil {
			return outcome[schemas.Instance]{err: err}
		}
	}
	return out
}
