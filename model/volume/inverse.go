package volume

import "math"

// invert returns the inverse of a row-major 3×3 matrix by its singular value
// decomposition: Householder bidiagonalisation and implicit QR steps (Dongarra,
// Bunch, Moler and Stewart, LINPACK Users' Guide, 1979, chapter 11).
//
// A closed formula would be as exact, but ITK inverts a grid's matrix in this way,
// and on an oblique grid the last bit decides which of two voxels is the nearest
// to a point midway, and how half an HU is rounded. It panics on a matrix that
// has no inverse, which no grid has.
func invert(m [9]float64) [9]float64 {
	d := bidiagonalise(m)
	d.diagonalise()
	var scaled, inverse [9]float64 // scaled = V·S⁻¹
	for i := range 3 {
		for k := range 3 {
			scaled[3*i+k] = d.v[k][i] * (1 / d.s[k])
		}
	}
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				inverse[3*i+j] += float64(scaled[3*i+k] * d.u[k][j])
			}
		}
	}
	return inverse
}

type column [3]float64

// decomposition is a matrix as U·B·Vᵗ, where B has the diagonal s and above it e.
type decomposition struct {
	u, v [3]column
	s, e column
}

func bidiagonalise(m [9]float64) *decomposition {
	d := &decomposition{}
	var x [3]column
	for i := range 3 {
		for j := range 3 {
			x[j][i] = m[3*i+j]
		}
	}
	for l := range 2 {
		d.s[l] = -reflector(x[l][l:])
		for j := l + 1; j < 3; j++ {
			reflect(x[j][l:], x[l][l:], d.s[l])
			d.e[j] = x[j][l]
		}
		copy(d.u[l][l:], x[l][l:])
		if l > 0 {
			break
		}
		d.e[0] = -reflector(d.e[1:])
		if d.e[0] != 0 {
			var work column
			for j := 1; j < 3; j++ {
				add(work[1:], d.e[j], x[j][1:])
			}
			for j := 1; j < 3; j++ {
				add(x[j][1:], -d.e[j]/d.e[1], work[1:])
			}
		}
		copy(d.v[0][1:], d.e[1:])
	}
	d.s[2], d.e[1], d.e[2] = x[2][2], x[2][1], 0

	d.u[2] = column{0, 0, 1}
	for l := 1; l >= 0; l-- {
		if d.s[l] == 0 {
			d.u[l] = unit(l)
			continue
		}
		for j := l + 1; j < 3; j++ {
			reflect(d.u[j][l:], d.u[l][l:], d.s[l])
		}
		for i := l; i < 3; i++ {
			d.u[l][i] = -d.u[l][i]
		}
		d.u[l][l]++
	}
	d.v[1], d.v[2] = unit(1), unit(2)
	for j := 1; j < 3; j++ {
		reflect(d.v[j][1:], d.v[0][1:], d.e[0])
	}
	d.v[0] = unit(0)
	return d
}

// diagonalise makes e vanish by QR steps on the first m rows and columns, and
// sorts s from the largest down.
func (d *decomposition) diagonalise() {
	const maxSteps = 1000 // for one singular value; two or three are usual
	s, e := &d.s, &d.e
	for m, steps := 3, 0; m > 0; {
		l := m - 1
		for ; l > 0; l-- {
			if sum := math.Abs(s[l-1]) + math.Abs(s[l]); sum+math.Abs(e[l-1]) == sum {
				e[l-1] = 0
				break
			}
		}
		if l < m-1 {
			if steps++; steps > maxSteps {
				panic("volume: a grid's matrix has no inverse")
			}
			d.step(l, m-1)
			continue
		}
		d.settle(m - 1)
		m, steps = m-1, 0
	}
	if !(s[2] > 1e-12*s[0]) {
		panic("volume: a grid's matrix has no inverse")
	}
}

// settle makes singular value l positive and moves it to its place.
func (d *decomposition) settle(l int) {
	if d.s[l] < 0 {
		d.s[l] = -d.s[l]
		for i := range d.v[l] {
			d.v[l][i] = -d.v[l][i]
		}
	}
	for ; l < 2 && d.s[l] < d.s[l+1]; l++ {
		d.s[l], d.s[l+1] = d.s[l+1], d.s[l]
		d.v[l], d.v[l+1] = d.v[l+1], d.v[l]
		d.u[l], d.u[l+1] = d.u[l+1], d.u[l]
	}
}

// step is one implicit QR step on rows and columns l to m.
func (d *decomposition) step(l, m int) {
	s, e := &d.s, &d.e
	scale := max(math.Abs(s[m]), math.Abs(s[m-1]), math.Abs(e[m-1]), math.Abs(s[l]), math.Abs(e[l]))
	sm, sm1, em1, sl, el := s[m]/scale, s[m-1]/scale, e[m-1]/scale, s[l]/scale, e[l]/scale
	b := (float64((sm1+sm)*(sm1-sm)) + square(em1)) / 2
	c := square(sm * em1)
	var shift float64
	if b != 0 || c != 0 {
		if shift = math.Sqrt(square(b) + c); b < 0 {
			shift = -shift
		}
		shift = c / (b + shift)
	}
	f, g := float64((sl+sm)*(sl-sm))+shift, sl*el
	for k := l; k < m; k++ {
		var cs, sn float64
		f, cs, sn = plane(f, g)
		if k != l {
			e[k-1] = f
		}
		f = float64(cs*s[k]) + float64(sn*e[k])
		e[k] = float64(cs*e[k]) - float64(sn*s[k])
		g = sn * s[k+1]
		s[k+1] = cs * s[k+1]
		rotate(&d.v[k], &d.v[k+1], cs, sn)
		s[k], cs, sn = plane(f, g)
		f = float64(cs*e[k]) + float64(sn*s[k+1])
		s[k+1] = float64(-sn*e[k]) + float64(cs*s[k+1])
		g = sn * e[k+1]
		e[k+1] = cs * e[k+1]
		rotate(&d.u[k], &d.u[k+1], cs, sn)
	}
	e[m-1] = f
}

// reflector turns x into the vector of the Householder reflection that takes x to
// a multiple of the first axis, and returns the multiple's negative.
func reflector(x []float64) float64 {
	n := math.Copysign(norm(x), x[0])
	if n == 0 {
		return 0
	}
	for i := range x {
		x[i] *= 1 / n
	}
	x[0]++
	return n
}

// reflect applies to y the reflection of vector x, unless its multiple is zero.
func reflect(y, x []float64, multiple float64) {
	if multiple == 0 {
		return
	}
	var dot float64
	for i := range x {
		dot += float64(x[i] * y[i])
	}
	add(y, -dot/x[0], x)
}

// add adds a·x to y.
func add(y []float64, a float64, x []float64) {
	for i := range x {
		y[i] += float64(a * x[i])
	}
}

// norm is the Euclidean norm, scaled against overflow as BLAS's dnrm2.
func norm(x []float64) float64 {
	scale, sum := 0.0, 1.0
	for _, a := range x {
		switch a = math.Abs(a); {
		case a == 0:
		case scale < a:
			sum = 1 + float64(sum*square(scale/a))
			scale = a
		default:
			sum += square(a / scale)
		}
	}
	return scale * math.Sqrt(sum)
}

// plane returns the plane rotation that takes (a, b) to (r, 0), as BLAS's drotg.
func plane(a, b float64) (r, cos, sin float64) {
	scale := math.Abs(a) + math.Abs(b)
	if scale == 0 {
		return 0, 1, 0
	}
	larger := b
	if math.Abs(a) > math.Abs(b) {
		larger = a
	}
	r = scale * math.Sqrt(square(a/scale)+square(b/scale))
	if larger < 0 {
		r = -r
	}
	return r, a / r, b / r
}

func rotate(x, y *column, cos, sin float64) {
	for i := range x {
		a, b := x[i], y[i]
		x[i] = float64(cos*a) + float64(sin*b)
		y[i] = float64(cos*b) - float64(sin*a)
	}
}

func unit(axis int) (c column) {
	c[axis] = 1
	return c
}

// square rounds its result, so that no sum fuses with it.
func square(x float64) float64 { return float64(x * x) }
