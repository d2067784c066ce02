package phantom

import "math"

type vec [3]float64

func (a vec) add(b vec) vec           { return vec{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func (a vec) sub(b vec) vec           { return vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a vec) scale(s float64) vec     { return vec{a[0] * s, a[1] * s, a[2] * s} }
func (a vec) dot(b vec) float64       { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vec) norm() float64           { return math.Sqrt(a.dot(a)) }
func (a vec) unit() vec               { return a.scale(1 / math.Max(a.norm(), 1e-9)) }
func lerp(a, b, t float64) float64    { return a + (b-a)*t }
func clamp(x, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, x)) }

// smoothstep rises from 0 at lo to 1 at hi.
func smoothstep(lo, hi, x float64) float64 {
	t := (x - lo) / (hi - lo)
	if t <= 0 {
		return 0
	}
	if t >= 1 {
		return 1
	}
	return t * t * (3 - 2*t)
}

// smoothMax is max(a, b) with the edge between them rounded over k.
func smoothMax(a, b, k float64) float64 {
	d := a - b
	if d >= k {
		return a
	}
	if d <= -k {
		return b
	}
	h := (k - math.Abs(d)) / k
	return math.Max(a, b) + h*h*k*0.25
}

// smoothMin is min(a, b) with the edge between them rounded over k.
func smoothMin(a, b, k float64) float64 { return -smoothMax(-a, -b, k) }

// coverage is the share of a voxel of width w that lies inside a surface at
// signed distance s, negative inside.
func coverage(s, w float64) float64 {
	c := 0.5 - s/w
	if c <= 0 {
		return 0
	}
	if c >= 1 {
		return 1
	}
	return c
}

// ellipsoid is an ellipsoid with axes along x, y, z, turned by angle about z.
type ellipsoid struct {
	center   vec
	radii    vec
	cos, sin float64
}

func newEllipsoid(center, radii vec, angle float64) ellipsoid {
	return ellipsoid{center, radii, math.Cos(angle), math.Sin(angle)}
}

// distance returns about the signed distance of p from the surface, negative
// inside: |p/r|(|p/r|−1)/|p/r²|, exact on the surface (Quílez).
func (e *ellipsoid) distance(x, y, z float64) float64 {
	x, y, z = x-e.center[0], y-e.center[1], z-e.center[2]
	x, y = e.cos*x+e.sin*y, e.cos*y-e.sin*x
	ax, ay, az := x/e.radii[0], y/e.radii[1], z/e.radii[2]
	k0 := math.Sqrt(ax*ax + ay*ay + az*az)
	bx, by, bz := ax/e.radii[0], ay/e.radii[1], az/e.radii[2]
	k1 := math.Sqrt(bx*bx + by*by + bz*bz)
	if k1 < 1e-9 {
		return -math.Min(e.radii[0], math.Min(e.radii[1], e.radii[2]))
	}
	return k0 * (k0 - 1) / k1
}

// reachesZ is whether the plane z comes within margin of the ellipsoid.
func (e *ellipsoid) reachesZ(z, margin float64) bool {
	return math.Abs(z-e.center[2]) < e.radii[2]+margin
}

// curve is a piecewise linear function of knots with ascending x, constant
// outside them.
type curve []struct{ x, y float64 }

func (c curve) at(x float64) float64 {
	if x <= c[0].x {
		return c[0].y
	}
	for i := 1; i < len(c); i++ {
		if x < c[i].x {
			t := (x - c[i-1].x) / (c[i].x - c[i-1].x)
			return lerp(c[i-1].y, c[i].y, t)
		}
	}
	return c[len(c)-1].y
}
