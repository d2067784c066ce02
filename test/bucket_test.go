package test

import (
	"bytes"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/pipelines"
	"ctcohort/test/flaky"
)

// oneInFive spoils every fifth request, each time in another way, and makes some
// of the others slow.
func oneInFive(n int64, r *http.Request) flaky.Fault {
	switch {
	case n%20 == 5 && flaky.IsUpload(r):
		return flaky.LoseAnswer
	case n%10 == 0 && flaky.IsMedia(r):
		return flaky.CutBody
	case n%5 == 0:
		return flaky.Refuse
	case n%97 == 0:
		return flaky.Slow
	}
	return flaky.None
}

// TestRunInABucket: with the archive, the key, the model, the configuration and
// the output in a bucket of which one request in five fails, every stage gives the
// bytes that it gives in local folders.
func TestRunInABucket(t *testing.T) {
	slow(t)
	cfg := recoverable(t, 2)
	runStages(t, cfg, false)
	local := tree(t, cfg.Output)

	server := flaky.Serve(t, oneInFive)
	upload := func(uri string, files map[string][]byte) string {
		s, err := store.Open(t.Context(), uri)
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range files {
			if err := store.WriteAll(t.Context(), s, name, data); err != nil {
				t.Fatal(err)
			}
		}
		return uri
	}
	remote := cfg
	remote.Output = "gs://bucket/cohorts/out"
	remote.Cohorts = slices.Clone(cfg.Cohorts)
	remote.Cohorts[0].Archive = upload("gs://bucket/archive", tree(t, cfg.Cohorts[0].Archive))
	upload("gs://bucket/etc", map[string][]byte{"key": read(t, strings.TrimPrefix(cfg.Deidentification.Key, "file:")), "tiny.onnx": read(t, cfg.Inference.Models[0])})
	remote.Deidentification.Key, remote.Inference.Models = "file:gs://bucket/etc/key", []string{"gs://bucket/etc/tiny.onnx"}
	text, err := yaml.Marshal(remote)
	if err != nil {
		t.Fatal(err)
	}
	upload("gs://bucket/etc", map[string][]byte{"run.yaml": text})
	if text, err = store.ReadURI(t.Context(), "gs://bucket/etc/run.yaml"); err != nil {
		t.Fatal(err)
	}
	if remote, err = configs.Load("gs://bucket/etc/run.yaml", text); err != nil {
		t.Fatal(err)
	}
	runAll(t, remote)
	all, spoilt := server.Requests()
	if t.Logf("%d of %d requests were spoilt", spoilt, all); spoilt < all/6 {
		t.Errorf("%d of %d requests were spoilt; want one in five", spoilt, all)
	}
	copied := download(t, remote.Output)
	for _, files := range []map[string][]byte{local, copied} { // an object's version is another in a bucket
		maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.HasPrefix(name, "state/") })
	}
	compare(t, "in a bucket", clockless(local), clockless(copied), "")
	if found, err := pipelines.Verify(t.Context(), pipelines.Job{In: remote.Output}); err != nil || len(found.Faults)+len(found.Incomplete) > 0 {
		t.Errorf("Verify() = %+v, %v; want no fault", found, err)
	}
	before := download(t, remote.Output)
	if d := runStages(t, remote, false); len(d.unchanged()) != len(pipelines.Stages) {
		t.Errorf("run again, %v had nothing to do; want every stage", d.unchanged())
	}
	if !maps.EqualFunc(before, download(t, remote.Output), bytes.Equal) {
		t.Error("run again, the bucket changed")
	}
}

// download returns all objects below a URI by name.
func download(t *testing.T, uri string) map[string][]byte {
	t.Helper()
	s, err := store.Open(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for o, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if all[o.Name], err = store.ReadAll(t.Context(), s, o.Name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestNothingGoesPastTheStore: only what is told here, packages and single files,
// may open files by itself.
func TestNothingGoesPastTheStore(t *testing.T) {
	may := map[string]string{
		"io/store":             "it is the store",
		"io/sharedlib":         "libraries are loaded by the system, from its files",
		"io/duckdb":            "a program and its library are started by the system",
		"transforms/crosswalk": "an identity that is made must not leave the machine",
		"transforms/deid":      "a local key, whose mode is checked",
		"model/onnx/fit.go":    "what the system says of its memory",
		"pipelines/query.go":   "a folder that the query leaves again",
		"pipelines/ctcohort":   "the phantom's folder, and the status of a run",
		"test/phantom":         "the phantom's folder",
	}
	for _, folder := range layers {
		files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || may[folder] != "" || may[strings.TrimPrefix(file, "../")] != "" || strings.HasPrefix(folder, "test/") {
				continue
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, call := range []string{"os.Open", "os.Create", "os.ReadFile", "os.WriteFile", "os.ReadDir", "os.Mkdir", "os.Remove", "os.Rename", "os.Stat", "ioutil."} {
				if bytes.Contains(data, []byte(call)) {
					t.Errorf("%s calls %s; what pipelines read and write goes through io/store", strings.TrimPrefix(file, "../"), call)
				}
			}
		}
	}
}
