package volume

import (
	"slices"
	"testing"
)

func TestCrop(t *testing.T) {
	g := Grid{Size: [3]int{3, 2, 2}, SpacingMM: [3]float64{1, 2, 3}, OriginMM: [3]float64{10, 20, 30}, Direction: [9]float64{-1, 0, 0, 0, 1, 0, 0, 0, 1}}
	v := &Volume[int16]{g, []int16{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}
	tests := []struct {
		name       string
		from, size [3]int
		origin     [3]float64
		want       []int16
	}{
		{"all of it", [3]int{}, g.Size, g.OriginMM, v.Data},
		{"a corner", [3]int{1, 1, 1}, [3]int{2, 1, 1}, [3]float64{9, 22, 33}, []int16{11, 12}},
		{"beyond the first corner", [3]int{-1, -1, 0}, [3]int{2, 2, 1}, [3]float64{11, 18, 30}, []int16{-9, -9, -9, 1}},
		{"beyond the last corner", [3]int{2, 1, 1}, [3]int{2, 1, 2}, [3]float64{8, 22, 33}, []int16{12, -9, -9, -9}},
		{"wider than v", [3]int{-1, 0, 0}, [3]int{5, 1, 1}, [3]float64{11, 20, 30}, []int16{-9, 1, 2, 3, -9}},
		{"elsewhere", [3]int{5, -7, 0}, [3]int{1, 1, 2}, [3]float64{5, 6, 30}, []int16{-9, -9}},
		{"nothing", [3]int{1, 1, 1}, [3]int{0, 1, 1}, [3]float64{9, 22, 33}, nil},
	}
	for _, test := range tests {
		got := Crop(v, test.from, test.size, -9)
		if !slices.Equal(got.Data, test.want) || got.OriginMM != test.origin || got.Size != test.size || got.SpacingMM != g.SpacingMM {
			t.Errorf("%s: Crop(%v, %v) = %v at %v, want %v at %v", test.name, test.from, test.size, got.Data, got.OriginMM, test.want, test.origin)
		}
	}
}

func TestWindowScale(t *testing.T) {
	lung := Window{LowHU: -1250, HighHU: 250}
	for hu, want := range map[float64]float64{-2000: 0, -1250: 0, -500: 0.5, 250: 1, 3000: 1} {
		if got := lung.Scale(hu); got != want {
			t.Errorf("Scale(%v) = %v, want %v", hu, got, want)
		}
	}
	step := Window{LowHU: 100, HighHU: 100}
	if below, at := step.Scale(99), step.Scale(100); below != 0 || at != 1 {
		t.Errorf("a window without width scales 99 and 100 HU to %v and %v, want 0 and 1", below, at)
	}
}
