package report

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// agreements draws a Bland–Altman plot of the volume for each label and model
// (Bland and Altman, 1986), over the test patients where there are any.
func agreements(rows []schemas.Metric) (charts []chart) {
	cases := Cases(rows)
	several := models(cases) > 1
	byModel := map[string][]Case{}
	for _, c := range cases {
		byModel[c.ModelName+"\x00"+c.ModelSHA256] = append(byModel[c.ModelName+"\x00"+c.ModelSHA256], c)
	}
	for _, label := range []string{metrics.Lung, metrics.Infection} {
		for _, model := range sortedKeys(byModel) {
			if c, ok := agreement(byModel[model], label, several); ok {
				charts = append(charts, c)
			}
		}
	}
	return charts
}

func agreement(cases []Case, label string, several bool) (chart, bool) {
	var means, differences []float64
	var points [2][][2]float64 // train, test
	for _, c := range cases {
		p, r := c.Value(label, "volume_prediction"), c.Value(label, "volume_reference")
		if math.IsNaN(p) || math.IsNaN(r) {
			continue
		}
		side := 0
		if c.Split == "test" {
			side = 1
		}
		points[side] = append(points[side], [2]float64{(p + r) / 2, p - r})
		means, differences = append(means, (p+r)/2), append(differences, p-r)
	}
	if len(means) < 3 {
		return chart{}, false
	}
	bias, sd := stat.MeanStdDev(differences, nil)
	low, high := bias-1.96*sd, bias+1.96*sd

	drawing := svg{width: plotWidth, height: 250}
	const top, bottom, left, right = 10.0, 206.0, 58.0, plotWidth - 66.0
	x := axisOver(append([]float64{0}, means...), 5, left, right)
	y := axisOver(append([]float64{low, high, 0}, differences...), 5, bottom, top)
	drawing.alongX(x, top, bottom, "mean of prediction and reference (ml)")
	for _, t := range y.ticks() {
		drawing.line("grid", left, y.at(t.value), right, y.at(t.value))
		drawing.write("tick", "end", left-6, y.at(t.value)+4, t.text)
	}
	fmt.Fprintf(&drawing.text, `<text class="title" text-anchor="middle" transform="translate(13 %.1f) rotate(-90)">difference (ml)</text>`, (top+bottom)/2)
	for side, class := range []string{"dots train", "dots test"} {
		var at [][2]float64
		for _, p := range points[side] {
			at = append(at, [2]float64{x.at(p[0]), y.at(p[1])})
		}
		drawing.dots(class, at)
	}
	for _, l := range []struct {
		value float64
		class string
		name  string
	}{{high, "limit", "+1.96 SD"}, {bias, "median", "bias"}, {low, "limit", "−1.96 SD"}} {
		drawing.line(l.class, left, y.at(l.value), right, y.at(l.value))
		drawing.write("row", "start", right+5, y.at(l.value)-1, metrics.Format(l.value, "ml"))
		drawing.write("tick", "start", right+5, y.at(l.value)+10, l.name)
	}
	name, title := "agreement_"+label, label+" volume"
	if several {
		name, title = name+"_"+cases[0].ModelName, title+", "+cases[0].ModelName
	}
	return chart{Name: name, Title: title, SVG: drawing.html(title + ": difference against mean of prediction and reference")}, true
}
