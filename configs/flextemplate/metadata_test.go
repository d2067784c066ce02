package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"ctcohort/configs"
)

func TestMetadataIsUpToDate(t *testing.T) {
	want, err := metadata("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docker/metadata.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("docker/metadata.json is not of these keys (%v): run `go generate ./configs`", err)
	}
}

// A template's parameters have names of their own, and every default fits its form.
func TestParameters(t *testing.T) {
	data, err := metadata("..")
	if err != nil {
		t.Fatal(err)
	}
	var all template
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{}
	for _, key := range configs.Keys() {
		defaults[key.Parameter()] = key.Default
	}
	seen := map[string]bool{}
	for _, p := range all.Parameters {
		if seen[p.Name] || !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(p.Name) || p.HelpText == "" || p.Label == "" {
			t.Errorf("parameter %+v: its name stands twice or holds what it must not, or nothing explains it", p)
		}
		seen[p.Name] = true
		for _, form := range p.Regexes {
			if text := defaults[p.Name]; text != "" && !regexp.MustCompile("^(?:"+form+")$").MatchString(text) {
				t.Errorf("the default %s of %s does not fit %s", text, p.Name, form)
			}
		}
	}
	for _, name := range []string{"stage", "config", "deidentification_key", "volume_spacing_mm", "inference_provider"} {
		if !seen[name] {
			t.Errorf("there is no parameter %s", name)
		}
	}
	if all.Parameters[0].Optional || all.Parameters[1].Optional {
		t.Error("stage and config can be left out")
	}
}
