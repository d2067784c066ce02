package deid

import (
	"testing"

	"ctcohort/io/dicomio"
)

// TestProfiles: actions read off the standard's table by hand.
func TestProfiles(t *testing.T) {
	for _, c := range []struct {
		tag             dicomio.Tag
		basic, research Action
	}{
		{0x00100010, "Z", "Z"}, {0x00100040, "Z", "K"}, {0x00080020, "Z", "C"}, {0x00081030, "X", "C"}, {0x00080018, "U", "U"}, {0x00081010, "X/Z/D", "X/Z/D"}, {0x00101010, "X", "K"},
	} {
		for profile, want := range map[string]Action{"basic": c.basic, "research": c.research} {
			if got := profiles[profile].compile()[c.tag].action; got != want {
				t.Errorf("%s: action of %v = %s, want %s", profile, c.tag, got, want)
			}
		}
	}
	if n := len(table); n != 617 {
		t.Errorf("the table has %d attributes, want 617: 621 rows less 4 ranges", n)
	}
}
