package report

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"ctcohort/model/mesh"
)

// A scene is a picture of surfaces under construction: parallel projection, a
// light above the camera at the left, linear colours, a depth for each pixel.
type scene struct {
	camera
	width, height int
	colour        [][3]float32
	depth         []float32 // mm towards the camera; −inf where nothing opaque is
}

// camera looks at a point in LPS mm.
type camera struct {
	centre      [3]float64
	right, up   [3]float64 // unit vectors, those of the picture
	pixelsPerMM float64
}

// fromFront and fromBehind see the patient upright.
var (
	fromFront  = camera{right: [3]float64{1, 0, 0}, up: [3]float64{0, 0, 1}}
	fromBehind = camera{right: [3]float64{-1, 0, 0}, up: [3]float64{0, 0, 1}}
)

func newScene(c camera, width, height int) *scene {
	s := &scene{camera: c, width: width, height: height, colour: make([][3]float32, width*height), depth: make([]float32, width*height)}
	for i := range s.colour {
		s.colour[i], s.depth[i] = [3]float32{1, 1, 1}, float32(math.Inf(-1))
	}
	return s
}

// corner is a vertex as the camera sees it.
type corner struct {
	x, y, depth float64
	facing      float64 // of its normal: 1 towards the camera, −1 away
	lit         float64 // of its normal: 1 towards the light
}

// light is where it comes from, along the camera's right, up and towards it.
var light = [3]float64{-0.35, 0.45, 0.82}

// nearMM is how far a translucent surface must be in front of an opaque one to
// lie over it: where a lesion reaches the pleura both are one surface.
const nearMM = 3

func (s *scene) corners(m *mesh.Mesh) []corner {
	toward := [3]float64{
		s.right[1]*s.up[2] - s.right[2]*s.up[1], s.right[2]*s.up[0] - s.right[0]*s.up[2], s.right[0]*s.up[1] - s.right[1]*s.up[0],
	}
	along := func(axis [3]float64, v [3]float32, from [3]float64) float64 {
		return axis[0]*(float64(v[0])-from[0]) + axis[1]*(float64(v[1])-from[1]) + axis[2]*(float64(v[2])-from[2])
	}
	out := make([]corner, len(m.Vertices))
	for i, n := range m.Normals() {
		v := m.Vertices[i]
		x, y, z := along(s.right, n, [3]float64{}), along(s.up, n, [3]float64{}), along(toward, n, [3]float64{})
		out[i] = corner{
			x: float64(s.width)/2 + s.pixelsPerMM*along(s.right, v, s.centre), y: float64(s.height)/2 - s.pixelsPerMM*along(s.up, v, s.centre),
			depth: along(toward, v, s.centre), facing: z, lit: light[0]*x + light[1]*y + light[2]*z,
		}
	}
	return out
}

// opaque draws a surface that hides what is behind it.
func (s *scene) opaque(m *mesh.Mesh, colour [3]float32) {
	at := s.corners(m)
	for _, t := range m.Triangles {
		s.fill(at, t, func(i int, depth, facing, lit float64) {
			if float32(depth) > s.depth[i] {
				s.depth[i], s.colour[i] = float32(depth), shaded(colour, lit)
			}
		})
	}
}

// translucent lays a surface over what is drawn, the farthest part first. It is
// denser where it is seen from the side, as glass is.
func (s *scene) translucent(m *mesh.Mesh, colour [3]float32, opacity float64) {
	at := s.corners(m)
	order := slices.Clone(m.Triangles)
	depth := func(t [3]int32) float64 { return at[t[0]].depth + at[t[1]].depth + at[t[2]].depth }
	slices.SortStableFunc(order, func(a, b [3]int32) int { return cmp.Compare(depth(a), depth(b)) })
	for _, t := range order {
		s.fill(at, t, func(i int, depth, facing, lit float64) {
			if float32(depth) <= s.depth[i]+nearMM {
				return
			}
			a, over := float32(density(opacity, facing)), shaded(colour, math.Abs(lit))
			for c := range over {
				s.colour[i][c] += a * (over[c] - s.colour[i][c])
			}
		})
	}
}

// density is the opacity of a translucent surface by how it faces the camera.
func density(opacity, facing float64) float64 {
	side := 1 - min(1, math.Abs(facing))
	return min(1, opacity*(0.55+2.4*side*side))
}

// shaded is a colour in the light, with a small highlight.
func shaded(colour [3]float32, lit float64) (out [3]float32) {
	lit = max(0, min(1, lit))
	bright, shine := float32(0.22+0.78*lit), float32(0.12*math.Pow(lit, 30))
	for c := range out {
		out[c] = min(1, colour[c]*bright+shine)
	}
	return out
}

// fill visits the pixels whose centre lies in a triangle.
func (s *scene) fill(at []corner, t [3]int32, pixel func(i int, depth, facing, lit float64)) {
	a, b, c := at[t[0]], at[t[1]], at[t[2]]
	area := (b.x-a.x)*(c.y-a.y) - (c.x-a.x)*(b.y-a.y)
	if area == 0 {
		return
	}
	first := func(v float64) int { return max(0, int(math.Ceil(v-0.5))) }
	for y := first(min(a.y, b.y, c.y)); y < s.height && float64(y)+0.5 <= max(a.y, b.y, c.y); y++ {
		for x := first(min(a.x, b.x, c.x)); x < s.width && float64(x)+0.5 <= max(a.x, b.x, c.x); x++ {
			px, py := float64(x)+0.5, float64(y)+0.5
			wa := ((b.x-px)*(c.y-py) - (c.x-px)*(b.y-py)) / area
			wb := ((c.x-px)*(a.y-py) - (a.x-px)*(c.y-py)) / area
			wc := 1 - wa - wb
			if wa < 0 || wb < 0 || wc < 0 {
				continue
			}
			pixel(y*s.width+x, wa*a.depth+wb*b.depth+wc*c.depth, wa*a.facing+wb*b.facing+wc*c.facing, wa*a.lit+wb*b.lit+wc*c.lit)
		}
	}
}

// at returns the mean of a square of pixels, as sRGB.
func (s *scene) at(x, y, side int) color.RGBA {
	var sum [3]float32
	for dy := range side {
		for dx := range side {
			for c, v := range s.colour[(y*side+dy)*s.width+x*side+dx] {
				sum[c] += v
			}
		}
	}
	encode := func(v float32) uint8 { return uint8(math.Round(255 * math.Pow(float64(v)/float64(side*side), 1/2.2))) }
	return color.RGBA{encode(sum[0]), encode(sum[1]), encode(sum[2]), 255}
}
