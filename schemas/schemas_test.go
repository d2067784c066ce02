package schemas

import (
	"os"
	"regexp"
	"testing"
)

func TestDictionaryIsCurrent(t *testing.T) {
	got, err := os.ReadFile("DICTIONARY.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Dictionary() {
		t.Error("DICTIONARY.md is not what package schemas says; run `go generate ./schemas`")
	}
}

func TestColumnsAreDescribed(t *testing.T) {
	check[Instance](t)
	check[Series](t)
	check[Patient](t)
	check[Patch](t)
	check[Prediction](t)
	check[Metric](t)
	check[Histogram](t)
	check[Summary](t)
	check[Comparison](t)
	check[Reject](t)
	check[Run](t)
}

var columnName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func check[T Record](t *testing.T) {
	var row T
	seen := map[string]bool{}
	for _, c := range Columns[T]() {
		if !columnName.MatchString(c.Name) || seen[c.Name] || c.Doc == "" {
			t.Errorf("%s.%s: want a unique snake_case name and a description", row.Table(), c.Name)
		}
		seen[c.Name] = true
		field, ok := Arrow[T]().FieldsByName(c.Name)
		if !ok || len(field) != 1 {
			t.Fatalf("%s.%s is not in the Arrow schema", row.Table(), c.Name)
		}
		if unit, _ := field[0].Metadata.GetValue("unit"); unit != c.Unit {
			t.Errorf("%s.%s: unit %q in the Arrow schema; want %q", row.Table(), c.Name, unit, c.Unit)
		}
	}
}

func TestKeysSeparateTheirParts(t *testing.T) {
	a := Patient{Cohort: "ab", PatientID: "c"}
	b := Patient{Cohort: "a", PatientID: "bc"}
	if a.Key() == b.Key() {
		t.Errorf("two patients share the key %q", a.Key())
	}
	if p, q := (Patch{Index: 2}), (Patch{Index: 10}); p.Key() > q.Key() {
		t.Error("patch 10 sorts before patch 2")
	}
}
