package metrics

import "math"

// envelope is the lower envelope of parabolas h + (spacing·(y−at))² over
// integer y.
type envelope struct {
	spacing float64
	halves  []float64 // 1 / (2·spacing²·n), by n
	at      []int
	height  []float64
	from    []float64 // y from which the parabola is the lowest
}

// scale prepares for n positions that lie spacing apart.
func (e *envelope) scale(spacing float64, n int) {
	if e.spacing == spacing && len(e.halves) >= n {
		return
	}
	e.spacing, e.halves = spacing, make([]float64, n)
	for i := 1; i < n; i++ {
		e.halves[i] = 1 / (2 * square(spacing) * float64(i))
	}
}

func (e *envelope) clear() { e.at, e.height, e.from = e.at[:0], e.height[:0], e.from[:0] }

// add adds a parabola to the right of all others.
func (e *envelope) add(at int, height float64) {
	from := math.Inf(-1)
	for n := len(e.at); n > 0; n = len(e.at) {
		gap := at - e.at[n-1]
		from = float64(at+e.at[n-1])/2 + (height-e.height[n-1])*e.halves[gap]
		if from > e.from[n-1] {
			break
		}
		e.at, e.height, e.from = e.at[:n-1], e.height[:n-1], e.from[:n-1]
		from = math.Inf(-1)
	}
	e.at, e.height, e.from = append(e.at, at), append(e.height, height), append(e.from, from)
}

// lookUp sets out[y·stride] to the envelope at each y of ys, which ascend; +inf
// where there is no parabola.
func (e *envelope) lookUp(ys []int, out []float64, stride int) {
	if len(e.at) == 0 {
		for _, y := range ys {
			out[y*stride] = math.Inf(1)
		}
		return
	}
	k := 0
	for _, y := range ys {
		for k+1 < len(e.at) && e.from[k+1] <= float64(y) {
			k++
		}
		out[y*stride] = e.height[k] + square(float64(y-e.at[k])*e.spacing)
	}
}
