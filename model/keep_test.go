package model

import (
	"slices"
	"testing"

	"ctcohort/model/volume"
)

func TestBody(t *testing.T) {
	body := Body(patient())
	inside := 0
	for _, b := range body {
		if b {
			inside++
		}
	}
	if want := 48 * 36 * 40; inside != want {
		t.Errorf("Body has %d voxels, want the whole box with its lungs and without the table, %d", inside, want)
	}
}

func TestBodyFills(t *testing.T) {
	tests := []struct {
		name   string
		change func(v *volume.Volume[int16])
		point  [3]int
		want   bool
		reason string
	}{
		{"lung", func(*volume.Volume[int16]) {}, [3]int{28, 38, 20}, true, ""},
		{"air around", func(*volume.Volume[int16]) {}, [3]int{2, 2, 20}, false, ""},
		{"a lung that ends with the volume", func(v *volume.Volume[int16]) { box(v, [3]int{20, 26, 0}, [3]int{36, 50, 40}, -850) }, [3]int{28, 38, 0}, true,
			"the edge of the volume opens no slice"},
		{"a lung opened to the outside", func(v *volume.Volume[int16]) { box(v, [3]int{0, 30, 18}, [3]int{24, 34, 22}, -1000) }, [3]int{28, 38, 20}, true,
			"the sagittal slices beside the opening are whole"},
		{"the opening itself", func(v *volume.Volume[int16]) { box(v, [3]int{0, 30, 18}, [3]int{24, 34, 22}, -1000) }, [3]int{4, 32, 20}, false,
			"air outside the chest wall"},
		{"the slice beside the opening", func(v *volume.Volume[int16]) { box(v, [3]int{0, 30, 18}, [3]int{24, 34, 22}, -1000) }, [3]int{28, 38, 24}, true, ""},
		{"a field of view that ends in the lung", func(v *volume.Volume[int16]) {
			box(v, [3]int{0, 20, 0}, [3]int{16, 56, 40}, 40)
			box(v, [3]int{0, 26, 4}, [3]int{36, 50, 36}, -850)
		}, [3]int{0, 38, 20}, true, "body stands on the edge on both sides of the opening"},
		{"a smaller body", func(v *volume.Volume[int16]) { box(v, [3]int{70, 2, 2}, [3]int{78, 10, 20}, 40) }, [3]int{74, 6, 10}, false,
			"the largest component is the patient"},
	}
	for _, tt := range tests {
		v := patient()
		tt.change(v)
		at := (tt.point[2]*v.Size[1]+tt.point[1])*v.Size[0] + tt.point[0]
		if got := Body(v)[at]; got != tt.want {
			t.Errorf("%s: Body at %v = %v, want %v. %s", tt.name, tt.point, got, tt.want, tt.reason)
		}
	}
}

func TestBodyOfAir(t *testing.T) {
	v := volume.New[int16](gridOf([3]int{9, 8, 7}))
	for i := range v.Data {
		v.Data[i] = -1024
	}
	if slices.Contains(Body(v), true) {
		t.Error("air has a body")
	}
}

func TestKeepBody(t *testing.T) {
	v := patient()
	labels := volume.New[uint8](v.Grid)
	lung := func(to *volume.Volume[uint8]) {
		box(to, [3]int{20, 26, 4}, [3]int{36, 50, 36}, 1)
		box(to, [3]int{20, 40, 4}, [3]int{26, 50, 12}, 2)
	}
	lung(labels)
	want := volume.New[uint8](v.Grid)
	lung(want)

	box(labels, [3]int{10, 60, 0}, [3]int{70, 66, 40}, 1) // the table's foam
	box(labels, [3]int{0, 0, 0}, [3]int{80, 10, 40}, 2)   // air above
	box(labels, [3]int{50, 30, 10}, [3]int{57, 37, 17}, 1)
	box(labels, [3]int{40, 22, 30}, [3]int{42, 24, 32}, 2)

	const crumbML = 7 * 7 * 7 * 0.027
	before := slices.Clone(labels.Data)
	got := KeepBody(labels, v, crumbML+0.001)
	if !slices.Equal(got.Data, want.Data) {
		t.Error("KeepBody keeps more or less than the lung with its infection")
	}
	if !slices.Equal(labels.Data, before) {
		t.Error("KeepBody changed its argument")
	}
	box(want, [3]int{50, 30, 10}, [3]int{57, 37, 17}, 1)
	if got := KeepBody(labels, v, crumbML-0.001); !slices.Equal(got.Data, want.Data) {
		t.Error("KeepBody drops a component above the least volume, or keeps one below")
	}
	again := KeepBody(got, v, crumbML+0.001)
	if !slices.Equal(again.Data, got.Data) {
		t.Error("KeepBody of its own answer changes it")
	}
}

func TestKeepBodyWhereTheFieldOfViewEndsInALung(t *testing.T) {
	v := patient()
	labels := volume.New[uint8](v.Grid)
	cut := func(lo, hi [3]int) { // nothing was scanned there, as outside a circular field of view
		box(v, lo, hi, -1024)
	}
	cut([3]int{0, 0, 0}, [3]int{22, v.Size[1], v.Size[2]})
	cut([3]int{22, 40, 0}, [3]int{27, v.Size[1], v.Size[2]})
	lung := func(to *volume.Volume[uint8]) {
		box(to, [3]int{22, 26, 4}, [3]int{36, 50, 36}, 1)
		box(to, [3]int{22, 40, 4}, [3]int{27, 50, 36}, 0)
	}
	lung(labels)
	body := Body(v)
	at := func(x, y, z int) int { return (z*v.Size[1]+y)*v.Size[0] + x }
	if body[at(23, 32, 20)] || !body[at(30, 32, 20)] {
		t.Fatal("the body holds all of the lung, or none; the case is none")
	}
	box(labels, [3]int{0, 2, 4}, [3]int{20, 22, 36}, 1) // false lung in what was not scanned
	want := volume.New[uint8](v.Grid)
	lung(want)
	if got := KeepBody(labels, v, 1); !slices.Equal(got.Data, want.Data) {
		t.Error("KeepBody cuts a lung that the field of view cuts, or keeps what lies outside")
	}
}

func TestKeepBodyJoinsCorners(t *testing.T) {
	v := patient()
	labels := volume.New[uint8](v.Grid)
	box(labels, [3]int{20, 30, 10}, [3]int{28, 38, 18}, 1)
	box(labels, [3]int{28, 38, 18}, [3]int{29, 39, 19}, 2)
	const boxML = 8 * 8 * 8 * 0.027
	if got := KeepBody(labels, v, boxML); !slices.Equal(got.Data, labels.Data) {
		t.Error("KeepBody drops a voxel of infection that touches the lung by its corner")
	}
}

func TestKeepBodyRefusesTwoGrids(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("KeepBody of two sizes does not panic")
		}
	}()
	KeepBody(volume.New[uint8](gridOf([3]int{2, 2, 2})), volume.New[int16](gridOf([3]int{2, 2, 3})), 0)
}
