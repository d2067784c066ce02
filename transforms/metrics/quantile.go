package metrics

import (
	"math"
	"slices"
)

// quantile returns the q-quantile (0 to 1) of sorted values, linearly
// interpolated between order statistics as numpy does by default; NaN of none. Next
// to an infinite value it is infinite, between −inf and +inf NaN.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	a, b, t := sorted[i], sorted[i+1], at-float64(i)
	switch {
	case a == b || t == 0:
		return a
	case math.IsInf(a, -1) && math.IsInf(b, 1):
		return math.NaN()
	case math.IsInf(b, 1):
		return b
	case math.IsInf(a, -1):
		return a
	case t < 0.5:
		return a + (b-a)*t
	}
	return b - (b-a)*(1-t)
}

// Quartiles returns the first quartile, the median and the third quartile, as numpy's default; NaN of none.
func Quartiles(values []float64) (q1, median, q3 float64) {
	sorted := slices.Sorted(slices.Values(values))
	return quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)
}
