package pipelines

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/schemas"
	"ctcohort/transforms"
)

// Split assigns the patients to train and test:
//
//	tables/series → Split → tables/patients
func Split(ctx context.Context, j Job) (Summary, error) {
	series, err := parts[schemas.Series](ctx, j)
	if err != nil {
		return Summary{}, err
	}
	how := transforms.Splitting{Train: j.Config.Split.Train, Test: j.Config.Split.Test, Seed: j.Config.Split.Seed, Sites: map[string]string{}}
	for _, c := range j.Config.Cohorts {
		how.Sites[c.Name] = c.Site
		if c.External {
			how.External = append(how.External, c.Name)
		}
	}
	st := stage{
		name:    "split",
		tables:  []output{outputOf[schemas.Patient]("part")},
		cohorts: cohorts(series),
		build: func(s beam.Scope) {
			patients := transforms.Split(s, how, transforms.ReadTable[schemas.Series](s, j.In, series))
			transforms.WriteTable[schemas.Patient](s, j.out(), "part", 1, patients)
		},
	}
	return st.run(ctx, j)
}
