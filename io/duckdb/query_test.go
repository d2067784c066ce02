package duckdb

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func found(t *testing.T) string {
	t.Helper()
	path, err := Find()
	if err != nil {
		t.Skipf("no DuckDB (%v)", err)
	}
	return path
}

func TestQueryFormats(t *testing.T) {
	const setup = "CREATE VIEW v AS SELECT * FROM (VALUES ('a|b', 1.5::DOUBLE, 'inf'::DOUBLE), ('ü', NULL, '-inf'::DOUBLE)) AS t(name, x, y);"
	for format, want := range map[string]string{
		"csv":  "name,x,y\na|b,1.5,inf\n\"ü\",,-inf\n",
		"json": `[{"name":"a|b","x":1.5,"y":"Infinity"},` + "\n" + `{"name":"ü","x":null,"y":"-Infinity"}]` + "\n",
		"md":   "| name |  x  |  y   |\n|------|----:|-----:|\n| a\\|b | 1.5 | inf  |\n| ü    | –   | -inf |\n",
	} {
		var got bytes.Buffer
		if err := Query(t.Context(), found(t), setup, "SELECT * FROM v ORDER BY x NULLS LAST", format, &got); err != nil || got.String() != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", format, err, got.String(), want)
		}
	}
	var table bytes.Buffer
	if err := Query(t.Context(), found(t), "", "SELECT * FROM range(1000) t(i)", "table", &table); err != nil || strings.Count(table.String(), "\n") < 1000 {
		t.Errorf("a table of 1000 rows: %v, %d lines; want all of them", err, strings.Count(table.String(), "\n"))
	}
}

func TestQueryFaults(t *testing.T) {
	for sql, want := range map[string]string{
		"SELEC 1":                      `Parser Error: syntax error at or near "SELEC"`,
		"SELECT nothing FROM v":        `Referenced column "nothing" not found`,
		"SELECT * FROM missing":        "Table with name missing does not exist!",
		"SELECT 'x'::INT":              "Could not convert string 'x' to INT32",
		".shell echo done":             "is a command of DuckDB's shell",
		"SELECT st_point(1, 2)":        "st_point",
		"SELECT * FROM 'none.parquet'": "none.parquet",
	} {
		var out bytes.Buffer
		err := Query(t.Context(), found(t), "CREATE VIEW v AS SELECT 1 AS one;", sql, "csv", &out)
		if fault := (Error{}); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %v; want one line with %q", sql, err, want)
		}
	}
}

func TestFindSaysWhatToDo(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("PATH", "")
	if path, err := Find(); err == nil || !strings.Contains(err.Error(), "make duckdb") {
		t.Errorf("Find() = %q, %v; want an error that says `make duckdb`", path, err)
	}
	folder := t.TempDir()
	there := filepath.Join(folder, "duckdb")
	if err := os.WriteFile(there, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	if path, err := Find(); err != nil || path != there {
		t.Errorf("Find() = %q, %v; want the one on PATH, %q", path, err, there)
	}
	t.Setenv(ProgramEnv, filepath.Join(folder, "none"))
	if path, err := Find(); err == nil || !strings.Contains(err.Error(), ProgramEnv) {
		t.Errorf("Find() = %q, %v; want what the variable names, or an error", path, err)
	}
}

// However the document is cut into writes, it comes out as one.
func TestStrictJSON(t *testing.T) {
	const in = `[{"a":NaN,"b":[-Infinity,Infinity,-1.5e-7,true,null],"c":"Infinity \" NaN \\","d":{"e":Infinity}}]`
	const want = `[{"a":"NaN","b":["-Infinity","Infinity",-1.5e-7,true,null],"c":"Infinity \" NaN \\","d":{"e":"Infinity"}}]`
	for size := 1; size <= len(in); size++ {
		var got bytes.Buffer
		s := &strictJSON{to: &got}
		for rest := []byte(in); len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if _, err := s.Write(rest[:min(size, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		if got.String() != want || !json.Valid(got.Bytes()) {
			t.Fatalf("in pieces of %d: %s; want %s", size, got.String(), want)
		}
	}
}
