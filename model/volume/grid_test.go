package volume

import (
	"math"
	"testing"
)

func near(a, b [3]float64, tolerance float64) bool {
	for c := range 3 {
		if !(math.Abs(a[c]-b[c]) <= tolerance) {
			return false
		}
	}
	return true
}

func TestPointAndIndexAreInverse(t *testing.T) {
	for _, d := range directions {
		g := Grid{Size: [3]int{512, 512, 300}, SpacingMM: [3]float64{0.7, 0.8, 2.5}, OriginMM: [3]float64{-180, -150.5, 1200}, Direction: d.matrix}
		at := [3]float64{500.25, -3, 299}
		if got := g.Index(g.Point(at[0], at[1], at[2])); !near(got, at, 1e-9) {
			t.Errorf("%s: Index(Point(%v)) = %v", d.name, at, got)
		}
	}
}

func TestPoint(t *testing.T) {
	g := Grid{SpacingMM: [3]float64{2, 3, 5}, OriginMM: [3]float64{10, 20, 30}, Direction: [9]float64{1, 0, 0, 0, 0, 1, 0, -1, 0}}
	// Coronal: the second axis runs to the feet, the third to the back.
	if got, want := g.Point(1, 2, 3), [3]float64{12, 35, 24}; got != want {
		t.Errorf("Point(1, 2, 3) = %v, want %v", got, want)
	}
	if got, want := g.VoxelML(), 0.03; math.Abs(got-want) > 1e-15 {
		t.Errorf("VoxelML() = %v, want %v", got, want)
	}
}

func TestRespaced(t *testing.T) {
	tests := []struct {
		name   string
		g      Grid
		to     [3]float64
		size   [3]int
		origin [3]float64
	}{
		{
			"thorax", Grid{Size: [3]int{512, 512, 133}, SpacingMM: [3]float64{0.703125, 0.703125, 2.5}, OriginMM: [3]float64{-180, -170, -300}, Direction: Identity()},
			[3]float64{1, 1, 1}, [3]int{360, 360, 333}, [3]float64{-179.8515625, -169.8515625, -300.75},
		},
		{
			"feet first", Grid{Size: [3]int{10, 10, 10}, SpacingMM: [3]float64{1, 1, 1}, Direction: [9]float64{-1, 0, 0, 0, 1, 0, 0, 0, -1}},
			[3]float64{2, 2, 2}, [3]int{5, 5, 5}, [3]float64{-0.5, 0.5, -0.5},
		},
		{
			"never empty", Grid{Size: [3]int{1, 1, 1}, SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()},
			[3]float64{5, 5, 5}, [3]int{1, 1, 1}, [3]float64{2, 2, 2},
		},
	}
	for _, test := range tests {
		got := test.g.Respaced(test.to)
		if got.Size != test.size || !near(got.OriginMM, test.origin, 1e-12) || got.SpacingMM != test.to || got.Direction != test.g.Direction {
			t.Errorf("%s: Respaced(%v) = %+v, want size %v and origin %v", test.name, test.to, got, test.size, test.origin)
		}
	}
}

func TestRespacedKeepsTheExtent(t *testing.T) {
	for _, d := range directions {
		for _, s := range spacings {
			g := Grid{Size: s.size, SpacingMM: s.in, OriginMM: [3]float64{-1, 2, 3}, Direction: d.matrix}
			out := g.Respaced(s.out)
			if a, b := g.Point(-0.5, -0.5, -0.5), out.Point(-0.5, -0.5, -0.5); !near(a, b, 1e-9) {
				t.Errorf("%s, %v to %v mm: the first corner moves from %v to %v", d.name, s.in, s.out, a, b)
			}
			for c := range 3 {
				was, is := float64(g.Size[c])*g.SpacingMM[c], float64(out.Size[c])*out.SpacingMM[c]
				if math.Abs(was-is) > s.out[c]/2+1e-9 {
					t.Errorf("%s, %v to %v mm: axis %d covered %v mm and now covers %v", d.name, s.in, s.out, c, was, is)
				}
			}
		}
	}
}

func TestNear(t *testing.T) {
	g := Grid{Size: [3]int{512, 512, 300}, SpacingMM: [3]float64{0.7, 0.7, 1}, Direction: Identity()}
	moved, bigger, stretched, nowhere := g, g, g, g
	moved.OriginMM[1] = 0.01
	bigger.Size[2]++
	stretched.SpacingMM[0] = 0.7005 // 0.26 mm at the far end
	nowhere.OriginMM[0] = math.NaN()
	tests := []struct {
		name string
		o    Grid
		tol  float64
		want bool
	}{
		{"itself", g, 0, true}, {"moved within", moved, 0.1, true}, {"moved beyond", moved, 0.001, false},
		{"another size", bigger, 100, false}, {"stretched", stretched, 0.1, false}, {"not a number", nowhere, 1, false},
	}
	for _, test := range tests {
		if got := g.Near(test.o, test.tol); got != test.want {
			t.Errorf("%s: Near(…, %v) = %v, want %v", test.name, test.tol, got, test.want)
		}
	}
}

func TestInvert(t *testing.T) {
	for _, d := range directions {
		m := Grid{SpacingMM: [3]float64{0.7, 3, 0.01}, Direction: d.matrix}.toPoint()
		inverse := invert(m)
		for i := range 9 {
			var got, want float64
			for k := range 3 {
				got += m[i/3*3+k] * inverse[3*k+i%3]
			}
			if i%4 == 0 {
				want = 1
			}
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: element %d of m·m⁻¹ is %v, want %v", d.name, i, got, want)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("invert of a matrix without inverse did not panic")
		}
	}()
	invert([9]float64{1, 2, 3, 2, 4, 6, 0, 0, 1})
}
