package pipelines

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
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
			how := transforms.Resampling{
				In: j.In, Out: j.out(), Format: j.Config.Volume.Format, Workers: j.Config.Workers, Series: j.Config.Series,
				SpacingMM: j.Config.Volume.SpacingMM, Interpolation: j.Config.Volume.Interpolation, Prefilter: j.Config.Volume.Prefilter,
				LabelInterpolation: j.Config.Volume.LabelInterpolation, Labels: map[string]configs.Labels{},
			}
			for _, cohort := range cohorts(instances) {
				how.Labels[cohort] = j.Config.LabelsOf(cohort)
			}
			series, rejects := transforms.Resample(s, how, rows)
			transforms.WriteTable[schemas.Series](s, j.out(), "part", 1, series)
			transforms.WriteTable[schemas.Reject](s, j.out(), "part-resample", 1, rejects)
		},
	}
	return st.run(ctx, j)
}
