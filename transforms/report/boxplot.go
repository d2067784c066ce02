package report

import (
	"fmt"
	"html/template"
	"math"

	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// chart is a drawing.
type chart struct {
	Name  string // of its file
	Title string
	SVG   template.HTML
}

// distributed are the measures whose distributions are drawn.
var distributed = []struct{ label, metric string }{
	{metrics.Lung, "dice"}, {metrics.Infection, "dice"}, {metrics.Lung, "hd95"}, {metrics.Infection, "hd95"},
}

const (
	plotWidth  = 460
	plotLabels = 132 // room for the names of rows
	plotRow    = 34
)

// boxplots draws each distributed measure, a row a cohort, split and model.
func boxplots(rows []schemas.Metric) (charts []chart) {
	summaries := metrics.Summarise(rows, metrics.SummaryOptions{})
	several := count(rows, func(m schemas.Metric) string { return m.ModelSHA256 + m.ModelName }) > 1
	for _, d := range distributed {
		var of []metrics.Summary
		for _, s := range summaries {
			if s.Label == d.label && s.Metric == d.metric && s.Defined > 0 {
				of = append(of, s)
			}
		}
		if len(of) > 0 {
			charts = append(charts, boxplot(of, rows, several))
		}
	}
	return charts
}

func boxplot(summaries []metrics.Summary, rows []schemas.Metric, several bool) chart {
	title := summaries[0].Label + " " + summaries[0].Title()
	values := make([][]float64, len(summaries))
	var all []float64
	for i, s := range summaries {
		for _, m := range rows {
			if m.Value != nil && m.Label == s.Label && m.Metric == s.Metric && m.Cohort == s.Cohort && m.Split == s.Split && m.ModelSHA256 == s.ModelSHA256 && m.ModelName == s.ModelName {
				values[i] = append(values[i], *m.Value)
			}
		}
		all = append(all, values[i]...)
	}
	drawing := svg{width: plotWidth, height: float64(len(summaries))*plotRow + 46}
	bottom := drawing.height - 38
	a := axisOver(all, 5, plotLabels, plotWidth-34)
	drawing.alongX(a, 4, bottom, title)
	for i, s := range summaries {
		drawRow(&drawing, a, s, values[i], 4+plotRow*(float64(i)+0.5), several)
	}
	return chart{Name: "boxplot_" + summaries[0].Label + "_" + summaries[0].Metric, Title: title, SVG: drawing.html(title + " by cohort and split")}
}

func drawRow(drawing *svg, a axis, s metrics.Summary, values []float64, y float64, several bool) {
	name, below := s.Cohort+" "+s.Split, fmt.Sprintf("n = %d", s.Defined)
	if several {
		name, below = s.ModelName, s.Cohort+" "+s.Split+", "+below
	}
	drawing.write("row", "end", plotLabels-10, y-1, name)
	drawing.write("tick", "end", plotLabels-10, y+11, below)
	var points [][2]float64
	infinite := 0
	for i, v := range values {
		if math.IsInf(v, 1) {
			infinite++
			continue
		}
		points = append(points, [2]float64{a.at(v), y + 9*spread(i)})
	}
	class := "dots " + splitClass(s.Split)
	if s.Defined >= 4 && !math.IsInf(s.Q3, 1) {
		drawing.rect("box", a.at(s.Q1), y-8, a.at(s.Q3)-a.at(s.Q1), 16)
	}
	drawing.dots(class, points)
	if !math.IsInf(s.Median, 1) {
		drawing.line("median", a.at(s.Median), y-10, a.at(s.Median), y+10)
	}
	if infinite > 0 {
		drawing.write("failed", "start", a.to+6, y+4, fmt.Sprintf("%d × ∞", infinite))
	}
}

// spread puts the i-th point between −1 and 1, far from its neighbours.
func spread(i int) float64 {
	_, fraction := math.Modf(float64(i+1) * 0.6180339887)
	return 2*fraction - 1
}

// splitClass is the style of a split's marks.
func splitClass(split string) string {
	if split == "test" {
		return "test"
	}
	return "train"
}
