package transforms

import (
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/schemas"
	"ctcohort/transforms/split"
)

func init() {
	beam.RegisterFunction(together)
	beam.RegisterDoFn(&splitFn{})
}

// Splitting says how many patients go to each side.
type Splitting struct {
	Rules    configs.Split
	Sites    map[string]string // cohort → site
	External []string          // cohorts that are wholly for testing
}

// Split assigns the patients of all series, PCollection<schemas.Series>, to
// sides: PCollection<schemas.Patient>. The choice needs every patient at once,
// so it is one element of work; a million patients are some 100 MB.
func Split(s beam.Scope, how Splitting, series beam.PCollection) beam.PCollection {
	s = s.Scope("Split")
	return beam.ParDo(s, &splitFn{Splitting: how}, beam.GroupByKey(s, beam.ParDo(s, together, series)))
}

func together(r schemas.Series) (string, schemas.Series) { return "", r }

type splitFn struct {
	Splitting Splitting
}

func (f *splitFn) ProcessElement(_ string, next func(*schemas.Series) bool, emit func(schemas.Patient)) error {
	how := f.Splitting
	patients := split.Gather(func(yield func(schemas.Series) bool) {
		for row := (schemas.Series{}); next(&row) && yield(row); row = (schemas.Series{}) {
		}
	}, how.Sites, how.External)
	assigned, err := split.Assign(patients, split.Options{
		Train: how.Rules.Train, Test: how.Rules.Test, TrainFraction: how.Rules.TrainFraction, TestFraction: how.Rules.TestFraction,
		Seed: how.Rules.Seed, StratifyBySite: how.Rules.StratifyBy == "site",
	})
	if err != nil {
		return fmt.Errorf("splitting the patients: %w", err)
	}
	for i, a := range assigned {
		emit(schemas.Patient{
			PatientID: a.ID, Cohort: a.Cohort, Site: patients[i].Site, Split: a.Split, SplitSeed: how.Rules.Seed,
			External: patients[i].External, Linked: int32(a.Linked), NSeries: int32(patients[i].Series),
		})
	}
	return nil
}
