package metrics

import (
	"strings"
	"testing"

	"ctcohort/model/volume"
)

// A reference of infection alone says nothing of lung: what compares lung is left
// out, what describes the prediction stays, and so does all of infection.
func TestWithoutReference(t *testing.T) {
	g := volume.Grid{Size: [3]int{6, 6, 6}, SpacingMM: [3]float64{1, 1, 1}, Direction: volume.Identity()}
	prediction, reference := volume.New[uint8](g), volume.New[uint8](g)
	for i := range 100 {
		prediction.Data[i] = 1
	}
	prediction.Data[50], reference.Data[50] = 2, 2
	whole := Compute(prediction, reference, nil)
	rows := WithoutReference(whole, Lung)
	for i, r := range rows {
		m, _ := Find(r.Metric)
		switch {
		case r.Label == Lung && m.NeedsReference:
			if r.Defined || r.Value != nil || r.Reason != NoReference || r.Unit != m.Unit {
				t.Errorf("%s of lung is %+v; want undefined, no_reference", r.Metric, r)
			}
		case r != whole[i]:
			t.Errorf("%s of %s changes from %+v to %+v", r.Metric, r.Label, whole[i], r)
		}
	}
	if !whole[0].Defined || whole[0].Label != Lung {
		t.Errorf("the rows that came in are changed: %+v", whole[0])
	}
}

// A network of infection alone has no rows of lung, nor infection's share of it or of either side.
func TestOf(t *testing.T) {
	g := volume.Grid{Size: [3]int{4, 4, 4}, SpacingMM: [3]float64{1, 1, 1}, Direction: volume.Identity()}
	whole := Compute(volume.New[uint8](g), nil, nil)
	for only, want := range map[string]int{Lung: len(Measures) - 3, Infection: len(Measures) - 5} {
		rows := Of(whole, func(label string) bool { return label == only })
		for _, r := range rows {
			if r.Label != only || strings.HasPrefix(r.Metric, "involvement") || only == Infection && strings.HasPrefix(r.Metric, "volume_left") {
				t.Errorf("rows of %s alone hold %s of %s", only, r.Metric, r.Label)
			}
		}
		if len(rows) != want {
			t.Errorf("%d rows of %s alone, want %d", len(rows), only, want)
		}
	}
	if rows := Of(whole, func(string) bool { return true }); len(rows) != len(whole) {
		t.Errorf("%d rows of both, want all %d", len(rows), len(whole))
	}
}
