package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// page is what the template shows.
type page struct {
	Lead         string
	KeyFigures   []keyFigure
	Funnel       []step
	Rejects      []rejectGroup
	Composition  grid
	Thickness    *chart
	Balance      grid
	Results      []resultTable
	Details      []metrics.Table
	Comparisons  []metrics.Comparison
	Boxplots     []chart
	Agreements   []chart
	Patients     patientRows
	Figures      []figure
	Exhibits     []exhibit
	Windows      []window
	Runs         []runRow
	Measures     []metrics.Measure
	Footnote     string
	TestFootnote string
}

func newPage(d Data) page {
	d = d.sorted()
	summaries := metrics.Summarise(d.Metrics, metrics.DefaultSummary)
	p := page{
		KeyFigures: keyFigures(d, summaries), Funnel: funnel(d), Rejects: rejects(d.Rejects), Composition: composition(d), Balance: balance(d),
		Results: results(summaries), Details: metrics.Tables(summaries), Comparisons: metrics.Compare(d.Metrics),
		Boxplots: boxplots(d.Metrics), Agreements: agreements(d.Metrics), Patients: newPatientRows(d), Figures: figures(d), Exhibits: exhibits(d), Windows: windows(d.ModelWindow), Runs: runRows(d.Runs),
		Measures: metrics.Measures, Footnote: metrics.Footnote, TestFootnote: metrics.ComparisonFootnote,
	}
	p.Lead = fmt.Sprintf("Cohorts: %s.", strings.Join(d.cohorts(), ", "))
	if c, ok := thicknesses(d); ok {
		p.Thickness = &c
	}
	return p
}

func keyFigures(d Data, summaries []metrics.Summary) []keyFigure {
	out := []keyFigure{
		{strconv.Itoa(len(d.Patients)), "patients", fmt.Sprintf("%d CT volumes", len(d.Series))},
		{strconv.Itoa(len(d.Rejects)), "rejects", "each with its reason below"},
	}
	const most = 10
	for _, s := range summaries {
		if s.Metric == "dice" && s.Split == "test" && s.Averaged > 0 && len(out) < most {
			name := fmt.Sprintf("%s Dice, %s test", s.Label, s.Cohort)
			detail := fmt.Sprintf("%s, n = %d, %d failed", s.ModelName, s.Defined, s.Failed)
			out = append(out, keyFigure{metrics.Format(s.Mean, s.Unit), name, detail})
		}
	}
	return out
}

// patientRows is the table of all cases, the worst first.
type patientRows struct {
	Columns                 []patientColumn
	Cohorts, Splits, Models []string
	Rows                    []patientRow
}

type patientColumn struct{ Group, Title, Unit string }

type patientRow struct {
	Case
	Cells   []numberCell
	Note    string
	Anchor  string // of its figure, or ""
	Exhibit int    // its number in the viewer, from 1, or 0
}

// numberCell is a value as text, and as a key to sort by: empty where undefined.
type numberCell struct{ Text, Key string }

func newPatientRows(d Data) (t patientRows) {
	anchors, exhibit := map[string]string{}, map[string]int{}
	for i, f := range d.Figures {
		anchors[f.Shown[0].SeriesUID] = anchor(i)
		if f.Preview != nil {
			exhibit[f.Shown[0].SeriesUID] = len(exhibit) + 1
		}
	}
	for _, c := range patientColumns {
		t.Columns = append(t.Columns, patientColumn{c.label, c.title, strings.Trim(metrics.UnitSuffix(c.unit), " ()")})
	}
	cohorts, splits, names := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range Cases(d.Metrics) {
		cohorts[c.Cohort], splits[c.Split], names[c.ModelName] = true, true, true
		row := patientRow{Case: c, Note: c.note(), Anchor: anchors[c.SeriesUID], Exhibit: exhibit[c.SeriesUID]}
		for _, column := range patientColumns {
			v := c.Value(column.label, column.metric)
			cell := numberCell{Text: metrics.Format(v, column.unit)}
			if !math.IsNaN(v) {
				cell.Key = strings.Replace(strconv.FormatFloat(v, 'g', 8, 64), "+Inf", "Infinity", 1)
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	t.Cohorts, t.Splits, t.Models = sortedKeys(cohorts), sortedKeys(splits), sortedKeys(names)
	return t
}

// runRow is the provenance of a stage.
type runRow struct {
	schemas.Run
	Duration string
	Counts   []string
}

func runRows(runs []schemas.Run) (out []runRow) {
	for _, r := range runs {
		row := runRow{Run: r, Duration: "–"}
		start, err := time.Parse(time.RFC3339, r.Start)
		if end, endErr := time.Parse(time.RFC3339, r.End); err == nil && endErr == nil {
			row.Duration = end.Sub(start).Round(time.Second).String()
		}
		var counters map[string]json.Number
		if json.Unmarshal([]byte(r.Counters), &counters) == nil {
			for _, name := range sortedKeys(counters) {
				row.Counts = append(row.Counts, strings.ReplaceAll(name, "_", " ")+" "+counters[name].String())
			}
		} else if r.Counters != "" {
			row.Counts = []string{r.Counters}
		}
		out = append(out, row)
	}
	return out
}
