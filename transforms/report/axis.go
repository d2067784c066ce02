package report

import (
	"math"
	"strconv"
)

// axis maps values to positions, with round ticks.
type axis struct {
	low, high float64 // values at the ends
	from, to  float64 // positions there
	step      float64
}

// axisOver covers the finite values with about n ticks; padded so that no value lies at an end.
func axisOver(values []float64, n int, from, to float64) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		low, high = 0, 1
	}
	if low == high {
		low, high = low-0.5, high+0.5
	}
	a := axis{from: from, to: to, step: roundStep((high - low) / float64(n))}
	a.low, a.high = math.Floor(low/a.step)*a.step, math.Ceil(high/a.step)*a.step
	return a
}

// roundStep returns the least of 1, 2 or 5 times a power of ten that is at least step.
func roundStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= step*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// at returns the position of a value, at an end where it lies beyond.
func (a axis) at(v float64) float64 {
	t := (v - a.low) / (a.high - a.low)
	return a.from + (a.to-a.from)*max(0, min(1, t))
}

type tick struct {
	value float64
	text  string
}

func (a axis) ticks() (out []tick) {
	decimals := max(0, -int(math.Floor(math.Log10(a.step)+1e-9)))
	for i := 0; ; i++ {
		v := a.low + float64(i)*a.step
		if v > a.high+a.step/2 {
			return out
		}
		text := strconv.FormatFloat(v, 'f', decimals, 64)
		if v < -a.step/2 {
			text = "−" + text[1:]
		} else if math.Abs(v) < a.step/2 {
			text = strconv.FormatFloat(0, 'f', decimals, 64)
		}
		out = append(out, tick{v, text})
	}
}
