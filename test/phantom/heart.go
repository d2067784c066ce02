package phantom

import "math"

// heart is the ventricles with the right atrium beside them.
type heart struct {
	ventricles, atrium, chamber ellipsoid
}

func drawHeart(d dice, a *anatomy) heart {
	u := d.between(0.4, 0.46)
	s := a.cut(a.z(u - 0.1))
	size := a.width / 134 * d.between(0.88, 1.18)
	radii := vec{58 * size, 43 * size, 50 * size}
	radii[1] = math.Min(radii[1], 0.4*(s.spineY-15-s.front))
	center := vec{s.medX + d.between(12, 26), s.front + d.between(3, 10) + radii[1]*1.05, a.z(u)}
	return heart{
		ventricles: newEllipsoid(center, radii, d.between(0.3, 0.75)),
		atrium:     newEllipsoid(center.add(vec{-38 * size, 3, 10}), vec{30 * size, radii[1] * 0.85, 42 * size}, 0),
		chamber:    newEllipsoid(center.add(vec{16 * size, 6 * size, -8}), radii.scale(0.45), d.between(0.4, 0.8)),
	}
}

func (h *heart) center() vec { return h.ventricles.center }

func (h *heart) reachesZ(z, margin float64) bool {
	return h.ventricles.reachesZ(z, margin) || h.atrium.reachesZ(z, margin)
}

// distance is about the signed distance from the heart, negative inside.
func (h *heart) distance(x, y, z float64) float64 {
	return smoothMin(h.ventricles.distance(x, y, z), h.atrium.distance(x, y, z), 14)
}

// hu returns the HU inside the heart, depth mm below its surface: fat, then
// muscle, then blood.
func (h *heart) hu(t *tissues, x, y, z, depth, w, noise float64) float64 {
	blood := math.Min(h.chamber.distance(x, y, z), math.Min(9-depth, h.atrium.distance(x, y, z)+3))
	v := lerp(t.organ+15, t.blood, coverage(blood+2*noise, 3+w))
	return lerp(t.fat, v, coverage(3-depth+2*noise, w))
}
