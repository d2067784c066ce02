package configs

import (
	"fmt"
	"slices"
	"strings"
)

// Runner is the runner that the pipelines run on, by flags of Beam's runners;
// `ctcohort help runner` lists them. The command line wins over both, and a
// stage's own over those of all: docs/dataflow.md, docs/flink.md.
type Runner struct {
	Flags  map[string]string            `yaml:"flags"`  // of all stages
	Stages map[string]map[string]string `yaml:"stages"` // of one: infer on GPU workers, say
}

// RunnerStages are the stages that run on a runner.
var RunnerStages = []string{"anonymise", "resample", "split", "tile", "infer"}

func (r Runner) faults() (faults []fault) {
	for stage := range r.Stages {
		if !slices.Contains(RunnerStages, stage) {
			faults = append(faults, fault{Path: "runner.stages." + stage,
				Problem: fmt.Sprintf("runner.stages has %q; it must be one of %s", stage, strings.Join(RunnerStages, ", "))})
		}
	}
	return faults
}
