package volume

import "math"

// Cubic B-spline coefficients by recursive filtering (Unser, Aldroubi and Eden,
// "B-spline signal processing", IEEE Trans. Signal Processing 41, 1993), with
// the signal mirrored about its first and last sample, as in ITK. The conversions
// keep the compiler from fusing operations on machines that could, so that all
// give the same bits.

// splinePole is the pole of the recursion; splineReach is after how many samples
// its powers have fallen below 1e-8.
var splinePole = math.Sqrt(3) - 2

const (
	splineGain  = 6 // (1−z)(1−1/z) of the pole z
	splineReach = 14
)

// coefficients turns samples into B-spline coefficients in place. Each c[k] is
// the row of k-th samples of many signals, all of one length.
func coefficients(c [][]float32) {
	n := len(c)
	if n == 1 {
		return
	}
	z := float32(splinePole)
	first := c[0]
	weights := initialWeights(n)
	for i := range first {
		first[i] *= weights[0] * splineGain
	}
	for k, w := range weights[1:] {
		w *= splineGain
		row := c[k+1][:len(first)]
		for i, x := range row {
			first[i] += float32(w * x)
		}
	}
	for k := 1; k < n; k++ {
		row := c[k]
		previous := c[k-1][:len(row)]
		for i, x := range row {
			row[i] = float32(splineGain*x) + float32(z*previous[i])
		}
	}
	last, previous := c[n-1], c[n-2][:len(c[n-1])]
	end := float32(splinePole / (splinePole*splinePole - 1))
	for i, x := range last {
		last[i] = end * (float32(z*previous[i]) + x)
	}
	for k := n - 2; k >= 0; k-- {
		row := c[k]
		next := c[k+1][:len(row)]
		for i, x := range row {
			row[i] = z * (next[i] - x)
		}
	}
}

// initialWeights returns the weights of the first samples in the causal filter's
// first value: the sum over the mirrored signal, cut where it no longer matters.
func initialWeights(n int) []float32 {
	w := make([]float32, min(n, 2*splineReach))
	if n > len(w) {
		for k := range w {
			w[k] = float32(math.Pow(splinePole, float64(k)))
		}
		return w
	}
	period := float64(2*n - 2)
	for k := range w {
		sum := math.Pow(splinePole, float64(k))
		if k > 0 && k < n-1 {
			sum += math.Pow(splinePole, period-float64(k))
		}
		w[k] = float32(sum / (1 - math.Pow(splinePole, period)))
	}
	return w
}

// splineTap is where an output voxel falls along one axis: four coefficients and
// their weights.
type splineTap struct {
	at     [4]int32
	weight [4]float32
}

func splineTaps(a axis) []splineTap {
	out := make([]splineTap, a.inside.len())
	for i := range out {
		out[i] = tapAt(a.at[a.inside.from+i], a.n)
	}
	return out
}

// tapAt returns the tap at a continuous index within n voxels.
func tapAt(at float64, n int) (t splineTap) {
	base := math.Floor(at)
	f := at - base
	w3 := float64(square(f)*f) / 6
	w0 := 1.0/6 + float64(f*(f-1))/2 - w3
	w2 := f + w0 - float64(2*w3)
	t.weight = [4]float32{float32(w0), float32(1 - w0 - w2 - w3), float32(w2), float32(w3)}
	for k := range 4 {
		t.at[k] = int32(mirrored(int(base)-1+k, n))
	}
	return t
}

// mirrored returns where index i of a signal of n samples lies, mirrored about
// its first and last sample.
func mirrored(i, n int) int {
	if n == 1 {
		return 0
	}
	for i < 0 || i >= n {
		if i < 0 {
			i = -i
		} else {
			i = 2*(n-1) - i
		}
	}
	return i
}

// sum sets dst to the weighted sum of the four rows of c that t names.
func (t splineTap) sum(dst []float32, c [][]float32) {
	a, b := c[t.at[0]][:len(dst)], c[t.at[1]][:len(dst)]
	d, e := c[t.at[2]][:len(dst)], c[t.at[3]][:len(dst)]
	w := t.weight
	for i := range dst {
		dst[i] = float32(w[0]*a[i]) + float32(w[1]*b[i]) + float32(w[2]*d[i]) + float32(w[3]*e[i])
	}
}
