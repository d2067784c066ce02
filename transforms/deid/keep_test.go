package deid

import "testing"

func TestWritten(t *testing.T) {
	for _, c := range []struct {
		vr, value string
		want      bool
		reason    string
	}{
		{"OW", "Musterfrau, Erika", true, "a name in a look-up table"},
		{"US", "Musterfr", true, ""},
		{"US", "Muster", false, "three values below 0x7F7F"},
		{"FD", "3333333@", false, "19.2"},
		{"FD", "ffffff%@", false, "10.7"},
		{"UN", "Qzxj10438       ", true, "a name and padding"},
		{"OF", "fff?fff?", false, "0.9 twice"},
		{"OF", "33+A33+A", false, "10.7 twice"},
		{"OW", "\x00\x00\x01\x01\x02\x02\x03\x03", false, "a ramp"},
		{"OW", "  !!\"\"##$$%%&&''", false, "a ramp of printable bytes"},
	} {
		if got := written(c.vr, []byte(c.value)); got != c.want {
			t.Errorf("written(%s, %q) = %v, want %v %s", c.vr, c.value, got, c.want, c.reason)
		}
	}
}

func TestTelling(t *testing.T) {
	for text, want := range map[string]bool{
		"GE MEDICAL SYSTEMS": false, "syngo CT VA48A": false, "SOMATOM Drive": false, "Aquilion PRIME": false,
		"installed by Dr Small": true, "support@klinik.de": true, "http://klinik.de": true, "www.klinik.de": true, "Tel. 1234": true,
	} {
		if got := telling(text); got != want {
			t.Errorf("telling(%q) = %v, want %v", text, got, want)
		}
	}
}
