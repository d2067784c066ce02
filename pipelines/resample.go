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
	decoders, err := codecs()
	if err != nil {
		return Summary{}, err
	}
	instances, err := parts[schemas.Instance](ctx, j)
	if err != nil {
		return Summary{}, err
	}
	inputs, err := inputsOf(ctx, j, "instances")
	if err != nil {
		return Summary{}, err
	}
	grid := j.Config.Volume
	grid.WindowHU = [2]float64{} // the network's
	depends := map[string]any{"volume": grid, "series": j.Config.Series, "decoders": decoders}
	for _, cohort := range cohorts(instances) {
		depends["cohorts."+cohort+".labels"] = j.Config.LabelsOf(cohort)
	}
	st := stage{
		name:     "resample",
		tables:   []output{outputOf[schemas.Series]("part"), rejectsOf("resample")},
		cohorts:  cohorts(instances),
		settings: depends, inputs: inputs,
		data: ownFiles(1, "volumes"), files: filesOf[schemas.Series],
		build: func(s beam.Scope, journal transforms.Journal) {
			rows := transforms.ReadTable[schemas.Instance](s, j.In, instances)
			how := transforms.Resampling{
				In: j.In, Out: j.out(), Journal: journal, Format: j.Config.Volume.Format, Workers: j.Config.Workers, Series: j.Config.Series,
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
