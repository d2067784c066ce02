package report

import (
	_ "embed"
	"strings"
)

// chartStyle is how charts look, in the page and in their files.
//
//go:embed templates/chart.css
var chartStyle string

// ChartFile is a chart of the page as a file of its own.
type ChartFile struct {
	Name string // from the output root
	SVG  []byte
}

// Charts returns the page's charts as SVG files.
func Charts(d Data) (all []ChartFile) {
	d = d.sorted()
	charts := append(boxplots(d.Metrics), agreements(d.Metrics)...)
	if c, ok := thicknesses(d); ok {
		charts = append(charts, c)
	}
	for _, c := range charts {
		text := strings.Replace(string(c.SVG), "<svg ", `<svg xmlns="http://www.w3.org/2000/svg" `, 1)
		text = strings.Replace(text, ">", "><style>"+chartStyle+"</style>", 1)
		all = append(all, ChartFile{"report/figures/" + c.Name + ".svg", []byte(text + "\n")})
	}
	return all
}
