package deid

import (
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

func TestCleanText(t *testing.T) {
	ids := newIdentifiers()
	ids.addName("Musterfrau^Erika=王^小东")
	ids.addID("MRN123456")
	ids.prepare()
	for _, c := range []struct{ text, want, reason string }{
		{"Lung 1.25mm B70f", "Lung 1.25mm B70f", "nothing to drop: as it is"},
		{"Thorax, nativ (HR)", "Thorax, nativ (HR)", "harmless punctuation stays with the whole"},
		{"CT chest Musterfrau", "CT chest", ""},
		{"CT chest ERIKA's scan", "CT chest scan", "names in any case"},
		{"CT chest for Schmidt", "CT chest", "an unknown word is taken for a name; a joining word at the end goes"},
		{"CT seen by Dr Small", "CT", "a title makes a name of any word"},
		{"5.1 ChestLowDose", "5.1 ChestLowDose", "capitals join words"},
		{"MRN123456 chest", "chest", ""},
		{"tel +49 123 4567890", "", "numbers beside numbers"},
		{"born 12.03.1950", "", ""}, {"born 12 03 1950", "", "a date in pieces"}, {"scan 2020-03-09", "scan", ""},
		{"phase 2", "phase 2", "one short number beside a kept word"},
		{"COVID-19 infection", "COVID-19 infection", ""},
		{"LEFT_LUNG", "LEFT_LUNG", ""},
		{"胸部平扫", "胸部平扫", "Chinese words side by side"}, {"胸部平扫 王小东", "胸部平扫", ""},
		{`Lung\Musterfrau\Axial`, `Lung\\Axial`, "values keep their places"},
		{"Musterfrau-Lung", "", "half of a compound may not stay"},
	} {
		if got := cleanText(c.text, ids); got != c.want {
			t.Errorf("cleanText(%q) = %q, want %q %s", c.text, got, c.want, c.reason)
		}
	}
}

// TestDecode: the examples of PS3.5 annexes H, I, J and K.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		set         charset
		value, want string
	}{
		{nil, "Plain^Ascii", "Plain^Ascii"},
		{charset{"ISO_IR 100"}, "Buc^J\xe9r\xf4me", "Buc^Jérôme"},
		{charset{"ISO_IR 144"}, "\xbb\xee\xda\x63\x65\xdc\xd1\xe3\xe0\xd3", "Люкceмбург"},
		{charset{"", "ISO 2022 IR 87"}, "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B", "Yamada^Tarou=山田^太郎=やまだ^たろう"},
		{charset{"ISO 2022 IR 13", "ISO 2022 IR 87"}, "\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎"},
		{charset{"", "ISO 2022 IR 149"}, "Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf", "Hong^Gildong=洪^吉洞=홍^길동"},
		{charset{"ISO_IR 192"}, "Wang^XiaoDong=王^小東", "Wang^XiaoDong=王^小東"},
		{charset{"GB18030"}, "Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab", "Wang^XiaoDong=王^小东"},
		{charset{"", "ISO 2022 IR 58"}, "Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab", "Zhang^XiaoDong=张^小东"},
	} {
		if got, ok := c.set.decode([]byte(c.value)); got != c.want || !ok {
			t.Errorf("%q.decode(%q) = %q, %v; want %q, true", []string(c.set), c.value, got, ok, c.want)
		}
	}
	if got, ok := (charset{"ISO_IR 192"}).decode([]byte("\xff\xfe")); ok {
		t.Errorf("decode of bytes that are no UTF-8 = %q, true; want false", got)
	}
}

func TestShiftDates(t *testing.T) {
	for _, c := range []struct {
		text, vr string
		days     int
		want     string
	}{
		{"20200301", "DA", -1, "20200229"}, {"2020.03.01", "DA", -1, "20200229"}, {`20200101\20200102`, "DA", -1, `20191231\20200101`},
		{"20200301101112.5+0900", "DT", -2, "20200228101112.5+0900"}, {"2020", "DT", -2, ""}, {"20201345", "DA", -2, ""}, {"Musterfrau", "DA", -2, ""},
		{"20200301 Muster", "DT", -2, ""}, {"00010101", "DA", -2, ""}, {"", "DA", -2, ""},
	} {
		if got, _, _ := shiftDates(c.text, c.vr, c.days); got != c.want {
			t.Errorf("shiftDates(%q, %s, %d) = %q, want %q", c.text, c.vr, c.days, got, c.want)
		}
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		action Action
		want   [3]Action // for types 1, 2, 3
	}{
		{"X", [3]Action{"D", "Z", "X"}}, {"Z", [3]Action{"D", "Z", "Z"}}, {"D", [3]Action{"D", "D", "D"}}, {"X/Z", [3]Action{"Z", "Z", "X"}},
		{"X/D", [3]Action{"D", "D", "X"}}, {"X/Z/D", [3]Action{"D", "Z", "X"}}, {"Z/D", [3]Action{"D", "Z", "Z"}}, {"X/Z/U*", [3]Action{"U", "U", "U"}},
	} {
		for n := range 3 {
			if got := resolve(c.action, iodType(n+1)); got != c.want[n] {
				t.Errorf("resolve(%s, type %d) = %s, want %s", c.action, n+1, got, c.want[n])
			}
		}
	}
}

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
	for w := range vocabulary {
		if titles[w] || w != strings.ToLower(w) {
			t.Errorf("vocabulary holds %q", w)
		}
	}
}
