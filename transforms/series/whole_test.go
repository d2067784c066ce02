package series

import (
	"testing"

	"ctcohort/io/nrrdio"
	"ctcohort/model/volume"
)

// ramp is a volume of HU from low to high.
func ramp(size [3]int, low, high int) *volume.Volume[int16] {
	v := volume.New[int16](volume.Grid{Size: size, SpacingMM: [3]float64{1, 2, 3}, Direction: volume.Identity()})
	for i := range v.Data {
		v.Data[i] = int16(low + i*(high-low)/(len(v.Data)-1))
	}
	return v
}

func TestUnusableVolume(t *testing.T) {
	size := [3]int{4, 4, 4}
	two := ramp(size, -1000, 0)
	for i := range two.Data {
		two.Data[i] = int16(-1000 * (i % 2))
	}
	for _, test := range []struct {
		name, reason string
		v            *volume.Volume[int16]
		want         string
	}{
		{"a CT", "", ramp(size, -1024, 1500), ""},
		{"a CT with padding far below", "Siemens pads with -8192", ramp(size, -8192, 3071), ""},
		{"grey levels", "rendered to 8 bits", ramp(size, 0, 255), NotHU},
		{"shares", "scaled to 0 to 1, and rounded", ramp(size, 0, 1), LabelAsImage},
		{"stored values", "no rescale intercept", ramp(size, 0, 2500), NotHU},
		{"a head", "no lung and no air", ramp(size, -200, 1500), NotHU},
		{"a mask", "", two, LabelAsImage},
		{"a slice", "", ramp([3]int{4, 16, 1}, -1024, 1500), TooFewSlices},
	} {
		code := ""
		if bad := UnusableVolume(test.v); bad != nil {
			code = bad.Code
		}
		if code != test.want {
			t.Errorf("%s (%s): %q, want %q", test.name, test.reason, code, test.want)
		}
	}
}

func TestWholeIsTurnedUpright(t *testing.T) {
	v := ramp([3]int{2, 3, 4}, -1000, 150)
	v.Direction = [9]float64{-1, 0, 0, 0, 0, 1, 0, -1, 0} // to the right, to the feet, to the back
	r := Whole(v)
	if want := [3]int{2, 4, 3}; r.Volume.Size != want || r.Info.Size != want || r.Volume.Direction != volume.Identity() {
		t.Fatalf("the volume is %v along %v, want %v along the patient's axes", r.Volume.Size, r.Volume.Direction, want)
	}
	if got, want := r.Volume.At(0, 3, 0), v.At(1, 2, 3); got != want {
		t.Errorf("the voxel at the right, back and feet is %d, want %d", got, want)
	}
	i := r.Info
	if i.Slices != 3 || i.StepMM != 2 || i.SliceGapMaxMM != 2 || i.ThicknessMM != 0 || i.Orientation != "coronal" || i.HUP01 != -1000 || i.HUP99 != 150 {
		t.Errorf("info %+v", i)
	}
}

func TestSegmentClasses(t *testing.T) {
	g := volume.Grid{Size: [3]int{5, 1, 1}, SpacingMM: [3]float64{1, 1, 1}, Direction: volume.Identity()}
	layer := func(data ...uint8) *volume.Volume[uint8] { return &volume.Volume[uint8]{Grid: g, Data: data} }
	seg := &nrrdio.Segmentation{
		Layers: []*volume.Volume[uint8]{layer(1, 2, 2, 3, 0), layer(0, 0, 1, 1, 1)},
		Segments: []nrrdio.Segment{
			{Name: "left lung", Value: 1}, {Name: "Segment_2", Value: 2, Codes: []nrrdio.Code{{Scheme: "SCT", Value: "39607008", Meaning: "Lung"}}},
			{Name: "pulmonary vessel", Value: 3}, {Name: "GGO", Layer: 1, Value: 1},
		},
	}
	v, classes, err := SegmentClasses(seg, DefaultNames())
	if err != nil || string(v.Data) != "\x01\x01\x02\x02\x02" || classes != "lung infection" {
		t.Errorf("classes %v, %q, %v; want lung, lung, infection thrice", v, classes, err)
	}
	v, classes, err = SegmentClasses(seg, Names{Infection: []string{"SCT:39607008"}})
	if err != nil || string(v.Data) != "\x00\x02\x02\x00\x00" || classes != "infection" {
		t.Errorf("by configuration alone: %v, %q, %v", v, classes, err)
	}
	if _, _, err := SegmentClasses(seg, Names{Lung: []string{"spleen"}}); err == nil || err.(*Reject).Code != LabelNames {
		t.Errorf("no segment of the names gives %v, want label_names", err)
	}
}

// A label that lies turned another way than its volume is taken voxel for voxel.
func TestVolumeLabelsOfAnotherOrientation(t *testing.T) {
	label := volume.New[uint8](volume.Grid{Size: [3]int{4, 3, 5}, SpacingMM: [3]float64{1, 2, 3}, OriginMM: [3]float64{5, 6, 7}, Direction: [9]float64{-1, 0, 0, 0, 0, 1, 0, -1, 0}})
	for i := range label.Data {
		label.Data[i] = uint8(i % 3)
	}
	g := canonical(label).Grid
	got, info, err := VolumeLabels(label, DefaultValues(), g, 1)
	if err != nil || !info.Exact {
		t.Fatalf("%+v, %v; want exact", info, err)
	}
	for z := range 5 {
		for y := range 3 {
			for x := range 4 {
				p := label.Point(float64(x), float64(y), float64(z))
				at := g.Index(p)
				if a, b := label.At(x, y, z), got.At(int(at[0]+0.5), int(at[1]+0.5), int(at[2]+0.5)); a != b {
					t.Fatalf("the voxel at %v is %d, want %d", p, b, a)
				}
			}
		}
	}
}
