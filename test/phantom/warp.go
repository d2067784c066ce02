package phantom

import "math"

// toBody carries scanner space to body space: a roll about z and a smooth
// displacement. The fields must stand at p's plane and row.
func (a *anatomy) toBody(x, y, z, cos, sin float64) (float64, float64, float64) {
	return a.displace(x, y, z, cos, sin, a.bend[0].at(x), a.bend[1].at(x), a.bend[2].at(x))
}

func (a *anatomy) displace(x, y, z, cos, sin, dx, dy, dz float64) (float64, float64, float64) {
	return cos*x + sin*y + a.bendMM*dx, cos*y - sin*x + 0.7*a.bendMM*dy, z + a.bendMM*dz
}

// fromBody inverts toBody at one point, by fixed-point iteration.
func (a *anatomy) fromBody(q vec) vec {
	sin, cos := math.Sincos(a.roll)
	p := q
	for range 4 {
		x, y, z := a.displace(p[0], p[1], p[2], cos, sin, a.bend[0].point(p), a.bend[1].point(p), a.bend[2].point(p))
		p = p.add(q.sub(vec{x, y, z}))
	}
	return p
}
