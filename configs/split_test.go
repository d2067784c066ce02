package configs

import (
	"reflect"
	"strings"
	"testing"
)

func TestFractionsTakeThePlaceOfTheDefaultNumbers(t *testing.T) {
	for text, want := range map[string]Split{
		"train_fraction: 0.8":                   {TrainFraction: 0.8, StratifyBy: "none", Seed: 1},
		"train_fraction: 0.8, train: 0":         {TrainFraction: 0.8, StratifyBy: "none", Seed: 1},
		"train_fraction: 0, test_fraction: 0.0": {Train: 731, Test: 130, StratifyBy: "none", Seed: 1},
	} {
		cfg, err := Load("x.yaml", []byte("output: o\nsplit: {"+text+"}"))
		if err != nil || !reflect.DeepEqual(cfg.Split, want) {
			t.Errorf("Load(%s) = %+v, %v; want %+v", text, cfg.Split, err, want)
		}
	}
}

func TestLoadRefusesSplits(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"numbers and fractions", "output: o\nsplit:\n  train: 5\n  test_fraction: 0.2", "x.yaml:4: split has both numbers (train 5, test 0) and fractions (train_fraction 0, test_fraction 0.2)"},
		{"more than all", "output: o\nsplit:\n  test_fraction: 0.2\n  train_fraction: 0.9", "x.yaml:4: split.train_fraction 0.9 and split.test_fraction 0.2 are together more than 1"},
		{"a fraction that is no number", "output: o\nsplit: {test_fraction: .nan}", "split.test_fraction is NaN; it must lie in 0 to 1"},
		{"strata by fraction", "output: o\nsplit:\n  train_fraction: 0.5\n  stratify_by: site", "x.yaml:4: split.stratify_by is site, which needs numbers"},
		{"other strata", "output: o\nsplit: {stratify_by: age}", `split.stratify_by is "age"; it must be one of none, site`},
		{"strata without sites", "output: o\ncohorts:\n- {name: a, archive: x, site: s}\n- {name: b, archive: y}\nsplit: {stratify_by: site}", `x.yaml:4: cohort "b" has no site`},
		{"an external cohort that is none", "output: o\ncohorts: [{name: a, archive: x}]\nsplit:\n  external: [a,\n    b]", `x.yaml:5: split.external has "b", which is none of the cohorts`},
		{"an external cohort twice", "output: o\nsplit: {external: [a, a]}", "split.external has a twice"},
	} {
		if _, err := Load("x.yaml", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Load(%q) = %v; want an error with %q", tt.name, tt.text, err, tt.want)
		}
	}
}
