package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ctcohort/configs"
	"ctcohort/pipelines"
	"ctcohort/transforms/progress"
)

func runCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "run --config FILE [flags]",
		Short: "Run all stages in order",
		Long: `Checks the plan, then runs anonymise, resample, split, tile, infer and report,
and prints the per-patient metrics table and where the report lies.

Run again, after a crash too, it does only what is missing. What depends on a
setting, a file or a model that changed is done again, and a line says why.

On another runner (--runner, or runner in the configuration: docs/flink.md,
docs/dataflow.md) each stage but report is a job. With --runner=dataflow
--dry_run it prints these jobs as a JSON list; it then opens and writes nothing.
` + exitStatuses,
		Example: "  ctcohort run --config configs/demo.yaml --out out",
	}
	s := newSettings(c.Flags())
	c.Flags().StringVar(&s.out, "out", "", "`URI` of the output root (default: `output` of the configuration)")
	s.models()
	s.runtime()
	s.workers()
	s.status()
	s.again()
	addRunnerFlags(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		job, err := s.wholeJob(cmd)
		if err != nil {
			return err
		}
		job.Say = sayTo(cmd)
		if pipelines.DryRun() {
			return printJobs(cmd, job, configs.RunnerStages...)
		}
		var names []string
		for _, st := range pipelines.Stages {
			names = append(names, st.Name)
		}
		return withStatus(cmd, job, names, func(status *progress.Recorder) error { return runAll(cmd, job, status) })
	}
	return c
}

// runAll checks the plan and runs all stages.
func runAll(cmd *cobra.Command, job pipelines.Job, status *progress.Recorder) error {
	if _, err := pipelines.Plan(cmd.Context(), job); err != nil {
		return usageError{err}
	}
	rejects := 0
	for _, st := range pipelines.Stages {
		initBeam()
		status.Begin(st.Name)
		watch := watchProgress(st.Name, cmd.ErrOrStderr())
		summary, err := st.Run(cmd.Context(), job)
		watch.stop()
		if err != nil {
			return err
		}
		status.End(st.Name, summary.Rejects)
		fmt.Fprintln(cmd.ErrOrStderr(), summaryLine(summary))
		rejects += summary.Rejects
	}
	if err := pipelines.PrintOutcome(cmd.Context(), job, cmd.OutOrStdout()); err != nil {
		return err
	}
	if rejects > 0 {
		return errRejects
	}
	return nil
}

// wholeJob is the job of a command that needs a whole configuration.
func (s *settings) wholeJob(cmd *cobra.Command) (pipelines.Job, error) {
	if s.config == "" {
		return pipelines.Job{}, usageError{fmt.Errorf("--config is missing: the YAML file of the run; see configs/ for examples")}
	}
	cfg, err := s.load(cmd.Context())
	if err != nil {
		return pipelines.Job{}, err
	}
	if s.out != "" {
		cfg.Output = s.out
	}
	if err := cfg.Validate(); err != nil {
		return pipelines.Job{}, usageError{err}
	}
	if err := cfg.Runnable(); err != nil {
		return pipelines.Job{}, usageError{err}
	}
	if err := pipelines.UseRunner(cfg); err != nil {
		return pipelines.Job{}, usageError{err}
	}
	return pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output, Library: s.library, Force: s.force}, nil
}

func planCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "plan --config FILE [flags]",
		Short: "Check a run and say what it would do",
		Long: `Validates the configuration, the key, the models with their provider, and the
inputs, and prints what would run. Nothing is written.
` + exitStatuses,
		Example: "  ctcohort plan --config configs/demo.yaml",
	}
	s := newSettings(c.Flags())
	c.Flags().StringVar(&s.out, "out", "", "`URI` of the output root (default: `output` of the configuration)")
	s.models()
	s.runtime()
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		job, err := s.wholeJob(cmd)
		if err != nil {
			return err
		}
		plan, err := pipelines.Plan(cmd.Context(), job)
		if err != nil {
			return usageError{err}
		}
		fmt.Fprint(cmd.OutOrStdout(), plan)
		return nil
	}
	return c
}
