package views

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/io/duckdb"
	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// written is an output root whose path wants quoting, with two volumes in two cohorts.
func written(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "o'clock")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := store.Open(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	value := func(v float64) *float64 { return &v }
	for cohort, rows := range map[string][]schemas.Metric{
		"a": {{Label: "lung", Metric: "hd95", Value: value(2.5)}, {Label: "lung", Metric: "dice", Value: value(0.9)}, {Label: "infection", Metric: "involvement", Value: value(12)}},
		"b": {{Label: "infection", Metric: "dice", Reason: "both_empty"}, {Label: "infection", Metric: "volume_error", Value: value(-3)}},
	} {
		for i := range rows {
			rows[i].Cohort, rows[i].PatientID, rows[i].SeriesUID = cohort, "p", "s"
		}
		commit(t.Context(), t, out, "tables/metrics/cohort="+cohort+"/part-00000.parquet", rows)
	}
	commit(t.Context(), t, out, "tables/rejects/cohort=a/part-infer-00000.parquet", []schemas.Reject(nil))
	return root
}

func commit[T schemas.Record](ctx context.Context, t *testing.T, out store.Store, name string, rows []T) {
	t.Helper()
	if err := parquetio.Commit(ctx, out, name, rows); err != nil {
		t.Fatal(err)
	}
}

func TestSQLInDuckDB(t *testing.T) {
	program, err := duckdb.Find()
	if err != nil {
		t.Skipf("no DuckDB (%v)", err)
	}
	setup := SQL(written(t), []string{"metrics", "rejects"})
	for query, want := range map[string]string{
		"SELECT cohort, label, dice, hd95_mm, involvement_percent, volume_error_ml, dice_reason FROM metrics_wide ORDER BY ALL": "" +
			"cohort,label,dice,hd95_mm,involvement_percent,volume_error_ml,dice_reason\n" +
			"a,infection,,,12.0,,\na,lung,0.9,2.5,,,\nb,infection,,,,-3.0,both_empty\n",
		"SELECT count(*) AS n FROM rejects": "n\n0\n",
		"SELECT comment LIKE '%[ml]' AS unit FROM duckdb_columns() WHERE table_name = 'metrics_wide' AND column_name = 'volume_error_ml'": "unit\ntrue\n",
		"SELECT string_agg(view_name, ' ' ORDER BY view_name) AS views FROM duckdb_views() WHERE NOT internal":                            "views\nmetrics metrics_wide rejects\n",
	} {
		var got bytes.Buffer
		if err := duckdb.Query(t.Context(), program, setup, query, "csv", &got); err != nil || got.String() != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", query, err, got.String(), want)
		}
	}
}

// Every table has a view of its own, and units stand in the names of all columns that have one.
func TestSQLHasEveryTable(t *testing.T) {
	var all []string
	for _, table := range schemas.Tables() {
		all = append(all, table.Name)
	}
	sql := SQL("gs://bucket/out", all)
	for _, table := range all {
		if !strings.Contains(sql, "VIEW "+table+" AS") {
			t.Errorf("no view of table %s", table)
		}
	}
	if !strings.Contains(sql, "'gs://bucket/out/patches/*/*/*.parquet'") {
		t.Error("the view of patches does not read the shards")
	}
	for _, m := range metrics.Measures {
		if unit := map[string]string{"mm": "_mm", "ml": "_ml", "%": "_percent", "HU": "_hu"}[m.Unit]; !strings.HasSuffix(Column(m), unit) {
			t.Errorf("column %s of %s in %s does not say its unit", Column(m), m.Name, m.Unit)
		}
	}
}
