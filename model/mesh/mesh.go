package mesh

import "math"

// Mesh is a closed surface.
type Mesh struct {
	Vertices  [][3]float32 // mm, LPS
	Triangles [][3]int32   // indices of vertices, anticlockwise from outside
}

// VolumeML returns the enclosed volume in millilitres, by the divergence theorem.
func (m *Mesh) VolumeML() float64 {
	var sum float64
	for _, t := range m.Triangles {
		a, b, c := m.corners(t)
		sum += dot(a, cross(b, c))
	}
	return sum / 6 / 1000
}

// Normals returns the unit normal of each vertex, outwards: the mean of its
// triangles' normals, weighted by their areas. It is 0 where they cancel.
func (m *Mesh) Normals() [][3]float32 {
	sums := make([]vector, len(m.Vertices))
	for _, t := range m.Triangles {
		a, b, c := m.corners(t)
		n := cross(b.minus(a), c.minus(a))
		for _, v := range t {
			sums[v] = sums[v].plus(n)
		}
	}
	out := make([][3]float32, len(sums))
	for i, n := range sums {
		if length := n.length(); length > 0 {
			out[i] = n.times(1 / length).single()
		}
	}
	return out
}

func (m *Mesh) corners(t [3]int32) (a, b, c vector) {
	return double(m.Vertices[t[0]]), double(m.Vertices[t[1]]), double(m.Vertices[t[2]])
}

// vector is a position or direction in mm.
type vector [3]float64

func double(v [3]float32) vector { return vector{float64(v[0]), float64(v[1]), float64(v[2])} }

func (v vector) single() [3]float32 {
	return [3]float32{float32(v[0]), float32(v[1]), float32(v[2])}
}

func (v vector) plus(o vector) vector   { return vector{v[0] + o[0], v[1] + o[1], v[2] + o[2]} }
func (v vector) minus(o vector) vector  { return vector{v[0] - o[0], v[1] - o[1], v[2] - o[2]} }
func (v vector) times(f float64) vector { return vector{v[0] * f, v[1] * f, v[2] * f} }
func (v vector) length() float64        { return math.Sqrt(dot(v, v)) }
func dot(a, b vector) float64           { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func cross(a, b vector) vector {
	return vector{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}
