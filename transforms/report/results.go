package report

import (
	"ctcohort/transforms/metrics"
)

// resultColumns are the measures of the tables that compare cohorts and models,
// as the paper's Tables I and II do.
var resultColumns = []string{"dice", "sensitivity", "precision", "hd95", "assd", "surface_dice_2mm"}

// resultTable is the results for one label: a row a cohort, split and model.
type resultTable struct {
	Label   string
	Columns []string
	Rows    []resultRow
}

type resultRow struct {
	Cohort, Split, Model string
	N, Defined, Failed   int
	Cells                []resultCell
	First                bool // of its cohort and split
}

type resultCell struct{ Mean, Interval, Without string }

func results(summaries []metrics.Summary) (tables []resultTable) {
	for _, label := range []string{metrics.Lung, metrics.Infection} {
		table := resultTable{Label: label}
		for _, name := range resultColumns {
			m, _ := metrics.Find(name)
			table.Columns = append(table.Columns, m.Title+metrics.UnitSuffix(m.Unit))
		}
		cells := map[metrics.Group]metrics.Summary{}
		for _, s := range summaries {
			g := s.Group
			g.Unit = ""
			cells[g] = s
		}
		for _, s := range summaries {
			if s.Label != label || s.Metric != "dice" {
				continue
			}
			row := resultRow{Cohort: s.Cohort, Split: s.Split, Model: s.ModelName, N: s.N, Defined: s.Defined, Failed: s.Failed}
			n := len(table.Rows)
			row.First = n == 0 || table.Rows[n-1].Cohort != s.Cohort || table.Rows[n-1].Split != s.Split
			for _, name := range resultColumns {
				g := s.Group
				g.Metric, g.Unit = name, ""
				cell := cells[g]
				if cell.N == 0 {
					row.Cells = append(row.Cells, resultCell{Mean: "–"})
					continue
				}
				row.Cells = append(row.Cells, resultCell{Mean: cell.MeanSD(), Interval: cell.Interval(), Without: cell.Without()})
			}
			table.Rows = append(table.Rows, row)
		}
		if len(table.Rows) > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

// keyFigure is one of the numbers at the top of the page.
type keyFigure struct{ Value, Name, Detail string }
