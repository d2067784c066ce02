package transforms

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ctcohort/configs"
	"ctcohort/transforms/deid"
)

// TestJobGraphHoldsNoSecret: what Beam stores of the stage, its exported fields
// as JSON, holds references alone, even after they were followed.
func TestJobGraphHoldsNoSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const key, label, id = "the-key-0123456789abcdef", "Erika Musterfrau", "MRN-778899"
	f := &anonymiseFn{Deidentification: Deidentification{Root: filepath.Join(dir, "out"), Rules: configs.Deidentification{
		Profile: "research", Key: "file:" + write("key", key), Links: write("links.csv", "person,site,issuer,patient_id\n"+label+",,,"+id+"\n"),
	}}}
	if err := f.Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ids, _ := f.links.Len(); ids != 1 || string(f.key) != key {
		t.Fatalf("Setup read %d linked IDs, want 1", ids)
	}
	graph, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{key, label, id} {
		if strings.Contains(string(graph), secret) {
			t.Errorf("the job graph holds %q", secret)
		}
	}
	if !strings.Contains(string(graph), "links.csv") {
		t.Error("the job graph lacks the reference of the link table")
	}
}

// TestPixelsOf: what a configuration says of pixels reaches the rules.
func TestPixelsOf(t *testing.T) {
	cfg, err := configs.Load("x.yaml", []byte(`
output: o
deidentification:
  faces: allow
  overlays_in_pixels: clear
  blank:
    - when: {modality: US, manufacturer: GE*, model: L, rows: 7, columns: 8, sop_class: "1.2", image_type: A, transfer_syntax: "1.3"}
      regions: [[1, 2, 3, 4]]
      keep: [[-5, -6, 0, 8]]
`))
	if err != nil {
		t.Fatal(err)
	}
	want := deid.Pixels{Faces: deid.Allow, Overlays: deid.Clear, Blank: []deid.BlankRule{{
		When:    deid.BlankWhen{Modality: "US", Manufacturer: "GE*", Model: "L", Rows: 7, Columns: 8, SOPClass: "1.2", ImageType: "A", TransferSyntax: "1.3"},
		Regions: []deid.Region{{1, 2, 3, 4}}, Keep: []deid.Region{{-5, -6, 0, 8}},
	}}}
	if got := pixelsOf(cfg.Deidentification); !reflect.DeepEqual(got, want) {
		t.Errorf("pixelsOf() = %+v, want %+v", got, want)
	}
}

func TestLoadKeyReferences(t *testing.T) {
	t.Setenv("CTCOHORT_TEST_KEY", "0123456789abcdef\n")
	t.Setenv("CTCOHORT_TEST_SHORT", "0123456789\n")
	for _, c := range []struct{ reference, want string }{
		{"env:CTCOHORT_TEST_KEY", ""},
		{"env:CTCOHORT_TEST_SHORT", "env:CTCOHORT_TEST_SHORT: checking the pseudonym key: it has 10 bytes"},
		{"env:CTCOHORT_TEST_NONE", "it has 0 bytes"},
		{"gcp-secret:projects/p/secrets/s/versions/latest", "projects/P/secrets/S/versions/N"},
		{"0123456789abcdef", "must be file:PATH, env:NAME or gcp-secret:"},
	} {
		key, err := LoadKey(t.Context(), c.reference)
		switch {
		case c.want == "" && (err != nil || string(key) != "0123456789abcdef"):
			t.Errorf("LoadKey(%s) = %d bytes, %v; want the key without its line end", c.reference, len(key), err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("LoadKey(%s) = %v, want an error with %q", c.reference, err, c.want)
		case err != nil && strings.Contains(err.Error(), "0123456789"):
			t.Errorf("LoadKey(%s): the error holds the key", c.reference)
		}
	}
}
