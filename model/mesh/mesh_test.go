package mesh

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"ctcohort/model/volume"
)

// labels is a label map with label 2 where the point, in mm, is inside.
func labels(size int, spacingMM [3]float64, inside func(p [3]float64) bool) *volume.Volume[uint8] {
	g := volume.Grid{SpacingMM: spacingMM, OriginMM: [3]float64{-20, 30, -300}, Direction: volume.Identity()}
	for c := range 3 {
		g.Size[c] = int(float64(size) / spacingMM[c])
	}
	v := volume.New[uint8](g)
	i := 0
	for z := range g.Size[2] {
		for y := range g.Size[1] {
			for x := range g.Size[0] {
				if inside(g.Point(float64(x), float64(y), float64(z))) {
					v.Data[i] = 2
				}
				i++
			}
		}
	}
	return v
}

func ball(p, centre [3]float64, radius float64) bool {
	return math.Hypot(math.Hypot(p[0]-centre[0], p[1]-centre[1]), p[2]-centre[2]) < radius
}

// closed checks that each edge has two triangles of opposite directions, and
// that the triangles around each vertex are one fan.
func closed(t *testing.T, m *Mesh) {
	t.Helper()
	edges := map[[2]int32]int{}
	fans := make([]map[int32]int32, len(m.Vertices))
	for _, tri := range m.Triangles {
		for i := range tri {
			a, b, c := tri[i], tri[(i+1)%3], tri[(i+2)%3]
			if a == b {
				t.Fatalf("triangle %v has a corner twice", tri)
			}
			edges[[2]int32{a, b}]++
			if fans[a] == nil {
				fans[a] = map[int32]int32{}
			}
			fans[a][b] = c
		}
	}
	for e, n := range edges {
		if n != 1 || edges[[2]int32{e[1], e[0]}] != 1 {
			t.Fatalf("edge %v occurs %d times, and %d times the other way; want once each", e, n, edges[[2]int32{e[1], e[0]}])
		}
	}
	for v, fan := range fans {
		var first int32
		for first = range fan {
			break
		}
		n := 1
		for w := fan[first]; w != first; w = fan[w] {
			n++
		}
		if len(fan) == 0 || n != len(fan) {
			t.Fatalf("vertex %d: %d of %d triangles in one fan", v, n, len(fan))
		}
	}
}

func TestSurfaceOfABall(t *testing.T) {
	centre := [3]float64{30, 80, -250}
	const radius = 30.0
	want := 4.0 / 3 * math.Pi * radius * radius * radius / 1000
	for _, test := range []struct {
		name    string
		spacing [3]float64
		o       Options
	}{
		{"as it is", [3]float64{1, 1, 1}, Options{SpacingMM: 1}},
		{"coarser", [3]float64{1, 1, 1}, Options{SpacingMM: 3}},
		{"thick slices, smoothed", [3]float64{1, 1, 3}, Options{SpacingMM: 2, Smoothing: 10}},
		{"few triangles", [3]float64{1, 1, 1}, Options{SpacingMM: 2, Smoothing: 10, Triangles: 600}},
		{"lung", [3]float64{1.3, 1.3, 1.3}, Lung},
	} {
		m := Surface(labels(100, test.spacing, func(p [3]float64) bool { return ball(p, centre, radius) }), 1, test.o)
		closed(t, m)
		if got := m.VolumeML(); math.Abs(got-want) > 0.02*want {
			t.Errorf("%s: %.1f ml; want %.1f ± 2 %%", test.name, got, want)
		}
		farthest, normals := 0.0, m.Normals()
		for i, v := range m.Vertices {
			out := double(v).minus(vector(centre))
			farthest = max(farthest, math.Abs(out.length()-radius))
			if test.o.Smoothing > 0 && dot(double(normals[i]), out) < 0.7*out.length() {
				t.Fatalf("%s: the normal at %v does not point outwards", test.name, v)
			}
		}
		if limit := max(test.o.SpacingMM, test.spacing[2]) * 0.9; farthest > limit {
			t.Errorf("%s: a vertex is %.2f mm off; want at most %.2f", test.name, farthest, limit)
		}
		if n := len(m.Triangles); test.o.Triangles > 0 && n > test.o.Triangles {
			t.Errorf("%s: %d triangles; want at most %d", test.name, n, test.o.Triangles)
		}
	}
}

func TestSurfaceIsClosedWhateverTheLabels(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		share := random.Float64()
		v := labels(14, [3]float64{1, 1, 1}, func([3]float64) bool { return random.Float64() < share })
		for _, o := range []Options{{SpacingMM: 1}, {SpacingMM: 2, Smoothing: 3}, {SpacingMM: 1, Smoothing: 2, Triangles: 300}} {
			closed(t, Surface(v, 2, o))
		}
	}
}

func TestSmallPiecesStay(t *testing.T) {
	v := labels(60, [3]float64{2, 2, 2}, func(p [3]float64) bool {
		return ball(p, [3]float64{0, 50, -280}, 8) || ball(p, [3]float64{20, 70, -260}, 1.1)
	})
	m := Surface(v, 2, Infection)
	closed(t, m)
	found := false
	for _, p := range m.Vertices {
		found = found || ball([3]float64{float64(p[0]), float64(p[1]), float64(p[2])}, [3]float64{20, 70, -260}, 2)
	}
	if !found {
		t.Error("a lesion of one voxel has no surface")
	}
}

func TestSurfaceOfNothing(t *testing.T) {
	v := labels(20, [3]float64{2, 2, 2}, func([3]float64) bool { return false })
	if m := Surface(v, 1, Lung); len(m.Vertices) != 0 || len(m.Triangles) != 0 || m.VolumeML() != 0 {
		t.Errorf("Surface of an empty mask has %d vertices", len(m.Vertices))
	}
}

func TestSurfaceOfTurnedAxes(t *testing.T) {
	inside := func(p [3]float64) bool {
		return ball(p, [3]float64{10, 60, -270}, 20) || ball(p, [3]float64{25, 60, -270}, 12)
	}
	v := labels(80, [3]float64{2, 2, 2}, inside)
	mirrored := volume.New[uint8](v.Grid) // the same, stored from left to right
	mirrored.Direction[0] = -1
	mirrored.OriginMM[0] = v.Point(float64(v.Size[0]-1), 0, 0)[0]
	for i := range v.Data {
		x := i % v.Size[0]
		mirrored.Data[i] = v.Data[i-x+v.Size[0]-1-x]
	}
	for _, o := range []Options{{SpacingMM: 2}, Lung} {
		a, b := Surface(v, 1, o), Surface(mirrored, 1, o)
		closed(t, b)
		if math.Abs(a.VolumeML()-b.VolumeML()) > 0.002*a.VolumeML() || b.VolumeML() < 0 {
			t.Errorf("%+v: %.3f ml, stored the other way %.3f", o, a.VolumeML(), b.VolumeML())
		}
	}
}

func TestSurfaceIsDeterministic(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	v := labels(40, [3]float64{1, 1, 1}, func(p [3]float64) bool { return ball(p, [3]float64{0, 50, -280}, 16+2*random.Float64()) })
	if !reflect.DeepEqual(Surface(v, 1, Lung), Surface(v, 1, Lung)) {
		t.Error("the same labels give another surface")
	}
}

func BenchmarkLung(b *testing.B) {
	v := labels(300, [3]float64{1, 1, 1}, func(p [3]float64) bool {
		return ball(p, [3]float64{60, 180, -150}, 70) || ball(p, [3]float64{210, 180, -150}, 70)
	})
	for b.Loop() {
		b.ReportMetric(float64(len(Surface(v, 1, Lung).Triangles)), "triangles")
	}
}
