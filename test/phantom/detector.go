package phantom

import "math"

// detector turns rendered HU into a series' stored values: the kernel's blur
// and edge, correlated noise, the field of view, the scanner's coding.
type detector struct {
	g            *scan
	k            kernel
	taps         []float32
	grain        []float32 // noise tiles of grainSize²
	streak       []float32
	d            dice
	work, second []float32
	sd           float64
}

const grainSize = 256

func newDetector(d dice, g *scan, k kernel) *detector {
	n := g.size * g.size
	t := &detector{g: g, k: k, d: d, work: make([]float32, n), second: make([]float32, n)}
	t.taps = gaussian(math.Max(k.blurMM/g.pixelMM, 0.25))
	// Averaging over the voxel's extent lowers the noise of coarse grids.
	coarse := math.Min(1, math.Sqrt(k.grainMM*1.6/g.pixelMM))
	t.sd = g.doseNoise * k.noise * coarse / math.Sqrt(math.Max(g.thicknessMM, 0.5))
	t.sd = math.Min(t.sd, 70)
	grain := math.Max(k.grainMM/g.pixelMM, 0.3)
	t.grain = grainTile(d, gaussian(grain), gaussian(grain), gaussian(3*grain))
	t.streak = grainTile(d, gaussian(9), gaussian(0.7), nil)
	return t
}

// gaussian returns the half-kernel of a Gaussian, centre first.
func gaussian(sigma float64) []float32 {
	n := int(math.Ceil(3*sigma)) + 1
	taps := make([]float32, n)
	var sum float64
	for i := range taps {
		v := math.Exp(-float64(i*i) / (2 * sigma * sigma))
		taps[i] = float32(v)
		sum += v
		if i > 0 {
			sum += v
		}
	}
	for i := range taps {
		taps[i] /= float32(sum)
	}
	for n > 1 && taps[n-1] < 1e-3 {
		n--
	}
	return taps[:n]
}

// grainTile returns periodic noise of variance 1, smoothed along x and y, with
// what base keeps taken away as a ramp filter would.
func grainTile(d dice, x, y, base []float32) []float32 {
	t := make([]float32, grainSize*grainSize)
	for i := range t {
		t[i] = float32(d.NormFloat64())
	}
	u := make([]float32, len(t))
	blurPeriodic(t, u, x, 1)
	blurPeriodic(u, t, y, grainSize)
	if base != nil {
		low := make([]float32, len(t))
		blurPeriodic(t, u, base, 1)
		blurPeriodic(u, low, base, grainSize)
		for i := range t {
			t[i] -= 0.8 * low[i]
		}
	}
	var sum float64
	for _, v := range t {
		sum += float64(v) * float64(v)
	}
	scale := float32(1 / math.Sqrt(sum/float64(len(t))))
	for i := range t {
		t[i] *= scale
	}
	return t
}

func blurPeriodic(in, out, taps []float32, stride int) {
	for i := range in {
		at := i / stride % grainSize
		base := i - at*stride
		v := taps[0] * in[i]
		for k := 1; k < len(taps); k++ {
			v += taps[k] * (in[base+((at+k)&(grainSize-1))*stride] + in[base+((at-k)&(grainSize-1))*stride])
		}
		out[i] = v
	}
}

// blur smooths the square image in along both axes into out.
func (t *detector) blur(in, out []float32) {
	n := t.g.size
	for j := range n {
		blurLine(in[j*n:][:n], t.second[j*n:][:n], t.taps)
	}
	for j := range n {
		row := out[j*n:][:n]
		for i, v := range t.second[j*n:][:n] {
			row[i] = v * t.taps[0]
		}
		for k := 1; k < len(t.taps); k++ {
			up, down := t.second[max(j-k, 0)*n:][:n], t.second[min(j+k, n-1)*n:][:n]
			tap := t.taps[k]
			for i := range row {
				row[i] += tap * (up[i] + down[i])
			}
		}
	}
}

func blurLine(in, out, taps []float32) {
	n := len(in)
	for i := range in {
		v := taps[0] * in[i]
		for k := 1; k < len(taps); k++ {
			v += taps[k] * (in[max(i-k, 0)] + in[min(i+k, n-1)])
		}
		out[i] = v
	}
}

// expose returns the stored values of the slice at z whose HU are given.
func (t *detector) expose(hu []float32, z float64, out []uint16) {
	n, g := t.g.size, t.g
	t.blur(hu, t.work)
	if t.k.sharpen > 0 {
		sharp := make([]float32, len(hu))
		t.blur(t.work, sharp)
		s := float32(t.k.sharpen)
		for i := range sharp {
			t.work[i] += s * (t.work[i] - sharp[i])
		}
	}
	ox, oy := t.d.IntN(grainSize), t.d.IntN(grainSize)
	sx, sy := t.d.IntN(grainSize), t.d.IntN(grainSize)
	shoulder := g.streaks * smoothstep(-70, -25, z) * smoothstep(60, 0, z)
	center := float64(n-1) / 2
	for j := range n {
		dy := (float64(j) - center) * g.pixelMM
		grain := t.grain[((j+oy)&(grainSize-1))*grainSize:][:grainSize]
		streak := t.streak[((j+sy)&(grainSize-1))*grainSize:][:grainSize]
		for i := range n {
			dx := (float64(i) - center) * g.pixelMM
			r2 := dx*dx + dy*dy
			k := j*n + i
			if g.circular && r2 > 0.25*float64(n*n)*g.pixelMM*g.pixelMM {
				out[k] = g.store(g.paddingHU)
				continue
			}
			v := float64(t.work[k])
			sd := t.sd * (0.6 + 0.7/(1+r2/(130*130)))
			v += sd * float64(grain[(i+ox)&(grainSize-1)])
			if shoulder > 0 && v > -1000 {
				v += sd * shoulder * float64(streak[(i+sx)&(grainSize-1)])
			}
			if v < -1024 {
				v = -1024
			}
			out[k] = g.store(v)
		}
	}
}

// store codes a HU as the scanner does.
func (g *scan) store(hu float64) uint16 {
	v := int(math.Round(hu)) - g.intercept
	if g.signed {
		return uint16(int16(max(-32768, min(32767, v))))
	}
	return uint16(max(0, min(1<<g.bitsStored()-1, v)))
}

func (g *scan) paddingStored() uint16 { return g.store(g.paddingHU) }

// bitsStored is 12 for unsigned values unless the intercept needs more.
func (g *scan) bitsStored() int {
	if g.signed || g.intercept < -1024 {
		return 16
	}
	return 12
}
