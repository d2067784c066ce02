package transforms

import (
	"testing"

	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/series"
)

func TestSeveralLabelsOfASeries(t *testing.T) {
	label := func(name, created string, lung, infected bool) drawn {
		return drawn{from: &patientLabel{row: schemas.Instance{SOPUID: name}, label: &series.Label{Created: created}}, lung: lung, infected: infected}
	}
	old, later := label("old", "20200101", true, false), label("later", "20200102", true, true)
	lesion := label("lesion", "20200101", false, true)
	cases := []struct {
		reason, several string
		all             []drawn
		want            []string
	}{
		{"one", "reject", []drawn{old}, []string{"old"}},
		{"of different things", "reject", []drawn{old, lesion}, []string{"old", "lesion"}},
		{"of one thing", "reject", []drawn{old, later}, nil},
		{"of one thing, beside another", "reject", []drawn{old, old, lesion}, nil},
		{"union", "union", []drawn{old, later}, []string{"old", "later"}},
		{"the newest", "newest", []drawn{old, later}, []string{"later"}},
		{"the newest has it all", "newest", []drawn{old, lesion, later}, []string{"later"}},
		{"the newest and what it lacks", "newest", []drawn{label("first", "2019", true, false), label("second", "2020", false, true), label("third", "2021", false, true)}, []string{"third", "first"}},
		{"no date", "newest", []drawn{old, label("undated", "", true, false)}, nil},
		{"one date", "newest", []drawn{old, label("same", "20200101", true, false)}, nil},
		{"none", "reject", nil, nil},
	}
	for _, c := range cases {
		kept, how := choose(c.all, c.several)
		same := len(kept) == len(c.want)
		for i := range c.want {
			same = same && kept[i].from.row.SOPUID == c.want[i]
		}
		if !same || how == "" && len(kept) < len(c.all) {
			t.Errorf("%s: choose kept %d, %q; want %v and why others are not", c.reason, len(kept), how, c.want)
		}
	}
}

func TestJoinedLabels(t *testing.T) {
	g := volume.Grid{Size: [3]int{4, 1, 1}, SpacingMM: [3]float64{1, 1, 1}, Direction: volume.Identity()}
	label := func(source string, lung, infected bool, data ...uint8) drawn {
		return drawn{labels: &volume.Volume[uint8]{Grid: g, Data: data}, info: series.LabelInfo{Source: source, Exact: true}, lung: lung, infected: infected}
	}
	r := join([]drawn{label("seg", true, false, 0, 1, 1, 1), label("rtstruct", false, true, 2, 2, 0, 0)}, false)
	if string(r.labels.Data) != "\x02\x02\x01\x01" || r.source != "rtstruct+seg" || r.notes != "2 labels joined" {
		t.Errorf("join = %v, %q, %q; want infection over lung", r.labels.Data, r.source, r.notes)
	}
	if r = join([]drawn{label("seg", true, false, 0, 1, 1, 1)}, false); r.notes != "no label of infection" {
		t.Errorf("join notes %q; want that infection is not labelled", r.notes)
	}
	none := label("nifti", true, false, 0, 1, 1, 1)
	none.noInfection = true
	for _, c := range []struct {
		reason         string
		all            []drawn
		noneMissing    bool
		lung, infected bool
	}{
		{"lung alone tells nothing of infection", []drawn{label("seg", true, false, 1, 1, 1, 1)}, false, true, false},
		{"but where the configuration says so", []drawn{label("seg", true, false, 1, 1, 1, 1)}, true, true, true},
		{"infection alone tells nothing of lung", []drawn{label("nifti", false, true, 2, 0, 0, 0)}, true, false, true},
		{"a value for infection that no voxel has", []drawn{none}, false, true, true},
		{"one of each", []drawn{label("seg", true, false, 1, 1, 1, 1), label("rtstruct", false, true, 2, 0, 0, 0)}, false, true, true},
	} {
		if r := join(c.all, c.noneMissing); r.lung != c.lung || r.infected != c.infected {
			t.Errorf("%s: lung %v, infection %v; want %v, %v", c.reason, r.lung, r.infected, c.lung, c.infected)
		}
	}
	if r = join(nil, false); r.labels != nil || r.source != "" || r.notes != "" {
		t.Errorf("join of nothing = %+v", r)
	}
}
