package deid

import "testing"

// TestResolve: the actions of PS3.15 Table E.1-1a for types 1, 2 and 3.
func TestResolve(t *testing.T) {
	for _, c := range []struct {
		action Action
		want   [3]Action
		reason string
	}{
		{"D", [3]Action{"D", "D", "D"}, "a dummy, whatever the type"},
		{"Z", [3]Action{"D", "Z", "Z"}, "Z may be a dummy, and an empty value is none at type 1"},
		{"X", [3]Action{"D", "Z", "X"}, "what must be there is made to say nothing: E.1.1 wants the IOD whole"},
		{"K", [3]Action{"K", "K", "K"}, ""},
		{"C", [3]Action{"C", "C", "C"}, ""},
		{"U", [3]Action{"U", "U", "U"}, ""},
		{"Z/D", [3]Action{"D", "Z", "Z"}, "Z unless D is required (type 2 versus type 1)"},
		{"X/Z", [3]Action{"D", "Z", "X"}, "X unless Z is required (type 3 versus type 2); type 1 as for Z"},
		{"X/D", [3]Action{"D", "D", "X"}, "X unless D is required (type 3 versus type 1); at type 2 X would break the IOD, and D is what is left"},
		{"X/Z/D", [3]Action{"D", "Z", "X"}, "X unless Z or D is required (type 3 versus type 2 versus type 1)"},
		{"X/Z/U*", [3]Action{"U", "U", "U"}, "references stay with new UIDs, also where they might go"},
	} {
		for n := range 3 {
			if got := resolve(c.action, iodType(n+1)); got != c.want[n] {
				t.Errorf("resolve(%s, type %d) = %s, want %s %s", c.action, n+1, got, c.want[n], c.reason)
			}
		}
	}
}

// TestResolveKnowsAll: every action that the table has is one of Table E.1-1a.
func TestResolveKnowsAll(t *testing.T) {
	known := map[Action]bool{"D": true, "Z": true, "X": true, "K": true, "C": true, "U": true, "Z/D": true, "X/Z": true, "X/D": true, "X/Z/D": true, "X/Z/U*": true}
	for _, a := range table {
		for _, action := range []Action{a.Basic, a.UIDs, a.Device, a.Institution, a.Characteristics, a.FullDates, a.ModifiedDates, a.Descriptors, a.Structured, a.Graphics} {
			if action != "" && !known[action] {
				t.Errorf("%v has action %q", a.Tag, action)
			}
		}
	}
}
