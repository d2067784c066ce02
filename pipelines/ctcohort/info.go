package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"ctcohort/pipelines"
	"ctcohort/schemas"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the data dictionary of every table",
		Long:    "Prints the data dictionary: every table and column with its type, unit and meaning, as Markdown.\n" + exitStatuses,
		Example: "  ctcohort schema",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), schemas.Dictionary())
			return err
		},
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Prints the version of ctcohort and of what it is built on.\n" + exitStatuses,
		Example: "  ctcohort version",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "ctcohort %s\ngo %s\nbeam %s\narrow %s\n", pipelines.Version(), runtime.Version(),
				pipelines.ModuleVersion("github.com/apache/beam/sdks/v2"), pipelines.ModuleVersion("github.com/apache/arrow/go/v15"))
			return err
		},
	}
}
