package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recipient was made for these tests by age's own library; secretKey is none.
const (
	recipient = "age1fjcj94fj9rj3r833fyvfwm8una7zrj2vxeemm866gwvrx2flmerqja4yag"
	secretKey = "AGE-SECRET-KEY-1FORGETTHISONE"
)

// TestCrosswalkStandsApart: neither within what is handed on or read, nor around it.
func TestCrosswalkStandsApart(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "elsewhere")
	if err := os.Symlink(out, link); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, output, archive, labels, crosswalk string
		fault                                    string // "" for none
	}{
		{"apart", out, dir + "/archive", dir + "/labels", dir + "/crosswalk", ""},
		{"a longer name", out, dir + "/archive", "", out + "-crosswalk", ""},
		{"the output", out, dir + "/archive", "", out, "output lie one within the other"},
		{"within the output", out, dir + "/archive", "", out + "/private/crosswalk", "output lie one within the other"},
		{"around the output", out, "/archive", "", dir, "output lie one within the other"},
		{"by another way", out, "/archive", "", dir + "/archive/.././out/c", "output lie one within the other"},
		{"by a link", out, "/archive", "", link + "/not/yet/there", "output lie one within the other"},
		{"by a URI", out, "/archive", "", "file://" + out + "/c", "output lie one within the other"},
		{"relative", here + "/out", "/archive", "", "out/c", "output lie one within the other"},
		{"the root of all", out, "/archive", "", "/", "output lie one within the other"},
		{"within the archive", out, dir + "/archive", "", dir + "/archive/c", `the files of cohort "china" lie`},
		{"within the labels", out, dir + "/archive", dir + "/labels", dir + "/labels", `the files of cohort "china" lie`},
		{"a bucket beside folders", out, dir + "/archive", "", "gs://bucket/out", ""},
		{"beside in a bucket", "gs://bucket/out", "gs://bucket/in", "", "gs://bucket/crosswalk/", ""},
		{"within in a bucket", "gs://bucket/out/", "gs://bucket/in", "", "gs://bucket/out/crosswalk", "output lie one within the other"},
		{"a whole bucket", "gs://bucket/out", "gs://archive", "", "gs://bucket", "output lie one within the other"},
		{"another bucket", "gs://bucket", "gs://archive", "", "gs://bucket2", ""},
	} {
		cfg := Default()
		cfg.Output = c.output
		cfg.Deidentification.Crosswalk = Crosswalk{Output: c.crosswalk, Recipients: []string{recipient}}
		cfg.Cohorts = []Cohort{{Name: "china", Archive: c.archive, Labels: c.labels}}
		err := cfg.Validate()
		if c.fault == "" && err != nil {
			t.Errorf("%s: Validate() = %v, want nil", c.name, err)
		}
		if c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%s: Validate() = %v, want %q", c.name, err, c.fault)
		}
	}
}
