package pipelines

import (
	"context"
	"maps"
	"slices"

	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
)

// commitTable writes all rows of a table, one part a cohort, in place of what
// an earlier run wrote, and marks it complete. Each of the cohorts gets a part,
// if an empty one.
func commitTable[T schemas.Record](ctx context.Context, root store.Store, cohorts []string, rows []T) (TableRows, error) {
	out := outputOf[T]("part")
	if err := out.clear(ctx, root); err != nil {
		return TableRows{}, err
	}
	of := map[string][]T{}
	for _, row := range rows {
		of[row.Partition()] = append(of[row.Partition()], row)
	}
	for _, cohort := range slices.Sorted(maps.Keys(of)) {
		if err := parquetio.Commit(ctx, root, out.part(cohort), of[cohort]); err != nil {
			return TableRows{}, err
		}
	}
	n, err := out.complete(ctx, root, cohorts)
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
