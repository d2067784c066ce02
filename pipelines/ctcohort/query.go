package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ctcohort/io/duckdb"
	"ctcohort/pipelines"
)

func queryCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   `query --in URI [flags] "SELECT …"`,
		Short: "Ask the tables a question in SQL",
		Long: `Runs SQL, of which - is read from standard input, over views of the tables under
an output root, in DuckDB. There is a view for each complete table (ctcohort
schema describes them), and metrics_wide: a row a volume, model and label, a
column a measure with its unit in its name. docs/analysis.md has examples.

--views prints the statements that make the views, for DuckDB elsewhere.
` + exitStatuses,
		Example: `  ctcohort query --in out "SELECT cohort, split, label, avg(dice) FROM metrics_wide GROUP BY ALL ORDER BY ALL"
  ctcohort query --in out --format csv - < question.sql > answer.csv
  ctcohort query --in out --views > views.sql && duckdb -init views.sql`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("query takes one query in quotes, not %q and more", args[0])}
			}
			return nil
		},
	}
	s := newSettings(c.Flags())
	s.flags.StringVar(&s.in, "in", "", "`URI` of the output root")
	format := c.Flags().String("format", "table", "`form` of the result: "+strings.Join(duckdb.Formats, ", "))
	asViews := c.Flags().Bool("views", false, "print the views as SQL, without a query")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(duckdb.Formats, *format) {
			return usageError{fmt.Errorf("--format %q is not one of %s", *format, strings.Join(duckdb.Formats, ", "))}
		}
		if *asViews == (len(args) == 1) {
			return usageError{errors.New(`either a query, as "SELECT …", or --views is needed`)}
		}
		job, err := s.job(cmd.Context())
		if err != nil {
			return err
		}
		if *asViews {
			sql, err := pipelines.Views(cmd.Context(), job)
			if err == nil {
				_, err = io.WriteString(cmd.OutOrStdout(), sql)
			}
			return err
		}
		sql := args[0]
		if sql == "-" {
			read, err := io.ReadAll(cmd.InOrStdin())
			if err != nil {
				return fmt.Errorf("reading the query: %w", err)
			}
			sql = string(read)
		}
		if strings.TrimSpace(sql) == "" {
			return usageError{errors.New("the query is empty")}
		}
		err = pipelines.Query(cmd.Context(), job, sql, *format, cmd.OutOrStdout())
		if errors.As(err, new(duckdb.Error)) {
			return usageError{fmt.Errorf("the query: %w", err)}
		}
		return err
	}
	return c
}
