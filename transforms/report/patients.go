package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// patientColumns are the measures of a case, in the terminal and on the page.
var patientColumns = []struct{ label, metric, title, unit string }{
	{metrics.Lung, "dice", "Dice", "1"},
	{metrics.Lung, "hd95", "HD95", "mm"},
	{metrics.Lung, "volume_prediction", "volume", "ml"},
	{metrics.Lung, "volume_reference", "reference", "ml"},
	{metrics.Infection, "dice", "Dice", "1"},
	{metrics.Infection, "hd95", "HD95", "mm"},
	{metrics.Infection, "volume_prediction", "volume", "ml"},
	{metrics.Infection, "volume_reference", "reference", "ml"},
	{metrics.Infection, "involvement", "involved", "%"},
}

// PatientTable writes the metrics of each volume for a terminal: by cohort and
// split, the worst first, and below each the mean ± SD with how many were
// defined and failed.
func PatientTable(w io.Writer, rows []schemas.Metric) error {
	cases := Cases(rows)
	slices.SortStableFunc(cases, func(a, b Case) int {
		return strings.Compare(a.Cohort+"\x00"+a.Split, b.Cohort+"\x00"+b.Split)
	})
	several := models(cases) > 1
	names := []string{"cohort", "split", "patient"}
	if several {
		names = append(names, "model")
	}
	t := textTable{left: len(names)}
	over, head, unit := slices.Clone(names), slices.Clone(names), make([]string, len(names))
	for i := range names {
		over[i] = ""
	}
	for i, c := range patientColumns {
		group := ""
		if i == 0 || patientColumns[i-1].label != c.label {
			group = c.label
		}
		over, head, unit = append(over, group), append(head, c.title), append(unit, strings.Trim(metrics.UnitSuffix(c.unit), " ()"))
	}
	t.add(over...)
	t.add(head...)
	t.add(unit...)
	t.rule()
	for i, c := range cases {
		cells := []string{c.Cohort, c.Split, c.PatientID}
		if several {
			cells = append(cells, c.ModelName)
		}
		for _, column := range patientColumns {
			cells = append(cells, metrics.Format(c.Value(column.label, column.metric), column.unit))
		}
		t.add(append(cells, c.note())...)
		if i+1 < len(cases) && (cases[i+1].Cohort != c.Cohort || cases[i+1].Split != c.Split) {
			t.add()
		}
	}
	t.rule()
	if err := t.write(w); err != nil {
		return err
	}
	return writeHeadlines(w, rows, several)
}

// writeHeadlines writes the mean of the headline measures by cohort, split and model.
func writeHeadlines(w io.Writer, rows []schemas.Metric, several bool) error {
	t := textTable{left: 4}
	for _, s := range metrics.Summarise(rows, metrics.SummaryOptions{}) {
		if s.Metric != "dice" && s.Metric != "hd95" || s.N == 0 {
			continue
		}
		name := s.Label + " " + s.Title()
		if several {
			name += ", " + s.ModelName
		}
		t.add(s.Cohort, s.Split, name, s.MeanSDWithout(), "n "+strconv.Itoa(s.N), "defined "+strconv.Itoa(s.Defined), "failed "+strconv.Itoa(s.Failed))
	}
	return t.write(w)
}

// textTable aligns columns: the first to the left, numbers after them to the
// right, and a note behind them to the left.
type textTable struct {
	left  int
	lines [][]string // nil for a rule
}

func (t *textTable) add(cells ...string) { t.lines = append(t.lines, append([]string{}, cells...)) }

func (t *textTable) rule() { t.lines = append(t.lines, nil) }

func (t *textTable) write(w io.Writer) error {
	var widths []int
	for _, line := range t.lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	total := -2
	for _, n := range widths {
		total += n + 2
	}
	for _, line := range t.lines {
		text := strings.Repeat("─", max(0, total))
		if line != nil {
			var cells strings.Builder
			for i, cell := range line {
				pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
				if i < t.left || i == t.left+len(patientColumns) {
					cell += pad
				} else {
					cell = pad + cell
				}
				if i > 0 {
					cells.WriteString("  ")
				}
				cells.WriteString(cell)
			}
			text = strings.TrimRight(cells.String(), " ")
		}
		if _, err := fmt.Fprintln(w, text); err != nil {
			return fmt.Errorf("writing table: %w", err)
		}
	}
	return nil
}
