package main

import (
	"flag"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const exitStatuses = `
Exit status: 0 done, 1 failed, 2 wrong usage or configuration,
3 done with rejects (see tables/rejects), 130 interrupted.`

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "ctcohort",
		Short: "Batch pipelines over archives of chest CT",
		Long: `ctcohort turns archives of chest CT in DICOM into a de-identified archive, a
sharded training set, and tables of per-patient segmentation metrics.

The stages, in order: anonymise, resample, split, tile, infer, report. Each
reads what the one before committed under the output root; run does them all.
` + exitStatuses,
		Example:       "  ctcohort plan --config configs/demo.yaml\n  ctcohort run  --config configs/demo.yaml",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
	})
	root.AddCommand(
		phantomCommand(), anonymiseCommand(), resampleCommand(), splitCommand(), tileCommand(), inferCommand(),
		crosswalkCommand(), metricsCommand(), modelsCommand(), reportCommand(), queryCommand(), verifyCommand(), runCommand(), planCommand(), templateCommand(), schemaCommand(), versionCommand(),
	)
	for _, command := range root.Commands() {
		if command.Args == nil {
			command.Args = noArguments
		}
		command.DisableFlagsInUseLine = true
		command.Flags().SortFlags = false
	}
	root.SetHelpCommand(helpCommand(root))
	return root
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes flags only, not %q; see `%s --help`", cmd.CommandPath(), args[0], cmd.CommandPath())}
	}
	return nil
}

// addRunnerFlags lets a pipeline's command take every flag of Beam's runners.
// They are many, so that help lists them only when asked: `ctcohort help runner`.
func addRunnerFlags(command *cobra.Command) {
	own := pflag.NewFlagSet("runner", pflag.ContinueOnError)
	own.AddGoFlagSet(flag.CommandLine)
	own.VisitAll(func(f *pflag.Flag) {
		if slices.Contains([]string{"worker", "help"}, f.Name) || command.Flags().Lookup(f.Name) != nil {
			return
		}
		f.Hidden = f.Name != "runner"
		f.Value = runnerFlag{f.Value, f.Name}
		command.Flags().AddFlag(f)
	})
}

// A runnerFlag sets Beam's own flag, so that Beam sees that it was given.
type runnerFlag struct {
	pflag.Value
	name string
}

func (f runnerFlag) Set(value string) error { return flag.Set(f.name, value) }

// helpCommand is cobra's help with one more topic, the runner flags.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command | runner]",
		Short: "Help about a command, or about the flags of Beam's runners",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "runner" {
				flags := pflag.NewFlagSet("runner", pflag.ContinueOnError)
				flags.AddGoFlagSet(flag.CommandLine)
				fmt.Fprintf(cmd.OutOrStdout(), "Every pipeline command takes the flags of Beam's runners:\n\n%s", flags.FlagUsages())
				return nil
			}
			found, _, err := root.Find(args)
			if err != nil {
				return usageError{fmt.Errorf("no command %q; see `ctcohort --help`", args)}
			}
			return found.Help()
		},
	}
}
