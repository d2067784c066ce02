package deid

import (
	"strings"
	"testing"
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

// TestVocabulary: words are in lower case, and none announces a person.
func TestVocabulary(t *testing.T) {
	for w := range vocabulary {
		if titles[w] || w != strings.ToLower(w) {
			t.Errorf("vocabulary holds %q", w)
		}
	}
}
