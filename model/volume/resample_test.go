package volume

import (
	"math"
	"slices"
	"strings"
	"testing"
)

var interpolations = []Interpolation{Linear, Nearest, BSpline}

func resampleOrFail(t *testing.T, v *Volume[int16], spacing [3]float64, how Interpolation) *Volume[int16] {
	t.Helper()
	out, err := Resample(v, spacing, how, 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := v.Respaced(spacing); out.Grid != want {
		t.Fatalf("Resample(%v, %s) has the grid %+v, want %+v", spacing, how, out.Grid, want)
	}
	return out
}

func TestResampleKeepsAConstant(t *testing.T) {
	for _, d := range directions {
		for _, how := range interpolations {
			v := New[int16](Grid{Size: [3]int{19, 18, 17}, SpacingMM: [3]float64{0.7, 0.8, 2.6}, OriginMM: [3]float64{3, 4, 5}, Direction: d.matrix})
			fillRow(v.Data, -871)
			for _, spacing := range [][3]float64{{1, 1, 1}, {0.3, 0.9, 7}} {
				for i, hu := range resampleOrFail(t, v, spacing, how).Data {
					if hu != -871 {
						t.Fatalf("%s, %s, %v mm: voxel %d of a constant −871 HU is %d", d.name, how, spacing, i, hu)
					}
				}
			}
		}
	}
}

// A ramp of whole HU a millimetre has a known value everywhere between the
// outermost voxel centres.
func TestResampleKeepsARamp(t *testing.T) {
	v := New[int16](Grid{Size: [3]int{41, 40, 39}, SpacingMM: [3]float64{0.5, 1, 2}, Direction: Identity()})
	value := func(p [3]float64) float64 { return 10*p[0] - 6*p[1] + 3*p[2] - 200 }
	i := 0
	for z := range v.Size[2] {
		for y := range v.Size[1] {
			for x := range v.Size[0] {
				v.Data[i] = int16(value(v.Point(float64(x), float64(y), float64(z))))
				i++
			}
		}
	}
	out := resampleOrFail(t, v, [3]float64{1.25, 0.75, 0.8}, Linear)
	last := v.Point(40, 39, 38)
	for z := range out.Size[2] {
		for y := range out.Size[1] {
			for x := range out.Size[0] {
				p := out.Point(float64(x), float64(y), float64(z))
				if p[0] < 0 || p[1] < 0 || p[2] < 0 || p[0] > last[0] || p[1] > last[1] || p[2] > last[2] {
					continue
				}
				if got, want := float64(out.At(x, y, z)), value(p); math.Abs(got-want) > 0.5+1e-9 {
					t.Fatalf("at %v mm the ramp is %v HU, want %v", p, got, want)
				}
			}
		}
	}
}

func TestResampleToItsOwnSpacingChangesNothing(t *testing.T) {
	for _, d := range directions {
		g := Grid{Size: [3]int{23, 17, 29}, SpacingMM: [3]float64{0.68, 0.71, 1.25}, OriginMM: [3]float64{-174.3, -12.7, 33.3}, Direction: d.matrix}
		v := noise(g, 1)
		for _, how := range interpolations {
			if got := resampleOrFail(t, v, g.SpacingMM, how); got != v {
				t.Errorf("%s: Resample to the same spacing, %s, makes another volume", d.name, how)
			}
		}
		for how, got := range map[Interpolation]*Volume[int16]{
			Linear: LinearOnto(v, g, AirHU, 2), Nearest: nearestOnto(v, g, AirHU, 2), BSpline: bsplineOnto(v, g, AirHU, 2),
		} {
			if !slices.Equal(got.Data, v.Data) {
				t.Errorf("%s: resampling onto the same grid, %s, changes voxels", d.name, how)
			}
		}
	}
}

// Known answers: 0 and 10 HU of 1 mm, resampled along x to halves and doubles.
func TestResampleKnownAnswers(t *testing.T) {
	tests := []struct {
		name    string
		in      []int16
		spacing float64
		how     Interpolation
		want    []int16
	}{
		{"linear, edges hold for half a voxel", []int16{0, 10}, 0.5, Linear, []int16{0, 3, 8, 10}}, // 2.5 and 7.5 round away from zero
		{"linear, negative halves round down", []int16{0, -10}, 0.5, Linear, []int16{0, -3, -8, -10}},
		{"nearest", []int16{0, 10}, 0.5, Nearest, []int16{0, 0, 10, 10}},
		{"nearest, the higher voxel in the middle", []int16{1, 2, 3, 4}, 2, Nearest, []int16{2, 4}},
		{"linear to half the voxels", []int16{1, 2, 3, 5}, 2, Linear, []int16{2, 4}},
		{"a centre on the outer face is outside", []int16{7, 7, 7}, 2, Linear, []int16{7, AirHU}},
		{"one voxel", []int16{5}, 0.5, Linear, []int16{5, 5}},
	}
	for _, test := range tests {
		for axis := range 3 {
			g := Grid{Size: [3]int{1, 1, 1}, SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()}
			g.Size[axis] = len(test.in)
			spacing := g.SpacingMM
			spacing[axis] = test.spacing
			got := resampleOrFail(t, &Volume[int16]{g, test.in}, spacing, test.how)
			if !slices.Equal(got.Data, test.want) {
				t.Errorf("%s, along axis %d: %v becomes %v, want %v", test.name, axis, test.in, got.Data, test.want)
			}
		}
	}
}

// mirror turns the voxels round along one axis and leaves the grid.
func mirror(v *Volume[int16], axis int) *Volume[int16] {
	out := New[int16](v.Grid)
	for i := range out.Data {
		at := [3]int{i % v.Size[0], i / v.Size[0] % v.Size[1], i / v.Size[0] / v.Size[1]}
		at[axis] = v.Size[axis] - 1 - at[axis]
		out.Data[i] = v.At(at[0], at[1], at[2])
	}
	return out
}

// Mirroring before or after makes no difference where the extent is a whole
// number of new voxels; half an HU may round either way there.
func TestResampleCommutesWithMirroring(t *testing.T) {
	v := noise(Grid{Size: [3]int{20, 30, 40}, SpacingMM: [3]float64{0.7, 0.7, 0.7}, Direction: Identity()}, 2)
	for _, how := range []Interpolation{Linear, BSpline} {
		for axis := range 3 {
			spacing := [3]float64{1, 1.4, 0.35}
			a := mirror(resampleOrFail(t, v, spacing, how), axis)
			b := resampleOrFail(t, mirror(v, axis), spacing, how)
			for i := range a.Data {
				if d := a.Data[i] - b.Data[i]; d < -1 || d > 1 {
					t.Fatalf("%s, axis %d: voxel %d is %d or %d", how, axis, i, a.Data[i], b.Data[i])
				}
			}
		}
	}
}

func TestResampleDoesNotDependOnWorkers(t *testing.T) {
	v := noise(Grid{Size: [3]int{90, 80, 170}, SpacingMM: [3]float64{0.7, 0.8, 0.9}, Direction: Identity()}, 4)
	for _, how := range interpolations {
		want, _ := Resample(v, [3]float64{1, 1, 1}, how, 1)
		for _, workers := range []int{0, 2, 7, 1000} {
			if got, _ := Resample(v, [3]float64{1, 1, 1}, how, workers); !slices.Equal(got.Data, want.Data) {
				t.Errorf("%s: %d workers give another volume than one", how, workers)
			}
		}
	}
}

// The B-spline works in windows of slices; a slice apart from the first window
// must be what a shorter volume around it gives.
func TestBSplineWindowsDoNotShow(t *testing.T) {
	v := noise(Grid{Size: [3]int{9, 8, 400}, SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()}, 6)
	whole := resampleOrFail(t, v, [3]float64{1, 1, 0.5}, BSpline)
	for _, middle := range []int{64, 100, 128, 200, 333} {
		part := resampleOrFail(t, Crop(v, [3]int{0, 0, middle - 30}, [3]int{9, 8, 60}, 0), [3]float64{1, 1, 0.5}, BSpline)
		for i := range 72 {
			if d := whole.Data[2*middle*72+i] - part.Data[60*72+i]; d < -1 || d > 1 {
				t.Errorf("slice %d: a voxel differs by %d HU", middle, d)
			}
		}
	}
}

func TestResampleRefuses(t *testing.T) {
	v := New[int16](Grid{Size: [3]int{4, 4, 4}, SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()})
	empty := New[int16](Grid{SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()})
	tests := []struct {
		v       *Volume[int16]
		spacing [3]float64
		how     Interpolation
		want    string
	}{
		{v, [3]float64{1, 0, 1}, Linear, "not positive"},
		{v, [3]float64{1, -1, 1}, Linear, "not positive"},
		{v, [3]float64{1, math.NaN(), 1}, Linear, "not positive"},
		{v, [3]float64{math.Inf(1), 1, 1}, Linear, "not positive"},
		{v, [3]float64{1e-6, 1e-6, 1}, Linear, "more than"},
		{v, [3]float64{1e-300, 1e-300, 1}, Linear, "more than"},
		{v, [3]float64{1, 1, 1}, "cubic", `"cubic" is not linear, nearest or bspline`},
		{empty, [3]float64{1, 1, 1}, Linear, "empty"},
	}
	for _, test := range tests {
		if _, err := Resample(test.v, test.spacing, test.how, 1); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Resample(%v, %q) = %v, want an error with %q", test.spacing, test.how, err, test.want)
		}
	}
}

func TestResampleLabelsFillTheGridOfTheVolume(t *testing.T) {
	for _, d := range directions {
		g := Grid{Size: [3]int{21, 22, 13}, SpacingMM: [3]float64{0.7, 0.7, 2.5}, OriginMM: [3]float64{1, 2, 3}, Direction: d.matrix}
		labels := New[uint8](g)
		hu := New[int16](g)
		for i := range labels.Data {
			labels.Data[i] = uint8(i * i % 3)
			hu.Data[i] = int16(labels.Data[i])
		}
		spacing := [3]float64{1, 1, 1}
		got, want := ResampleLabels(labels, spacing, 2), nearestOnto(hu, g.Respaced(spacing), 0, 2)
		if got.Grid != want.Grid {
			t.Errorf("%s: labels have the grid %+v, the volume %+v", d.name, got.Grid, want.Grid)
		}
		for i, label := range got.Data {
			if int16(label) != want.Data[i] {
				t.Fatalf("%s: voxel %d has label %d, want %d", d.name, i, label, want.Data[i])
			}
		}
	}
}

func TestResampleLabelsLinear(t *testing.T) {
	g := Grid{Size: [3]int{3, 2, 1}, SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()}
	got := ResampleLabelsLinear(&Volume[uint8]{g, []uint8{
		1, 1, 2,
		1, 2, 2,
	}}, [3]float64{0.5, 0.5, 1}, 1)
	want := []uint8{
		1, 1, 1, 1, 2, 2,
		1, 1, 1, 1, 2, 2, // the 1 at (1, 0) weighs 9/16 at (1.25, 0.25)
		1, 1, 2, 2, 2, 2, // and the 2 at (1, 1) 9/16 at (0.75, 0.75)
		1, 1, 2, 2, 2, 2,
	}
	if !slices.Equal(got.Data, want) {
		t.Errorf("ResampleLabelsLinear = %v, want %v", got.Data, want)
	}
	// Along one axis a surface midway goes to neither side but to the lower label.
	row := &Volume[uint8]{Grid{Size: [3]int{4, 1, 1}, SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()}, []uint8{2, 1, 0, 2}}
	if got := ResampleLabelsLinear(row, [3]float64{2, 1, 1}, 1); !slices.Equal(got.Data, []uint8{1, 0}) {
		t.Errorf("ResampleLabelsLinear of 2, 1, 0, 2 to pairs = %v, want [1 0]", got.Data)
	}
}

func TestOntoOtherDirections(t *testing.T) {
	v := noise(Grid{Size: [3]int{5, 6, 7}, SpacingMM: [3]float64{1, 2, 3}, OriginMM: [3]float64{10, 20, 30}, Direction: Identity()}, 8)
	// The same voxels, seen from the opposite corner, with the axes in reverse order.
	g := Grid{Size: [3]int{7, 6, 5}, SpacingMM: [3]float64{3, 2, 1}, OriginMM: v.Point(4, 5, 6), Direction: [9]float64{0, 0, -1, 0, -1, 0, -1, 0, 0}}
	got := LinearOnto(v, g, 0, 2)
	for i, hu := range got.Data {
		x, y, z := i%7, i/7%6, i/42
		if want := v.At(4-z, 5-y, 6-x); hu != want {
			t.Fatalf("voxel (%d, %d, %d) is %d HU, want %d", x, y, z, hu, want)
		}
	}
	// Nothing of v lies there.
	g.OriginMM[0] += 100
	for _, hu := range LinearOnto(v, g, -1000, 1).Data {
		if hu != -1000 {
			t.Fatalf("outside is %d HU, want −1000", hu)
		}
	}
}
