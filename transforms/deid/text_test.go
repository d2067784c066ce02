package deid

import (
	"strings"
	"testing"
)

func TestCleanText(t *testing.T) {
	ids := newIdentifiers()
	ids.addName("Musterfrau^Erika=王^小东", true)
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

// TestVocabulary: words are in lower case, and none announces a person.
func TestVocabulary(t *testing.T) {
	for w := range vocabulary {
		if titles[w] || w != strings.ToLower(w) {
			t.Errorf("vocabulary holds %q", w)
		}
	}
}
