package metrics

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes a table for each cohort, split and label, and the paired
// tests below where there are several models.
func WriteMarkdown(w io.Writer, summaries []Summary, comparisons []Comparison) error {
	var text strings.Builder
	for _, table := range Tables(summaries) {
		fmt.Fprintf(&text, "## %s\n\n", table.Title())
		text.WriteString("| measure | model | n | defined | failed | mean ± SD | 95 % interval of the mean | median [IQR] |\n|---|---|---:|---:|---:|---:|---:|---:|\n")
		for _, s := range table.Summaries {
			fmt.Fprintf(&text, "| %s | %s | %d | %d | %d | %s | %s | %s |\n",
				s.Title(), markdownText(s.ModelName), s.N, s.Defined, s.Failed, s.MeanSDWithout(), s.Interval(), s.MedianIQR())
		}
		text.WriteString("\n")
	}
	if len(summaries) > 0 {
		text.WriteString(Footnote + "\n")
	}
	if len(comparisons) > 0 {
		text.WriteString("\n## Models compared\n\n| cohort | split | label | measure | models | pairs | unpaired | median difference | p | p (Holm) |\n|---|---|---|---|---|---:|---:|---:|---:|---:|\n")
		for _, c := range comparisons {
			fmt.Fprintf(&text, "| %s | %s | %s | %s | %s less %s | %d | %d | %s | %s | %s |\n",
				markdownText(c.Cohort), c.Split, c.Label, c.Title(), markdownText(c.ModelName), markdownText(c.OtherName),
				c.Pairs, c.Unpaired, Format(c.MedianDifference, c.Unit), FormatP(c.P), FormatP(c.PHolm))
		}
		text.WriteString("\n" + ComparisonFootnote + "\n")
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("writing Markdown: %w", err)
	}
	return nil
}

// What stands below the tables.
const (
	Footnote = "n: volumes. Defined: those with a value. Failed: one of the two masks is empty; overlap is 0 there and is averaged, an infinite distance is not, " +
		"but ranks last in median and quartiles. Interval: bootstrap over patients."
	ComparisonFootnote = "Wilcoxon's signed-rank test over patients, two-sided; Holm's correction over the pairs of models of a measure. An infinite distance ranks last."
)

// Title returns the measure's title with its unit.
func (g Group) Title() string {
	title := g.Metric
	if m, ok := Find(g.Metric); ok {
		title = m.Title
	}
	return title + UnitSuffix(g.Unit)
}

// Table is the summaries of one cohort, split and label.
type Table struct {
	Cohort, Split, Label string
	Summaries            []Summary
}

// Title names the table.
func (t Table) Title() string { return t.Cohort + ", " + t.Split + ", " + t.Label }

// Tables cuts summaries, in their order, into tables.
func Tables(summaries []Summary) (out []Table) {
	for _, s := range summaries {
		if n := len(out); n == 0 || out[n-1].Cohort != s.Cohort || out[n-1].Split != s.Split || out[n-1].Label != s.Label {
			out = append(out, Table{Cohort: s.Cohort, Split: s.Split, Label: s.Label})
		}
		last := &out[len(out)-1]
		last.Summaries = append(last.Summaries, s)
	}
	return out
}

func markdownText(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }
