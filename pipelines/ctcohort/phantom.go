package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"ctcohort/test/phantom"
	"ctcohort/transforms/progress"
)

func phantomCommand() *cobra.Command {
	opts := phantom.Options{Patients: 9, Seed: 1, Size: phantom.DefaultSize, Cohort: phantom.China}
	var answers string
	c := &cobra.Command{
		Use:   "phantom --out DIR [flags]",
		Short: "Make an archive of synthetic chest CT",
		Long: `Makes an archive of synthetic chest CT to try the pipelines on: CT series of a
randomised anatomy with lesions, reference labels as DICOM SEG or NIfTI,
invented identifiers in headers, sequences, private tags and paths, and some
files that are broken or do not belong there.

Writes DIR, an archive as a hospital might hand it over; it must be empty.
` + exitStatuses,
		Example: "  ctcohort phantom --out archive --patients 9 --cohort china --size 128",
	}
	c.Flags().StringVar(&opts.Out, "out", "", "`folder` to make; it must be empty or absent")
	c.Flags().IntVar(&opts.Patients, "patients", opts.Patients, "`N` patients")
	c.Flags().Int64Var(&opts.Seed, "seed", opts.Seed, "`seed`: the same one makes the same bytes")
	c.Flags().IntVar(&opts.Size, "size", opts.Size, "rows and columns `N` of a slice")
	c.Flags().StringVar(&opts.Cohort, "cohort", opts.Cohort, "`cohort`: china or germany, which differ in scanners and protocols")
	c.Flags().BoolVar(&opts.NoBad, "no-bad", false, "leave out the files that are broken or do not belong there")
	c.Flags().IntVar(&opts.MaxSlices, "max-slices", 0, "keep every n-th slice, so that no series has more than `N`")
	c.Flags().Float64Var(&opts.Unlabelled, "unlabelled", 0, "`share` of patients without reference labels")
	c.Flags().IntVar(&opts.Workers, "workers", 0, "`N` patients at a time (default: one a core)")
	c.Flags().StringVar(&answers, "answers", "", "JSON `file` to write: what was drawn, and every planted identifier")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if opts.Out == "" {
			return usageError{fmt.Errorf("--out is missing: the folder to make")}
		}
		if err := opts.Validate(); err != nil {
			return usageError{err}
		}
		if entries, err := os.ReadDir(opts.Out); err == nil && len(entries) > 0 {
			return usageError{fmt.Errorf("the folder of --out is not empty: name a new one, or remove what is in it")}
		}
		watch := watchProgress("phantom", cmd.ErrOrStderr())
		counter := progress.Stage("phantom")
		counter.Found(opts.Patients)
		opts.Progress = func(int, int) { counter.Done() }
		manifest, err := phantom.Generate(cmd.Context(), opts)
		watch.stop()
		if err != nil {
			return err
		}
		if answers != "" {
			text, err := json.MarshalIndent(manifest, "", " ")
			if err != nil {
				return fmt.Errorf("encoding the answers: %w", err)
			}
			if err := os.WriteFile(answers, append(text, '\n'), 0o600); err != nil {
				return fmt.Errorf("writing the answers: %w", err)
			}
		}
		fmt.Fprintf(cmd.OutOrStdout(), "phantom    %d patients of cohort %s in %s\n", opts.Patients, opts.Cohort, opts.Out)
		return nil
	}
	return c
}
