package naming

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          Names
		ok            bool
		reason        string
	}{
		{"{patient}.nii.gz", "case_1.nii.gz", Names{Patient: "case_1"}, true, ""},
		{"{patient}.nii.gz", "sub/case_1.nii.gz", Names{}, false, "a pattern starts at the archive's root"},
		{"{patient}.nii.gz", "case_1.nii", Names{}, false, "the end is part of the pattern"},
		{"{patient}.nii.gz", ".nii.gz", Names{}, false, "nobody has no name"},
		{"{patient}/{series}.nii.gz", "A/1.nii.gz", Names{"A", "1"}, true, ""},
		{"{patient}_{series}_ct.nii.gz", "a_b_c_ct.nii.gz", Names{"a", "b_c"}, true, "the first takes as few as there can be"},
		{"volume-{patient}_ct.nii.gz", "volume-covid19-A-0003_ct.nii.gz", Names{Patient: "covid19-A-0003"}, true, ""},
		{"studies/*/{patient}.nii.gz", "studies/CT-1/study_0255.nii.gz", Names{Patient: "study_0255"}, true, ""},
		{"studies/*/{patient}.nii.gz", "studies/a/b/x.nii.gz", Names{}, false, "* stays within a folder"},
		{"imagesTr/{patient}_0000.nii.gz", "imagesTr/case_07_0000.nii.gz", Names{Patient: "case_07"}, true, ""},
		{"imagesTr/{patient}_0000.nii.gz", "imagesTr/case_07_0001.nii.gz", Names{}, false, "another modality"},
		{"a.b{patient}.nii", "axbC.nii", Names{}, false, "a point is a point"},
		{"{patient}.nii", "DOE^JANE (1).nii", Names{Patient: "DOE^JANE (1)"}, true, ""},
	} {
		p, err := Parse(test.pattern)
		if err != nil {
			t.Fatalf("Parse(%q) = %v", test.pattern, err)
		}
		if got, ok := p.Match(test.name); got != test.want || ok != test.ok {
			t.Errorf("%q matches %q as %+v, %v; want %+v, %v (%s)", test.pattern, test.name, got, ok, test.want, test.ok, test.reason)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for pattern, want := range map[string]string{
		"{patient}":                        "must end in one of .nii.gz, .nii, .nrrd, .nhdr",
		"{patient}.mha":                    "must end in",
		"ct.nii.gz":                        "lacks {patient}",
		"{series}.nii.gz":                  "lacks {patient}",
		"{patient}/{patient}.nii.gz":       "{patient} stands twice",
		"{patient}/{study}.nii.gz":         "{study} is unknown",
		"{patient}{series}.nii.gz":         "{series} follows on another placeholder",
		"*{patient}.nii.gz":                "{patient} follows on another placeholder",
		"/data/{patient}.nii.gz":           "relative to the archive's root",
		`{patient}\ct.nii.gz`:              "relative to the archive's root",
		"{patient}/{series}/{}/x_ct.nii":   "{} is unknown",
		"{patient}/{ series }/ct.nii.gz":   "{ series } is unknown",
		"{patient}/{series}_{series}.nrrd": "{series} stands twice",
	} {
		if _, err := Parse(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v; want an error with %q", pattern, err, want)
		}
	}
}
