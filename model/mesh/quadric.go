package mesh

import "math"

// quadric is the sum of squared distances of a point from planes, weighted by
// the areas of the triangles in them: pᵀAp + 2bᵀp + c with A symmetric.
type quadric struct {
	xx, xy, xz, yy, yz, zz float64
	b                      vector
	c                      float64
}

func planeQuadric(p, q, r vector) quadric {
	n := cross(q.minus(p), r.minus(p))
	area := n.length()
	if area == 0 {
		return quadric{}
	}
	n = n.times(1 / area)
	k := -dot(n, p)
	return quadric{
		area * n[0] * n[0], area * n[0] * n[1], area * n[0] * n[2], area * n[1] * n[1], area * n[1] * n[2], area * n[2] * n[2],
		n.times(area * k), area * k * k,
	}
}

func (q *quadric) add(o quadric) {
	q.xx, q.xy, q.xz, q.yy, q.yz, q.zz = q.xx+o.xx, q.xy+o.xy, q.xz+o.xz, q.yy+o.yy, q.yz+o.yz, q.zz+o.zz
	q.b, q.c = q.b.plus(o.b), q.c+o.c
}

// at returns the quadric's value at a point, not below 0.
func (q *quadric) at(p vector) float64 {
	return max(0, dot(p, q.map3(p))+2*dot(q.b, p)+q.c)
}

func (q *quadric) map3(p vector) vector {
	return vector{q.xx*p[0] + q.xy*p[1] + q.xz*p[2], q.xy*p[0] + q.yy*p[1] + q.yz*p[2], q.xz*p[0] + q.yz*p[1] + q.zz*p[2]}
}

// least returns where the quadric is least, by Cramer's rule; ok is false where
// that is not one point, as in a plane.
func (q *quadric) least() (p vector, ok bool) {
	x, y, z := vector{q.xx, q.xy, q.xz}, vector{q.xy, q.yy, q.yz}, vector{q.xz, q.yz, q.zz}
	det := dot(x, cross(y, z))
	if trace := q.xx + q.yy + q.zz; math.Abs(det) < 1e-6*trace*trace*trace {
		return p, false
	}
	right := q.b.times(-1)
	return vector{dot(right, cross(y, z)), dot(x, cross(right, z)), dot(x, cross(y, right))}.times(1 / det), true
}
