package deid

import "testing"

func TestBoundAges(t *testing.T) {
	for _, c := range []struct {
		text  string
		bound int
		want  string
	}{
		{"089Y", 89, "089Y"}, {"090Y", 89, "090Y"}, {"095Y", 89, "090Y"}, {"120Y", 89, "090Y"}, {"999M", 89, "999M"}, {"999M", 82, "083Y"}, {"227M", 17, "018Y"}, {"215M", 17, "215M"},
		{"999W", 18, "019Y"}, {"999W", 19, "999W"}, {"999D", 1, "002Y"}, {"365D", 1, "365D"}, {"", 89, ""}, {`095Y\010Y`, 89, `090Y\010Y`},
	} {
		if got := boundAges(c.text, c.bound); got != c.want {
			t.Errorf("boundAges(%q, %d) = %q, want %q", c.text, c.bound, got, c.want)
		}
	}
}
