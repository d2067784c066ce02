package deid

import "testing"

func TestNumbersThatAreKept(t *testing.T) {
	cases := []struct {
		reason, text string
		want         bool
	}{
		{"as the standard has them", `-1.5\0\+2e-3 `, true},
		{"more digits than it allows, as pydicom writes a binary number", `18.83880090713501\-627.3276977539062\1.2246467991473532e-16`, true},
		{"a fraction without a whole part", `-.123456789012345678`, true},
		{"a whole number as long as an ID", "12345678901234567", false},
		{"its fraction aside", "123456789012.34567", false},
		{"two points", "1.2.840.113619.2.55", false},
		{"words", "1.5 mm", false},
	}
	for _, c := range cases {
		if got := plain("DS", c.text); got != c.want {
			t.Errorf("%s: plain(DS, %q) = %v, want %v", c.reason, c.text, got, c.want)
		}
	}
}
