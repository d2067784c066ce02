package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ctcohort/pipelines"
)

func metricsCommand() *cobra.Command {
	var prediction, reference string
	var asJSON bool
	c := &cobra.Command{
		Use:   "metrics --prediction FILE --reference FILE [flags]",
		Short: "Compare two label maps",
		Long: `Compares a predicted label map with its reference (NIfTI, one grid; labels 0
background, 1 lung, 2 infection) and prints every measure of both labels.
` + exitStatuses,
		Example: "  ctcohort metrics --prediction mask.nii.gz --reference label.nii.gz --json",
	}
	c.Flags().StringVar(&prediction, "prediction", "", "`URI` of the predicted label map")
	c.Flags().StringVar(&reference, "reference", "", "`URI` of the reference label map")
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON list of rows, as in the metrics table")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if prediction == "" || reference == "" {
			return usageError{fmt.Errorf("--prediction and --reference are both needed")}
		}
		return pipelines.CompareLabels(cmd.Context(), prediction, reference, asJSON, cmd.OutOrStdout())
	}
	return c
}
