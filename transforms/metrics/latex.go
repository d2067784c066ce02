package metrics

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// latexColumns are the measures that the paper's Tables I and II compare methods
// by, and surface distances beside them.
var latexColumns = []string{"dice", "sensitivity", "precision", "hd95", "assd"}

// WriteLaTeX writes a table for each cohort, split and label in the form of the
// paper's Tables I and II: a row a model, mean ± SD a measure, the best mean in
// bold, for which a model must have left out no failed case; and n, defined and failed, which count for Dice. The tables need the
// package booktabs.
func WriteLaTeX(w io.Writer, summaries []Summary) error {
	var text strings.Builder
	for _, table := range Tables(summaries) {
		writeLaTeXTable(&text, table)
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("writing LaTeX: %w", err)
	}
	return nil
}

func writeLaTeXTable(text *strings.Builder, table Table) {
	type model struct{ name, sha string }
	cells := map[model]map[string]Summary{}
	var models []model
	for _, s := range table.Summaries {
		m := model{s.ModelName, s.ModelSHA256}
		if cells[m] == nil {
			cells[m] = map[string]Summary{}
			models = append(models, m)
		}
		cells[m][s.Metric] = s
	}
	best := map[string]float64{}
	for _, column := range latexColumns {
		best[column] = math.NaN()
		measure, _ := Find(column)
		for _, m := range models {
			if s, ok := cells[m][column]; ok && s.Omitted == 0 && (math.IsNaN(best[column]) || (s.Mean > best[column]) == (measure.Better == Higher)) && !math.IsNaN(s.Mean) {
				best[column] = s.Mean
			}
		}
	}
	fmt.Fprintf(text, "\\begin{table}\n  \\centering\n  \\caption{Segmentation of %s, cohort %s, %s patients: mean $\\pm$ SD. Failed: one mask is empty. Overlap is 0 there and is averaged; $\\dagger$: without so many failed cases, whose value is infinite or does not exist.}\n",
		latexText(table.Label), latexText(table.Cohort), latexText(table.Split))
	fmt.Fprintf(text, "  \\begin{tabular}{l%srrr}\n    \\toprule\n    Method", strings.Repeat("c", len(latexColumns)))
	for _, column := range latexColumns {
		measure, _ := Find(column)
		fmt.Fprintf(text, " & %s%s", measure.Title, UnitSuffix(measure.Unit))
	}
	text.WriteString(" & $n$ & Defined & Failed \\\\\n    \\midrule\n")
	for _, m := range models {
		fmt.Fprintf(text, "    %s", latexText(m.name))
		for _, column := range latexColumns {
			text.WriteString(" & " + latexCell(cells[m], column, len(models) > 1 && cells[m][column].Mean == best[column]))
		}
		d := cells[m]["dice"]
		fmt.Fprintf(text, " & %d & %d & %d \\\\\n", d.N, d.Defined, d.Failed)
	}
	text.WriteString("    \\bottomrule\n  \\end{tabular}\n\\end{table}\n\n")
}

func latexCell(of map[string]Summary, column string, bold bool) string {
	s, ok := of[column]
	if !ok || math.IsNaN(s.Mean) {
		return "--"
	}
	cell := strings.NewReplacer("−", "-", "±", `\pm`).Replace(s.MeanSD())
	if bold {
		cell = `\mathbf{` + cell + `}`
	}
	if s.Omitted > 0 {
		cell += fmt.Sprintf(`^{\dagger %d}`, s.Omitted)
	}
	return "$" + cell + "$"
}

var latexEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, "_", `\_`, "&", `\&`, "%", `\%`, "#", `\#`, "$", `\$`, "{", `\{`, "}", `\}`, "~", `\textasciitilde{}`, "^", `\textasciicircum{}`)

func latexText(s string) string { return latexEscapes.Replace(s) }
