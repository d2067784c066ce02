package report

import (
	"fmt"

	"ctcohort/schemas"
)

// thicknessBins are the upper bounds of the classes of slice thickness, in mm.
var thicknessBins = []struct {
	below float64
	name  string
}{{1, "< 1"}, {2, "1–2"}, {3, "2–3"}, {5, "3–5"}, {7.5, "5–7.5"}, {1e9, "≥ 7.5"}}

// thicknesses draws the share of each cohort's series in each class, cohorts above each other.
func thicknesses(d Data) (chart, bool) {
	cohorts := d.cohorts()
	if len(d.Series) == 0 {
		return chart{}, false
	}
	const rowHeight, left, right, foot = 92.0, 70.0, plotWidth - 10.0, 34.0
	drawing := svg{width: plotWidth, height: rowHeight*float64(len(cohorts)) + foot}
	width := (right - left) / float64(len(thicknessBins))
	for row, cohort := range cohorts {
		counts, total := binThickness(d.Series, cohort)
		bottom := rowHeight*float64(row+1) - 2
		drawing.write("row", "end", left-10, bottom-30, cohort)
		drawing.write("tick", "end", left-10, bottom-17, fmt.Sprintf("n = %d", total))
		drawing.line("axis", left, bottom, right, bottom)
		for i, n := range counts {
			height := 0.0
			if total > 0 {
				height = float64(n) / float64(total) * (rowHeight - 24)
			}
			x := left + width*float64(i)
			drawing.rect("bar", x+4, bottom-height, width-8, height)
			if n > 0 {
				drawing.write("tick", "middle", x+width/2, bottom-height-4, fmt.Sprintf("%d %%", (200*n+total)/(2*total)))
			}
		}
	}
	bottom := rowHeight * float64(len(cohorts))
	for i, bin := range thicknessBins {
		drawing.write("tick", "middle", left+width*(float64(i)+0.5), bottom+12, bin.name)
	}
	drawing.write("title", "middle", (left+right)/2, bottom+29, "slice thickness (mm)")
	return chart{Name: "thickness", Title: "Slice thickness", SVG: drawing.html("share of series by slice thickness, for each cohort")}, true
}

func binThickness(series []schemas.Series, cohort string) (counts []int, total int) {
	counts = make([]int, len(thicknessBins))
	for _, s := range series {
		if s.Cohort != cohort {
			continue
		}
		total++
		for i, bin := range thicknessBins {
			if s.Thickness < bin.below {
				counts[i]++
				break
			}
		}
	}
	return counts, total
}
