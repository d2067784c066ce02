package phantom

import "math"

// lesion is a region of infected lung. Its strength falls from 1 in the middle
// to 0 at its irregular border, which is where the label ends.
type lesion struct {
	center   vec
	radii    vec // radial (towards the pleura), tangential, z
	cos, sin float64
	rough    float64 // of the border
	soft     float64 // width of the border, in strength
	hu       float64 // of ground glass
	mesh     float64 // HU of its texture
	dense    float64 // HU of consolidation
	denseAt  float64 // strength above which it is consolidated; above 1 for none
	reach    float64 // largest radius with the roughness
}

// strength is positive inside the lesion; edge is the border's noise at p.
func (l *lesion) strength(x, y, z, edge float64) float64 {
	x, y, z = x-l.center[0], y-l.center[1], z-l.center[2]
	x, y = l.cos*x+l.sin*y, l.cos*y-l.sin*x
	x, y, z = x/l.radii[0], y/l.radii[1], z/l.radii[2]
	q := x*x + y*y + z*z
	if q > 4 {
		return -1
	}
	return 1 - math.Sqrt(q) + l.rough*edge
}

// drawLesions infects the lungs of about seven patients in eight so that a
// share of lung drawn from 0–30 % (log-normal, median 6 %) is infected.
// Centres favour the lung below the pleura, its lower and posterior parts, and
// both sides. Only the lung between heights low and high, which the scan
// covers, counts and is infected.
func (a *anatomy) drawLesions(d dice, low, high float64) {
	if d.chance(1. / 8) {
		return
	}
	share := clamp(0.06*math.Exp(d.NormFloat64()*0.95), 0.002, 0.27)
	samples := a.sampleLung(6, low, high)
	if len(samples) < 200 {
		return
	}
	n := 1 + d.IntN(5) + int(share*25*d.Float64())
	n = min(n, 12)
	gg := d.between(-680, -320)
	consolidating := d.between(0, 1)
	favourLow, favourBack, favourWall := d.between(0, 3), d.between(0.5, 3), d.between(0.04, 0.12)
	oneSided := d.chance(0.15)
	for i := range n {
		var best lungPoint
		top := -1.0
		for range 14 { // the best of some candidates under the preferences
			p := samples[d.IntN(len(samples))]
			if !oneSided && sideOf(p.at[0]) != i%2 {
				continue
			}
			score := math.Exp(-favourWall*p.wall+favourBack*p.at[1]/a.depth-favourLow*p.u) * math.Exp(d.NormFloat64()*0.8)
			if score > top {
				top, best = score, p
			}
		}
		if top < 0 {
			best = samples[d.IntN(len(samples))]
		}
		size := math.Exp(d.NormFloat64() * 0.45)
		angle := math.Atan2(best.at[1]-best.axis[1], best.at[0]-best.axis[0])
		l := lesion{
			center: best.at, cos: math.Cos(angle), sin: math.Sin(angle),
			radii: vec{size * d.between(0.55, 1), size * d.between(0.9, 1.6), size * d.between(0.8, 1.5)},
			rough: d.between(0.15, 0.42), soft: d.between(0.05, 0.3),
			hu: clamp(gg+d.around(0, 70), -700, -300), mesh: d.between(10, 75),
			dense: d.between(-100, 60), denseAt: 2,
		}
		if d.chance(consolidating) {
			l.denseAt = d.between(0.12, 0.7)
		}
		a.lesions = append(a.lesions, l)
	}
	a.scaleLesions(share, samples)
}

// lungPoint is a sample of the lung.
type lungPoint struct {
	at, axis vec
	u, wall  float64
}

// sampleLung returns the points inside the lungs, between the heights, of a
// lattice of step mm.
func (a *anatomy) sampleLung(step, low, high float64) []lungPoint {
	var out []lungPoint
	for z := math.Max(low, -1.2*a.lungMM); z < math.Min(high, 20); z += step {
		s := a.section(z)
		for y := s.front; y < s.back; y += step {
			for x := -a.width; x < a.width; x += step {
				dx, dy := x-s.cx, y-s.cy
				wall := math.Sqrt(dx*dx+dy*dy) - float64(s.pleura[azimuth(dx, dy)])
				if wall < 0 && a.lungDistance(s, x, y, z, wall) < -1 {
					out = append(out, lungPoint{vec{x, y, z}, vec{s.cx, s.cy, z}, s.u, -wall})
				}
			}
		}
	}
	return out
}

// scaleLesions scales the lesions together, by bisection, until they fill share
// of the samples.
func (a *anatomy) scaleLesions(share float64, samples []lungPoint) {
	edge := make([]float64, len(samples))
	for i, p := range samples {
		edge[i] = a.edge.point(p.at)
	}
	unit := append([]lesion(nil), a.lesions...)
	lo, hi := 1.0, 110.0
	for range 9 {
		mm := math.Sqrt(lo * hi)
		for i := range a.lesions {
			a.lesions[i].radii = unit[i].radii.scale(mm)
			r := a.lesions[i].radii
			a.lesions[i].reach = 2 * math.Max(r[0], math.Max(r[1], r[2]))
		}
		count := 0
		for i, p := range samples {
			for j := range a.lesions {
				if a.lesions[j].strength(p.at[0], p.at[1], p.at[2], edge[i]) > 0 {
					count++
					break
				}
			}
		}
		if float64(count) < share*float64(len(samples)) {
			lo = mm
		} else {
			hi = mm
		}
	}
}
