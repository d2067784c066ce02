package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ctcohort/configs"
	"ctcohort/pipelines"
)

// templateCommand is what the launcher of a flex template starts: a stage by
// name, and a flag for each key of the configuration, as docker/metadata.json
// names them.
func templateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "template --stage STAGE --config URI [flags]",
		Short: "Run one stage, as a flex template starts it",
		Long: `Runs the stage that --stage names. Every key of the configuration that one text
can give is a flag: volume.spacing_mm is --volume_spacing_mm=1,1,1. The launcher
of a Dataflow flex template calls it so; it starts the stage's job itself, and
the same stage run without a template completes the tables when the job has ended.
` + exitStatuses,
		Example: "  ctcohort template --stage resample --config gs://bucket/run.yaml --volume_interpolation=bspline",
		Hidden:  true,
	}
	var stage string
	c.Flags().StringVar(&stage, "stage", "", "`stage` to run: "+strings.Join(configs.RunnerStages, ", "))
	s := newSettings(c.Flags())
	s.runtime()
	for _, key := range configs.Keys() {
		s.set(key.Parameter(), "key "+key.Path+" of the configuration", func(text string) (func(*configs.Config), error) {
			probe := configs.Default()
			return func(c *configs.Config) { _ = c.Set(key.Path, text) }, probe.Set(key.Path, text)
		})
	}
	addRunnerFlags(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		at := slices.IndexFunc(pipelines.Stages, func(st pipelines.Stage) bool { return st.Name == stage })
		if !slices.Contains(configs.RunnerStages, stage) || at < 0 {
			return usageError{fmt.Errorf("--stage is %q; it must be one of %s", stage, strings.Join(configs.RunnerStages, ", "))}
		}
		cfg, err := s.load(cmd.Context())
		if err != nil {
			return err
		}
		if err := cfg.Validate(); err != nil {
			return usageError{err}
		}
		return runStage(cmd, stage, pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output, Library: s.library}, pipelines.Stages[at].Run)
	}
	return c
}
