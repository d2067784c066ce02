package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ctcohort/pipelines"
)

func metricsCommand() *cobra.Command {
	var prediction, reference string
	var asJSON bool
	c := &cobra.Command{
		Use:   "metrics --prediction URI --reference URI [flags]",
		Short: "Compare label maps",
		Long: `Compares a predicted label map with its reference (NIfTI, one grid; labels 0
background, 1 lung, 2 infection) and prints every measure of both labels. Of two
folders, files of the same name are compared, .nii and .nii.gz alike, also in
folders within; those without a partner are faults, told after the others.
` + exitStatuses,
		Example: "  ctcohort metrics --prediction mask.nii.gz --reference label.nii.gz --json\n  ctcohort metrics --prediction masks/ --reference labels/",
	}
	c.Flags().StringVar(&prediction, "prediction", "", "`URI` of the predicted label map, or of a folder of them")
	c.Flags().StringVar(&reference, "reference", "", "`URI` of the reference label map, or of a folder of them")
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON list of rows, as in the metrics table; of folders, of cases with their rows")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if prediction == "" || reference == "" {
			return usageError{fmt.Errorf("--prediction and --reference are both needed")}
		}
		if pipelines.IsLabelFile(prediction) != pipelines.IsLabelFile(reference) {
			return usageError{fmt.Errorf("--prediction and --reference must both be files, .nii or .nii.gz, or both folders")}
		}
		if !pipelines.IsLabelFile(prediction) {
			all, faults := pipelines.CompareFolders(cmd.Context(), prediction, reference)
			fault := errors.Join(faults...)
			if len(all) == 0 {
				return fault
			}
			return errors.Join(printCompared(cmd, asJSON, all, all), fault)
		}
		rows, err := pipelines.CompareLabels(cmd.Context(), prediction, reference)
		if err != nil {
			return err
		}
		return printCompared(cmd, asJSON, []pipelines.Compared{{Rows: rows}}, rows)
	}
	return c
}

// printCompared prints what was compared as a table, or object as JSON.
func printCompared(cmd *cobra.Command, asJSON bool, all []pipelines.Compared, object any) error {
	if !asJSON {
		return pipelines.PrintCompared(cmd.OutOrStdout(), all)
	}
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetIndent("", "  ")
	return encoder.Encode(object)
}
