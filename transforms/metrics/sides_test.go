package metrics

import (
	"testing"

	"ctcohort/model/volume"
)

// lungs are two balls of 30 mm, 110 mm apart from right to left, on a grid of 2 mm.
func lungs() shape {
	return newShape([3]int{100, 40, 40}, [3]float64{2, 2, 2}).ball(1, [3]float64{40, 40, 40}, 30).ball(1, [3]float64{150, 40, 40}, 30)
}

func TestSides(t *testing.T) {
	ball := 0
	for _, label := range lungs().Data {
		ball += int(label)
	}
	ball /= 2
	for _, tt := range []struct {
		name, why   string
		lung        shape
		apart       bool
		left, right sided
	}{
		{"two lungs", "x grows to the left", lungs().cube(2, [3]int{75, 20, 20}, [3]int{4, 4, 4}), true, sided{ball, 64}, sided{ball, 0}},
		{"a bridge between them", "is cut in its middle", lungs().cube(1, [3]int{20, 20, 20}, [3]int{56, 1, 1}), true,
			sided{ball + 12, 0}, sided{ball + 12, 0}},
		{"a wide bridge", "of 14 mm, is cut too", lungs().cube(1, [3]int{20, 17, 17}, [3]int{56, 7, 7}), true, sided{-1, 0}, sided{-1, 0}},
		{"joined as one", "cannot be told apart", lungs().cube(1, [3]int{20, 10, 10}, [3]int{56, 20, 20}), false, sided{}, sided{}},
		{"one lung", "is of no side that could be told", newShape([3]int{100, 40, 40}, [3]float64{2, 2, 2}).ball(1, [3]float64{40, 40, 40}, 30), false, sided{}, sided{}},
		{"a lobe above another", "is not the other lung", newShape([3]int{40, 40, 100}, [3]float64{2, 2, 2}).ball(1, [3]float64{40, 40, 40}, 30).ball(1, [3]float64{40, 40, 150}, 30), false, sided{}, sided{}},
		{"a speck", "is of the side that it lies on", lungs().set(1, [3]int{1, 1, 1}, [3]int{98, 1, 1}, [3]int{97, 1, 1}), true, sided{ball + 2, 0}, sided{ball + 1, 0}},
		{"nothing", "", newShape([3]int{5, 5, 5}, [3]float64{1, 1, 1}), false, sided{}, sided{}},
	} {
		left, right, apart := sides(tt.lung.Volume, count(tt.lung.Volume, nil, nil).boxes[0])
		if apart != tt.apart {
			t.Errorf("%s: apart %v, want %v: %s", tt.name, apart, tt.apart, tt.why)
		}
		total := 0
		for _, label := range tt.lung.Data {
			if label > 0 {
				total++
			}
		}
		if apart && left.lung+right.lung != total {
			t.Errorf("%s: %d and %d voxels of %d", tt.name, left.lung, right.lung, total)
		}
		if tt.left.lung >= 0 && (left != tt.left || right != tt.right) {
			t.Errorf("%s: left %+v, right %+v; want %+v, %+v: %s", tt.name, left, right, tt.left, tt.right, tt.why)
		}
	}
}

// TestSidesFollowThePatient: of a volume whose x axis runs to the right, left is still the patient's.
func TestSidesFollowThePatient(t *testing.T) {
	v := lungs().cube(2, [3]int{75, 20, 20}, [3]int{4, 4, 4}).Volume
	v.Direction = [9]float64{-1, 0, 0, 0, -1, 0, 0, 0, 1}
	left, right, apart := sides(v, count(v, nil, nil).boxes[0])
	if !apart || left.infection != 0 || right.infection != 64 {
		t.Errorf("left %+v, right %+v, %v; want the 64 voxels of infection in the right lung", left, right, apart)
	}
}

func TestInvolvementOfEachLung(t *testing.T) {
	rows := Compute(lungs().cube(2, [3]int{75, 20, 20}, [3]int{4, 4, 4}).Volume, nil, nil)
	for _, tt := range []struct {
		label, metric string
		zero          bool
	}{{Infection, "involvement_left", false}, {Infection, "involvement_right", true}, {Lung, "volume_left", false}, {Infection, "volume_right", true}} {
		if r := find(rows, tt.label, tt.metric); !r.Defined || (*r.Value == 0) != tt.zero {
			t.Errorf("%s of %s is %+v", tt.metric, tt.label, r)
		}
	}
	joined := volume.New[uint8](lungs().Grid)
	for i := range joined.Data {
		joined.Data[i] = 1
	}
	if r := find(Compute(joined, nil, nil), Infection, "involvement_left"); r.Defined || r.Reason != NotSeparable {
		t.Errorf("of lungs that are one, involvement_left is %+v; want it undefined, %s", r, NotSeparable)
	}
}
