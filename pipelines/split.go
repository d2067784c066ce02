package pipelines

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms"
	"ctcohort/transforms/split"
)

// Split assigns the patients to train and test:
//
//	tables/series → Split → tables/patients
//
// What was written is then read again and checked: nothing may be on both sides.
func Split(ctx context.Context, j Job) (Summary, error) {
	series, err := parts[schemas.Series](ctx, j)
	if err != nil {
		return Summary{}, err
	}
	how, err := splitting(j.Config, cohorts(series))
	if err != nil {
		return Summary{}, err
	}
	inputs, err := inputsOf(ctx, j, "series")
	if err != nil {
		return Summary{}, err
	}
	st := stage{
		name:     "split",
		tables:   []output{outputOf[schemas.Patient]("part")},
		cohorts:  cohorts(series),
		settings: map[string]any{"split": how.Rules, "sites": how.Sites, "external": how.External}, inputs: inputs,
		check: func(ctx context.Context, _ *attempt) ([]string, error) { return checkSides(ctx, j, how) },
		build: func(s beam.Scope, _ transforms.Journal) {
			patients := transforms.Split(s, how, transforms.ReadSeries(s, j.In, series))
			transforms.WriteTable[schemas.Patient](s, j.out(), "part", 1, patients)
		},
	}
	return st.run(ctx, j)
}

// splitting is how the cohorts that are there are split. A cohort of the
// configuration that is not there is no fault, one named in split.external is.
func splitting(cfg configs.Config, there []string) (transforms.Splitting, error) {
	how := transforms.Splitting{Rules: cfg.Split, Sites: map[string]string{}, External: slices.Clone(cfg.Split.External)}
	for _, name := range cfg.Split.External {
		if !slices.Contains(there, name) {
			return how, fmt.Errorf("split.external names cohort %q, but the table of series has %s: correct the name", name, strings.Join(there, ", "))
		}
	}
	for _, c := range cfg.Cohorts {
		how.Sites[c.Name] = c.Site
		if c.External {
			how.External = append(how.External, c.Name)
		}
	}
	for _, name := range there {
		if cfg.Split.StratifyBy == "site" && how.Sites[name] == "" && !slices.Contains(how.External, name) {
			return how, fmt.Errorf("split.stratify_by is site, but cohort %s has no site: give the site of each cohort under `cohorts` of a configuration, or stratify by none", name)
		}
	}
	return how, nil
}

// checkSides reads the committed tables, checks that nothing is on both sides,
// and says how many patients are where. After a failure the table of patients
// is no longer complete, so that no later stage takes it.
func checkSides(ctx context.Context, j Job, how transforms.Splitting) ([]string, error) {
	series, err := usedSeries(ctx, j)
	if err != nil {
		return nil, err
	}
	rows, err := table[schemas.Patient](ctx, Job{In: j.out()})
	if err != nil {
		return nil, err
	}
	sides := make(map[[2]string]schemas.Patient, len(rows))
	count, external := map[string]int{}, 0
	for _, r := range rows {
		sides[[2]string{r.Cohort, r.PatientID}] = r
		count[r.Split]++
		if r.External {
			external++
		}
	}
	patients := split.Gather(slices.Values(series), how.Sites, how.External)
	assigned := make([]split.Assignment, len(patients))
	for i, p := range patients {
		assigned[i] = split.Assignment{ID: p.ID, Cohort: p.Cohort, Split: sides[[2]string{p.Cohort, p.ID}].Split}
	}
	checked, err := split.Check(patients, assigned)
	if err == nil && len(rows) != len(patients) {
		err = fmt.Errorf("the table of patients has %d rows for %d patients", len(rows), len(patients))
	}
	if err != nil {
		err = fmt.Errorf("checking the split: %w", err)
		return nil, errors.Join(err, incomplete(ctx, j.out(), "patients"))
	}
	return []string{
		fmt.Sprintf("%d train, %d test (%d of external cohorts), %d unused", count[split.Train], count[split.Test], external, count[split.Unused]),
		fmt.Sprintf("checked: none of %d patients, %d studies, %d frames of reference and %d volumes is on both sides",
			checked.Patients, checked.Studies, checked.Frames, checked.Volumes),
	}, nil
}

// incomplete takes away the mark that a table is complete.
func incomplete(ctx context.Context, root, table string) error {
	s, err := store.Open(ctx, root)
	if err != nil {
		return err
	}
	return s.Remove(ctx, successName(table))
}
