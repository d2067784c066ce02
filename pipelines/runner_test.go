package pipelines

import (
	"flag"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"

	"ctcohort/configs"
)

func TestJobName(t *testing.T) {
	for _, tt := range []struct{ config, want string }{
		{"china", "china-tile"}, {"China 2020", "china-2020-tile"}, {"", "ctcohort-tile"}, {"2020", "ctcohort-2020-tile"}, {"münchen_ct", "m-nchen-ct-tile"}, {"–", "ctcohort-tile"},
	} {
		if got := jobName(tt.config, "tile"); got != tt.want {
			t.Errorf("jobName(%q, tile) = %q; want %q", tt.config, got, tt.want)
		}
	}
}

// A stage's flags hold for that stage alone.
func TestFlagsOfAStageAreTakenBack(t *testing.T) {
	c := configs.Default()
	c.Name = "china"
	c.Runner.Stages = map[string]map[string]string{"infer": {"num_workers": "8", "no_use_public_ips": "true", "resource_hints": "min_ram=8GB"}}
	value := func(name string) string { return flag.Lookup(name).Value.String() }
	restore, err := setFlags(c, "infer")
	if err != nil {
		t.Fatal(err)
	}
	if value("num_workers") != "8" || value("no_use_public_ips") != "true" || value("job_name") != "china-infer" || len(jobopts.ResourceHints) != 1 {
		t.Errorf("in the stage: %s workers, private %s, job %s, hints %v; want 8, true, china-infer and one", value("num_workers"), value("no_use_public_ips"), value("job_name"), jobopts.ResourceHints)
	}
	restore()
	if value("num_workers") != "0" || value("no_use_public_ips") != "false" || value("job_name") != "" || len(jobopts.ResourceHints) != 0 {
		t.Errorf("after the stage: %s workers, private %s, job %q, hints %v; want what was before", value("num_workers"), value("no_use_public_ips"), value("job_name"), jobopts.ResourceHints)
	}
	c.Runner.Stages["infer"]["num_workers"] = "many"
	if _, err := setFlags(c, "infer"); err == nil || value("job_name") != "" {
		t.Errorf("a bad value: %v, and the job is named %q after it", err, value("job_name"))
	}
}
