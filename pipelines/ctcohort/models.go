package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ctcohort/pipelines"
)

func modelsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "models [FOLDER]",
		Short: "List the models in a folder",
		Long: `Lists the ONNX files in FOLDER, a path or gs:// URI (the working folder, if left out), by what
train/export.py wrote into them: name, network, width, parameters, precision,
spacing, patch, classes, size, digest and card. A file that is no such model
stands below with what is wrong with it. Nothing is computed.
` + exitStatuses,
		Example: "  ctcohort models train/models",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("models takes one folder, not %q", args)}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON list, with whole digests and the cards' facts")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		folder := "."
		if len(args) == 1 {
			folder = args[0]
		}
		return pipelines.ListModels(cmd.Context(), folder, asJSON, cmd.OutOrStdout())
	}
	return c
}
