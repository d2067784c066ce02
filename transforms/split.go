package transforms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/schemas"
	"ctcohort/transforms/split"
)

func init() {
	beam.RegisterFunction(together)
	beam.RegisterDoFn(&splitFn{})
}

// Splitting says how many patients go to each side.
type Splitting struct {
	Train, Test int
	Seed        int64
	Sites       map[string]string // cohort → site
	External    []string          // cohorts that are wholly for testing
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
	found := map[string]int{}
	var patients []split.Patient
	var count []int32
	var row schemas.Series
	for next(&row) {
		key := row.Cohort + "/" + row.PatientID
		at, ok := found[key]
		if !ok {
			at = len(patients)
			found[key] = at
			patients = append(patients, split.Patient{
				ID: row.PatientID, Cohort: row.Cohort, Site: how.Sites[row.Cohort], External: slices.Contains(how.External, row.Cohort),
			})
			count = append(count, 0)
		}
		count[at]++
		patients[at].Studies = appendNew(patients[at].Studies, row.StudyUID)
		patients[at].Frames = appendNew(patients[at].Frames, row.FrameOfReference)
	}
	assigned, err := split.Assign(patients, split.Options{Train: how.Train, Test: how.Test, Seed: how.Seed})
	if err != nil {
		return fmt.Errorf("splitting the patients: %w", err)
	}
	for i, a := range assigned {
		emit(schemas.Patient{PatientID: a.ID, Cohort: a.Cohort, Site: patients[i].Site, Split: a.Split, SplitSeed: how.Seed, NSeries: count[i]})
	}
	return nil
}

// appendNew appends a name that is not empty and not yet there.
func appendNew(names []string, name string) []string {
	if strings.TrimSpace(name) == "" || slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}
