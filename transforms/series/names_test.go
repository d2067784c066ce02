package series

import (
	"testing"

	"ctcohort/io/dicomio"
)

func meaning(s string) []dicomio.Code {
	return []dicomio.Code{{Value: "0", Scheme: "99X", Meaning: s}}
}

func TestBuiltInNames(t *testing.T) {
	cases := []struct {
		reason string
		label  string
		codes  []dicomio.Code
		want   uint8
	}{
		{"by label", "Left Lung", nil, Lung},
		{"as planning systems write it", "Lt Lung", nil, Lung},
		{"whatever the case", "LUNG_R", nil, Lung},
		{"by the code's meaning", "Segment 1", meaning("Pulmonary structure"), Lung},
		{"by code alone", "", []dicomio.Code{{Value: "39607008", Scheme: "SCT"}}, Lung},
		{"by the left lung's code", "", []dicomio.Code{{Value: "44029006", Scheme: "SCT"}}, Lung},
		{"with a modifier", "", []dicomio.Code{{Value: "39607008", Scheme: "SCT"}, {Value: "7771000", Scheme: "SCT", Meaning: "Left"}}, Lung},
		{"pneumonia by code alone", "Segment 2", []dicomio.Code{{Value: "233604007", Scheme: "SCT"}}, Infection},
		{"infection in the lung", "Lung infection", nil, Infection},
		{"ground glass", "Ground_Glass opacity", nil, Infection},
		{"its abbreviation", "GGO", nil, Infection},
		{"the disease", "covid-19", nil, Infection},
		{"a finding whose code says lung", "Consolidation", meaning("Lung structure"), Infection},
		{"vessels are neither", "Pulmonary vessels", nil, Background},
		{"a nodule is neither", "Lung nodule", nil, Background},
		{"nor are targets of radiotherapy", "PTV lung", nil, Background},
		{"something else", "Liver", meaning("Liver"), Background},
		{"nothing", "", nil, Background},
	}
	for _, c := range cases {
		if got := DefaultNames().Class([]string{c.label}, c.codes); got != c.want {
			t.Errorf("%s: Class(%q) = %d, want %d", c.reason, c.label, got, c.want)
		}
	}
}

func TestNamesOfAConfiguration(t *testing.T) {
	names := Names{Lung: []string{"Lunge*", "field ?", "SCT:10200004"}, Infection: []string{"*herd", "lung lesion"}, Neither: []string{"lunge minus*"}, BuiltIn: true}
	alone := names
	alone.BuiltIn = false
	cases := []struct {
		reason string
		names  Names
		label  string
		codes  []dicomio.Code
		want   uint8
	}{
		{"a start", names, "LUNGE links", nil, Lung},
		{"any separators", names, "lunge__links", nil, Lung},
		{"one character", names, "Field-2", nil, Lung},
		{"not two", alone, "Field 22", nil, Background},
		{"an end", names, "Lunge Herd", nil, Infection},
		{"neither comes first", names, "Lunge minus Herd", nil, Background},
		{"by code", names, "Segment 1", []dicomio.Code{{Value: "10200004", Scheme: "SCT", Meaning: "Liver"}}, Lung},
		{"by a code of another scheme not", alone, "Segment 1", []dicomio.Code{{Value: "10200004", Scheme: "99X"}}, Background},
		{"the built-in ones count too", names, "right lung", nil, Lung},
		{"or do not", alone, "right lung", nil, Background},
		{"a whole name, not a part", alone, "the lung lesion", nil, Background},
		{"by the meaning of a code", alone, "1", meaning("Lung Lesion"), Infection},
	}
	for _, c := range cases {
		if got := c.names.Class([]string{c.label}, c.codes); got != c.want {
			t.Errorf("%s: Class(%q) = %d, want %d", c.reason, c.label, got, c.want)
		}
	}
}

// FuzzGlob: a pattern without wildcards is itself alone; * is everything.
func FuzzGlob(f *testing.F) {
	f.Add("lung", "left")
	f.Fuzz(func(t *testing.T, a, b string) {
		pattern, text := []rune(plain(a)), []rune(plain(b))
		wild := false
		for _, r := range pattern {
			wild = wild || r == '*' || r == '?'
		}
		if got := glob(pattern, text); !wild && got != (string(pattern) == string(text)) {
			t.Errorf("glob(%q, %q) = %v", string(pattern), string(text), got)
		}
		around := append(append([]rune("*"), text...), '*')
		if !glob([]rune("*"), text) || !glob(around, append(append([]rune(plain(a)), text...), pattern...)) {
			t.Errorf("%q does not match around itself", string(text))
		}
	})
}
