package series

import (
	"math"
	"testing"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

func TestBest(t *testing.T) {
	info := func(length, thickness float64, kernel string) Info {
		return Info{Size: [3]int{512, 512, 100}, SpacingMM: [3]float64{1, 1, length / 100}, ThicknessMM: thickness, Kernel: kernel, Slices: 100, Orientation: "axial"}
	}
	coronal := info(300, 1, "B30f")
	coronal.Orientation = "coronal"
	cases := []struct {
		reason     string
		volumes    []Info
		want       int
		referenced []bool
	}{
		{"the thinner slices", []Info{info(300, 5, "B30f"), info(300, 1, "B70f")}, 1, []bool{false, false}},
		{"of equal slices, the smoother kernel", []Info{info(300, 1, "LUNG"), info(300, 1, "STANDARD")}, 1, []bool{false, false}},
		{"a short, thin scan does not stand for the chest", []Info{info(300, 5, "B30f"), info(80, 1, "B30f")}, 0, []bool{false, false}},
		{"nearly as long will do", []Info{info(300, 5, "B30f"), info(260, 1, "B30f")}, 1, []bool{false, false}},
		{"the one with a reference, thick as it is", []Info{info(300, 5, "B30f"), info(300, 1, "B30f")}, 0, []bool{true, false}},
		{"the best of those with a reference", []Info{info(300, 1, "B30f"), info(300, 5, "B30f"), info(300, 3, "B30f")}, 2, []bool{false, true, true}},
		{"axial before thinner, coronal slices", []Info{info(300, 5, "B30f"), coronal}, 0, []bool{false, false}},
		{"a coronal one where there is no other", []Info{coronal}, 0, []bool{false}},
		{"of equals, the first UID, whatever the order", []Info{{SeriesUID: "2"}, {SeriesUID: "1"}}, 1, []bool{false, false}},
	}
	for _, c := range cases {
		if got, reason := Best(c.volumes, c.referenced); got != c.want || reason == "" {
			t.Errorf("%s: Best = %d, %q; want %d and a reason", c.reason, got, reason, c.want)
		}
	}
}

func TestSharp(t *testing.T) {
	for kernel, want := range map[string]bool{
		"B31f": false, "B70f": true, "Br40d": false, "Bl57": true, "I50f": true, "STANDARD": false, "SOFT": false, "LUNG": true,
		"BONEPLUS": true, "FC13": false, "FC51": true, "FC08": false, "B": false, "L": true, "YB": true, "": false,
	} {
		if got := sharp(kernel); got != want {
			t.Errorf("sharp(%q) = %v, want %v", kernel, got, want)
		}
	}
}

func TestAxialGrid(t *testing.T) {
	upright := volume.Grid{Size: [3]int{4, 5, 6}, SpacingMM: [3]float64{1, 1, 2}, Direction: volume.Identity()}
	if got := AxialGrid(upright, upright.SpacingMM); got != upright {
		t.Errorf("AxialGrid of an axial grid = %+v, want the same", got)
	}
	c, s := math.Cos(0.3), math.Sin(0.3)
	tilted := upright
	tilted.Direction = [9]float64{1, 0, 0, 0, c, -s, 0, s, c}
	got := AxialGrid(tilted, tilted.SpacingMM)
	for corner := range 8 {
		p := tilted.Point(3*float64(corner&1), 4*float64(corner>>1&1), 5*float64(corner>>2))
		for r, i := range got.Index(p) {
			if i < -1e-6 || i > float64(got.Size[r]-1)+1e-6 {
				t.Errorf("corner %d lies at index %v of axis %d, outside %d voxels", corner, i, r, got.Size[r])
			}
		}
	}
	if got.Direction != volume.Identity() || got.SpacingMM != tilted.SpacingMM {
		t.Errorf("AxialGrid = %+v, want the patient's axes and the same spacing", got)
	}
	v := volume.New[int16](tilted)
	for i := range v.Data {
		v.Data[i] = 40
	}
	centre := tilted.Point(1.5, 2, 2.5)
	on := volume.LinearOnto(v, got, dicomio.AirHU, 1)
	at := got.Index(centre)
	if hu := on.At(int(at[0]), int(at[1]), int(at[2])); hu != 40 {
		t.Errorf("the centre of a volume of 40 HU has %d HU once axial", hu)
	}
}
