package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/io/duckdb"
	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
)

func TestQuery(t *testing.T) {
	if _, err := duckdb.Find(); err != nil {
		t.Skipf("no DuckDB (%v)", err)
	}
	out := t.TempDir()
	root, err := store.Open(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	const part = "tables/patients/cohort=c/part-00000.parquet"
	if err := parquetio.Commit(t.Context(), root, part, []schemas.Patient{{Cohort: "c", PatientID: "p", Split: "test"}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "tables/patients/_SUCCESS"), []byte(`{"files": [{"name": "`+part+`"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"csv", []string{"--format", "csv", "SELECT patient_id, split FROM patients"}, exitDone, "patient_id,split\np,test\n"},
		{"a table for people", []string{"SELECT split FROM patients"}, exitDone, "│ test"},
		{"views", []string{"--views"}, exitDone, "COMMENT ON COLUMN patients.split IS 'train, test, or unused"},
		{"bad SQL", []string{"SELEC split"}, exitUsage, "ctcohort: the query: Parser Error: syntax error at or near \"SELEC\"\n"},
		{"a column that is none", []string{"SELECT age FROM patients"}, exitUsage, `Referenced column "age" not found`},
		{"a table that is not there yet", []string{"SELECT * FROM metrics_wide"}, exitFailed, "table metrics is not complete under the input root: run `ctcohort infer` first"},
		{"a form that is none", []string{"--format", "xlsx", "SELECT 1"}, exitUsage, `--format "xlsx" is not one of table, csv, json, md`},
		{"no query", nil, exitUsage, "either a query, as \"SELECT …\", or --views is needed"},
		{"an empty query", []string{" "}, exitUsage, "the query is empty"},
		{"two queries", []string{"SELECT 1", "SELECT 2"}, exitUsage, "query takes one query in quotes"},
	} {
		status, stdout, stderr := command(t, append([]string{"query", "--in", out}, tt.args...)...)
		if text := stdout + stderr; status != tt.status || !strings.Contains(text, tt.want) || status != exitDone && strings.Count(text, "\n") != 1 {
			t.Errorf("%s: exit status %d, %s; want %d and %q", tt.name, status, text, tt.status, tt.want)
		}
	}
	if status, _, stderr := command(t, "query", "--in", t.TempDir(), "SELECT 1"); status != exitFailed || !strings.Contains(stderr, "no complete table is under the root") {
		t.Errorf("without tables: exit status %d, %s", status, stderr)
	}
	if status, _, stderr := command(t, "query", "SELECT 1"); status != exitUsage || !strings.Contains(stderr, "--in is missing") {
		t.Errorf("without --in: exit status %d, %s", status, stderr)
	}
	t.Setenv(duckdb.ProgramEnv, filepath.Join(out, "none"))
	if status, _, stderr := command(t, "query", "--in", out, "SELECT 1"); status != exitFailed || !strings.Contains(stderr, "make duckdb") {
		t.Errorf("without DuckDB: exit status %d, %s", status, stderr)
	}
}
