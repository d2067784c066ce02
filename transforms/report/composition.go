package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// grid is a table of texts: a heading a column, a name a row.
type grid struct {
	Columns []string
	Rows    []gridRow
}

type gridRow struct {
	Name  string
	Cells []string
}

func (g *grid) add(name string, cells ...string) { g.Rows = append(g.Rows, gridRow{name, cells}) }

// composition describes the series of each cohort, a column a cohort.
func composition(d Data) (g grid) {
	g.Columns = d.cohorts()
	of := map[string][]schemas.Series{}
	for _, s := range d.Series {
		of[s.Cohort] = append(of[s.Cohort], s)
	}
	row := func(name string, cell func(cohort string, series []schemas.Series) string) {
		var cells []string
		for _, cohort := range g.Columns {
			cells = append(cells, cell(cohort, of[cohort]))
		}
		g.add(name, cells...)
	}
	number := func(name string, decimals int, field func(schemas.Series) float64) {
		row(name, func(_ string, series []schemas.Series) string { return medianRange(series, decimals, field) })
	}
	words := func(name string, field func(schemas.Series) string) {
		row(name, func(_ string, series []schemas.Series) string { return shares(series, field) })
	}
	row("Patients", func(cohort string, _ []schemas.Series) string {
		return fmt.Sprint(count(d.Patients, func(p schemas.Patient) string {
			if p.Cohort != cohort {
				return ""
			}
			return p.PatientID
		}))
	})
	row("CT series", func(_ string, series []schemas.Series) string { return fmt.Sprint(len(series)) })
	number("Slices a series", 0, func(s schemas.Series) float64 { return float64(s.Slices) })
	number("Matrix, columns", 0, func(s schemas.Series) float64 { return float64(s.SizeX) })
	number("Pixel spacing, mm", 3, func(s schemas.Series) float64 { return s.SpacingX })
	number("Slice spacing, mm", 3, func(s schemas.Series) float64 { return s.SpacingZ })
	number("Slice thickness, mm", 3, func(s schemas.Series) float64 { return s.Thickness })
	row("Thickness under 2 mm", func(_ string, series []schemas.Series) string { return thin(series) })
	number("1st percentile, HU", 0, func(s schemas.Series) float64 { return s.HUP01 })
	number("99th percentile, HU", 0, func(s schemas.Series) float64 { return s.HUP99 })
	words("Manufacturer", func(s schemas.Series) string { return s.Manufacturer })
	words("Kernel", func(s schemas.Series) string { return s.Kernel })
	words("Orientation", func(s schemas.Series) string { return s.Orientation })
	words("Reference", func(s schemas.Series) string { return cmp.Or(s.LabelSource, "none") })
	return g
}

func medianRange(series []schemas.Series, decimals int, field func(schemas.Series) float64) string {
	if len(series) == 0 {
		return "–"
	}
	var values []float64
	for _, s := range series {
		values = append(values, field(s))
	}
	slices.Sort(values)
	text := func(v float64) string {
		number := strconv.FormatFloat(v, 'f', decimals, 64)
		if decimals > 0 {
			number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
		}
		return strings.Replace(number, "-", "−", 1)
	}
	middle := (values[(len(values)-1)/2] + values[len(values)/2]) / 2
	if values[0] == values[len(values)-1] {
		return text(middle)
	}
	return fmt.Sprintf("%s (%s to %s)", text(middle), text(values[0]), text(values[len(values)-1]))
}

func thin(series []schemas.Series) string {
	if len(series) == 0 {
		return "–"
	}
	n := 0
	for _, s := range series {
		if s.Thickness < 2 {
			n++
		}
	}
	return fmt.Sprintf("%d (%.0f %%)", n, 100*float64(n)/float64(len(series)))
}

// shares lists the values of a field with how often each occurs, the most frequent first.
func shares(series []schemas.Series, field func(schemas.Series) string) string {
	counts := map[string]int{}
	for _, s := range series {
		counts[cmp.Or(field(s), "not stated")]++
	}
	names := sortedKeys(counts)
	slices.SortStableFunc(names, func(a, b string) int { return counts[b] - counts[a] })
	const most = 6
	var parts []string
	for i, name := range names {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d others", len(names)-most))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}

// balance compares the sides of each cohort's split.
func balance(d Data) (g grid) {
	g.Columns = []string{"Patients", "Series", "With reference", "Thickness, mm", "Under 2 mm", "Lung, ml", "Infection, ml", "Infected share, %"}
	splitOf := map[[2]string]string{}
	people := map[[2]string]int{}
	for _, p := range d.Patients {
		splitOf[[2]string{p.Cohort, p.PatientID}] = p.Split
		people[[2]string{p.Cohort, p.Split}]++
	}
	of := map[[2]string][]schemas.Series{}
	for _, s := range d.Series {
		k := [2]string{s.Cohort, splitOf[[2]string{s.Cohort, s.PatientID}]}
		of[k] = append(of[k], s)
	}
	references := referenceVolumes(d.Metrics)
	keys := make([][2]string, 0, len(people))
	for k := range people {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, k := range keys {
		labelled := 0
		var lungs, infections, involvements []float64
		for _, s := range of[k] {
			if s.LabelURI != "" {
				labelled++
			}
			if v, ok := references[s.SeriesUID]; ok {
				lungs, infections = append(lungs, v.lung), append(infections, v.infection)
				if v.lung > 0 {
					involvements = append(involvements, 100*v.infection/v.lung)
				}
			}
		}
		g.add(k[0]+", "+cmp.Or(k[1], "no split"), fmt.Sprint(people[k]), fmt.Sprint(len(of[k])), fmt.Sprint(labelled),
			medianRange(of[k], 3, func(s schemas.Series) float64 { return s.Thickness }), thin(of[k]),
			quartiles(lungs, "ml"), quartiles(infections, "ml"), quartiles(involvements, "%"))
	}
	return g
}

type referenceVolume struct{ lung, infection float64 }

// referenceVolumes returns the volumes in ml of each series' reference.
func referenceVolumes(rows []schemas.Metric) map[string]referenceVolume {
	out := map[string]referenceVolume{}
	for _, c := range Cases(rows) {
		v := referenceVolume{c.Value(metrics.Lung, "volume_reference"), c.Value(metrics.Infection, "volume_reference")}
		if !math.IsNaN(v.lung) && !math.IsNaN(v.infection) {
			out[c.SeriesUID] = v
		}
	}
	return out
}

func quartiles(values []float64, unit string) string {
	if len(values) == 0 {
		return "–"
	}
	q1, median, q3 := metrics.Quartiles(values)
	return fmt.Sprintf("%s [%s, %s]", metrics.Format(median, unit), metrics.Format(q1, unit), metrics.Format(q3, unit))
}
