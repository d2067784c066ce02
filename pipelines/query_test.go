package pipelines

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"ctcohort/io/duckdb"
	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
)

// analysed writes a complete table of patients and one of predictions that is not
// complete under uri.
func analysed(t *testing.T, uri string) string {
	t.Helper()
	root, err := store.Open(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	err = parquetio.Commit(t.Context(), root, "tables/patients/cohort=c/part-00000.parquet", []schemas.Patient{
		{Cohort: "c", PatientID: "p", Split: "train"}, {Cohort: "c", PatientID: "q", Split: "test"},
	})
	if err == nil {
		err = writeManifest(t.Context(), root, "patients")
	}
	if err == nil {
		err = parquetio.Commit(t.Context(), root, "tables/predictions/cohort=c/part-00000.parquet", []schemas.Prediction{{Cohort: "c"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return uri
}

func hasDuckDB(t *testing.T) {
	t.Helper()
	if _, err := duckdb.Find(); err != nil {
		t.Skipf("no DuckDB (%v)", err)
	}
}

func TestQuery(t *testing.T) {
	hasDuckDB(t)
	folder := analysed(t, t.TempDir())
	relative := analysed(t, filepath.Join(t.TempDir(), "c:out"))
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "b"})
	t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(server.URL(), "http://"))
	for _, uri := range []string{folder, folder + "/", relative, analysed(t, "gs://b/out")} {
		for sql, want := range map[string]string{
			"SELECT split, count(*) AS n FROM patients GROUP BY ALL ORDER BY ALL": "split,n\ntest,1\ntrain,1\n",
			"SELECT * FROM predictions": "table predictions is not complete under the input root: run `ctcohort infer` first",
			"SELECT * FROM nobody":      "Catalog Error: Table with name nobody does not exist!",
		} {
			var got bytes.Buffer
			err := Query(t.Context(), Job{In: uri}, sql, "csv", &got)
			if err != nil {
				got.WriteString(err.Error())
			}
			if text := got.String(); !strings.HasPrefix(text, want) {
				t.Errorf("%s: %s gives %q; want %q", uri, sql, text, want)
			}
		}
	}
	if err := Query(t.Context(), Job{In: t.TempDir()}, "SELECT 1", "csv", new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), "no complete table") {
		t.Errorf("a query of an empty root: %v; want that there is no table", err)
	}
}

func TestViews(t *testing.T) {
	sql, err := Views(t.Context(), Job{In: analysed(t, t.TempDir())})
	if err != nil || !strings.Contains(sql, "VIEW patients ") || strings.Contains(sql, "VIEW predictions ") {
		t.Errorf("Views() = %v, %s; want a view of patients, and none of the incomplete predictions", err, sql)
	}
}
