package pipelines

import (
	"context"
	"maps"
	"slices"

	"ctcohort/io/parquetio"
	"ctcohort/schemas"
)

// commitTable writes all rows of a table of the attempted stage, one part a
// cohort, and marks it complete. Each of the cohorts gets a part, if an empty one.
func commitTable[T schemas.Record](ctx context.Context, a *attempt, cohorts []string, rows []T) (TableRows, error) {
	out := outputOf[T]("part")
	of := map[string][]T{}
	for _, row := range rows {
		of[row.Partition()] = append(of[row.Partition()], row)
	}
	for _, cohort := range slices.Sorted(maps.Keys(of)) {
		if err := parquetio.Commit(ctx, a.root, out.part(cohort), of[cohort]); err != nil {
			return TableRows{}, err
		}
	}
	n, parts, err := out.complete(ctx, a.root, cohorts)
	a.now.Files = append(a.now.Files, parts...)
	return TableRows{out.table, n}, err
}

// cohortsOf returns the names of the patients' cohorts.
func cohortsOf(patients []schemas.Patient) []string {
	names := map[string]bool{}
	for _, p := range patients {
		names[p.Cohort] = true
	}
	return slices.Sorted(maps.Keys(names))
}
