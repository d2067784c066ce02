package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ctcohort/pipelines"
)

// printJobs prints what the named stages would send to Dataflow, as one JSON list.
func printJobs(cmd *cobra.Command, job pipelines.Job, stages ...string) error {
	initBeam()
	var jobs []json.RawMessage
	for _, st := range pipelines.Stages {
		if !slices.Contains(stages, st.Name) {
			continue
		}
		summary, err := st.Run(cmd.Context(), job)
		if err != nil {
			return err
		}
		jobs = append(jobs, summary.Job)
	}
	if len(jobs) == 0 {
		return usageError{fmt.Errorf("%v runs on no runner, so there is no job to print", stages)}
	}
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(jobs)
}
