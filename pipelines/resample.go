package pipelines

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/schemas"
	"ctcohort/transforms"
)

// Resample makes the volumes:
//
//	tables/instances → Resample → volumes/, tables/series
func Resample(ctx context.Context, j Job) (Summary, error) {
	if _, err := codecs(); err != nil {
		return Summary{}, err
	}
	instances, err := parts[schemas.Instance](ctx, j)
	if err != nil {
		return Summary{}, err
	}
	st := stage{
		name:    "resample",
		tables:  []output{outputOf[schemas.Series]("part"), rejectsOf("resample")},
		cohorts: cohorts(instances),
		build: func(s beam.Scope) {
			rows := transforms.ReadTable[schemas.Instance](s, j.In, instances)
			how := transforms.Resampling{In: j.In, Out: j.out(), SpacingMM: j.Config.Volume.SpacingMM, Interpolation: j.Config.Volume.Interpolation, Workers: j.Config.Workers}
			series, rejects := transforms.Resample(s, how, rows)
			transforms.WriteTable[schemas.Series](s, j.out(), "part", 1, series)
			transforms.WriteTable[schemas.Reject](s, j.out(), "part-resample", 1, rejects)
		},
	}
	return st.run(ctx, j)
}
