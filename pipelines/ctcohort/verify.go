package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ctcohort/pipelines"
)

func verifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify --in URI [flags]",
		Short: "Check that every file of an output root is as it was written",
		Long: `Reads every file that the complete datasets under an output root list, compares
its SHA-256, and looks for files that none lists. It prints a line for each that
is missing, changed or foreign, and fails where there is one.
` + exitStatuses,
		Example: "  ctcohort verify --in out",
	}
	var asJSON bool
	s := newSettings(c.Flags())
	s.flags.StringVar(&s.in, "in", "", "`URI` of the output root")
	s.workers()
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		job, err := s.job(cmd.Context())
		if err != nil {
			return err
		}
		watch := watchProgress("verify", cmd.ErrOrStderr())
		found, err := pipelines.Verify(cmd.Context(), job)
		watch.stop()
		if err != nil {
			return err
		}
		if asJSON {
			encoder := json.NewEncoder(cmd.OutOrStdout())
			encoder.SetIndent("", "  ")
			err = encoder.Encode(found)
		} else {
			err = found.Print(cmd.OutOrStdout())
		}
		if err != nil {
			return fmt.Errorf("printing what was found: %w", err)
		}
		if len(found.Faults) > 0 {
			return errors.New("the files are not as they were written: run the stage that wrote them again, or remove what is foreign")
		}
		return nil
	}
	return c
}
