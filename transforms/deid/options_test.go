package deid

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctcohort/configs"
)

func TestProfileWith(t *testing.T) {
	codes := func(options []Option) string {
		var out []string
		for _, o := range options {
			out = append(out, o.Code)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		profile string
		options []string
		claimed string // or the start of the error
		reason  string
	}{
		{"basic", nil, "", ""},
		{"research", nil, "113103 113105 113107 113108", "as it always was"},
		{"research", []string{"retain_full_dates"}, "113103 113105 113106 113108", "full dates take the place of the profile's modified ones"},
		{"research", []string{"retain_modified_dates"}, "113103 113105 113107 113108", "what the profile has already is no fault"},
		{"basic", []string{"retain_uids", "retain_safe_private"}, "113110 113111", ""},
		{"basic", []string{"clean_pixel_data"}, "", "claimed only of files whose pixels were cleaned"},
		{"basic", []string{"retain_full_dates", "retain_modified_dates"}, "choosing options: retain_full_dates and retain_modified_dates exclude each other", ""},
		{"basic", []string{"retain_everything"}, `choosing options: "retain_everything" is none; use retain_full_dates, `, ""},
	} {
		p, err := profiles[c.profile].with(c.options)
		if err != nil {
			if !strings.HasPrefix(err.Error(), c.claimed) || c.claimed == "" {
				t.Errorf("%s with %v: %v, want %s", c.profile, c.options, err, c.claimed)
			}
			continue
		}
		if got := codes(p.claimed()); got != c.claimed {
			t.Errorf("%s with %v claims %q, want %q: %s", c.profile, c.options, got, c.claimed, c.reason)
		}
	}
	if got := codes(profiles["research"].claimed(cleanPixelData)); got != "113101 113103 113105 113107 113108" {
		t.Errorf("a file with cleaned pixels claims %s", got)
	}
}

// TestOptionCodes: the options have distinct names, and codes of CID 7050.
func TestOptionCodes(t *testing.T) {
	names := OptionNames()
	if !slices.Equal(names, configs.DeidentificationOptions) {
		t.Errorf("the configuration's options are %v, want %v", configs.DeidentificationOptions, names)
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(allOptions) {
		t.Error("two options share a name")
	}
	seen := map[string]bool{}
	for _, o := range allOptions {
		if o.Code < "113101" || o.Code > "113112" || seen[o.Code] || !strings.HasSuffix(o.Meaning, " Option") {
			t.Errorf("%s has code %s, %q", o.Name, o.Code, o.Meaning)
		}
		seen[o.Code] = true
	}
}

// TestStatementIsCurrent: the conformance statement has the version of the rules
// and a row for each option, with its code.
func TestStatementIsCurrent(t *testing.T) {
	statement, err := os.ReadFile("../../docs/deidentification.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range allOptions {
		row := regexp.MustCompile("(?m)^\\| `" + o.Name + "`[^|]*\\| " + o.Code + " \\|")
		if !row.Match(statement) {
			t.Errorf("docs/deidentification.md has no row for %s, %s", o.Name, o.Code)
		}
	}
	if !strings.Contains(string(statement), "`"+RulesVersion+"`") {
		t.Errorf("docs/deidentification.md does not say %s", RulesVersion)
	}
}
