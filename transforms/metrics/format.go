package metrics

import (
	"math"
	"strconv"
)

// decimals is how many decimals a unit is shown with.
func decimals(unit string) int {
	switch unit {
	case "1":
		return 3
	case "mm":
		return 2
	}
	return 1
}

// Format writes a value in its unit for people: "–" where there is none, "∞"
// where it is infinite.
func Format(value float64, unit string) string {
	switch {
	case math.IsNaN(value):
		return "–"
	case math.IsInf(value, 1):
		return "∞"
	case math.IsInf(value, -1):
		return "−∞"
	}
	text := strconv.FormatFloat(value, 'f', decimals(unit), 64)
	if zero := strconv.FormatFloat(math.Copysign(0, -1), 'f', decimals(unit), 64); text == zero {
		text = text[1:]
	}
	if text[0] == '-' {
		text = "−" + text[1:]
	}
	return text
}

// UnitSuffix returns " (unit)", and "" for a plain number.
func UnitSuffix(unit string) string {
	if unit == "1" || unit == "" || unit == "lesion" {
		return ""
	}
	return " (" + unit + ")"
}

// FormatP writes a p value.
func FormatP(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p < 0.001:
		return "< 0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

// MeanSD writes "mean ± SD"; Without must stand beside it.
func (s Summary) MeanSD() string {
	if math.IsNaN(s.SD) {
		return Format(s.Mean, s.Unit)
	}
	return Format(s.Mean, s.Unit) + " ± " + Format(s.SD, s.Unit)
}

// Without says how many failed volumes are not in the mean, or "".
func (s Summary) Without() string {
	if s.Omitted == 0 {
		return ""
	}
	return "without " + strconv.Itoa(s.Omitted) + " failed"
}

// MeanSDWithout writes both, separated by a comma.
func (s Summary) MeanSDWithout() string {
	if s.Omitted == 0 {
		return s.MeanSD()
	}
	return s.MeanSD() + ", " + s.Without()
}

// Interval writes the bootstrap interval of the mean.
func (s Summary) Interval() string {
	if math.IsNaN(s.CILow) {
		return "–"
	}
	return Format(s.CILow, s.Unit) + " to " + Format(s.CIHigh, s.Unit)
}

// MedianIQR writes "median [first quartile, third quartile]".
func (s Summary) MedianIQR() string {
	if s.Defined == 0 {
		return "–"
	}
	return Format(s.Median, s.Unit) + " [" + Format(s.Q1, s.Unit) + ", " + Format(s.Q3, s.Unit) + "]"
}
