package metrics

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
)

// WriteCSV writes the summaries, one a line. An empty field is a value that does
// not exist; numbers are exact, +Inf is an infinite distance.
func WriteCSV(w io.Writer, summaries []Summary) error {
	lines := [][]string{{
		"cohort", "split", "label", "metric", "unit", "model_name", "model_sha256", "patients", "n", "defined", "failed", "averaged", "omitted",
		"mean", "sd", "ci95_low", "ci95_high", "median", "q1", "q3", "minimum", "maximum",
	}}
	for _, s := range summaries {
		line := []string{s.Cohort, s.Split, s.Label, s.Metric, s.Unit, s.ModelName, s.ModelSHA256}
		for _, n := range []int{s.Patients, s.N, s.Defined, s.Failed, s.Averaged, s.Omitted} {
			line = append(line, strconv.Itoa(n))
		}
		for _, v := range []float64{s.Mean, s.SD, s.CILow, s.CIHigh, s.Median, s.Q1, s.Q3, s.Minimum, s.Maximum} {
			line = append(line, exactNumber(v))
		}
		lines = append(lines, line)
	}
	return writeLines(w, lines)
}

// WriteComparisonsCSV writes the paired tests, one a line.
func WriteComparisonsCSV(w io.Writer, comparisons []Comparison) error {
	lines := [][]string{{
		"cohort", "split", "label", "metric", "unit", "model_name", "model_sha256", "other_name", "other_sha256",
		"pairs", "unpaired", "median_difference", "wilcoxon_w", "p", "p_holm", "exact",
	}}
	for _, c := range comparisons {
		lines = append(lines, []string{
			c.Cohort, c.Split, c.Label, c.Metric, c.Unit, c.ModelName, c.ModelSHA256, c.OtherName, c.OtherSHA,
			strconv.Itoa(c.Pairs), strconv.Itoa(c.Unpaired), exactNumber(c.MedianDifference), exactNumber(c.Statistic),
			exactNumber(c.P), exactNumber(c.PHolm), strconv.FormatBool(c.Exact),
		})
	}
	return writeLines(w, lines)
}

func writeLines(w io.Writer, lines [][]string) error {
	if err := csv.NewWriter(w).WriteAll(lines); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

func exactNumber(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
