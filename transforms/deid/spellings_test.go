package deid

import "testing"

// TestIdentifierInText: both directions, for text that would be kept as it is.
func TestIdentifierInText(t *testing.T) {
	for _, c := range []struct {
		name, id, birth string
		text            string
		want            bool
		reason          string
	}{
		{"Smith-Jones^Ann", "", "", "Unit SmithJones", true, "without the hyphen"},
		{"Smith-Jones^Ann", "", "", "unit smith jones", true, "a space for the hyphen"},
		{"SMITHJONES^Ann", "", "", "Unit Smith-Jones", true, "a hyphen where the name has none"},
		{"Smith Jones^Ann", "", "", "Unit JONES", true, "half of it"},
		{"O'Brien^Pat", "", "", "UNIT OBRIEN", true, "without the apostrophe"},
		{"Müller^Jörg", "", "", "Unit MUELLER", true, "umlauts spelt out"},
		{"Müller^Jörg", "", "", "Unit Muller", true, "umlauts left out"},
		{"Müller^Jörg", "", "", "Unit MÜLLER", true, "capitals beyond ASCII"},
		{"Wang^XiaoDong", "", "", "Unit Xiao Dong", true, "by its capitals"},
		{"=山田^太郎=ﾔﾏﾀﾞ^ﾀﾛｳ", "", "", "ヤマダ", true, "full width"},
		{"=山田^太郎=ﾔﾏﾀﾞ^ﾀﾛｳ", "", "", "やまだ", true, "hiragana"},
		{"=王^小东", "", "", "装置王", true, "a name of one character"},
		{"", "MRN-0778899", "", "SN 778899", true, "the number of an ID"},
		{"", "MRN-0778899", "", "MRN0778899", true, "without its separator"},
		{"", "778899001", "", "SN 778-899-001", true, "with separators"},
		{"", "123-456-789", "", "SN 123456789", true, "without separators"},
		{"", "", "19500312", "V12.03.1950", true, "a date"},
		{"", "", "19500312", "Mar 12, 1950", true, ""}, {"", "", "19500312", "12. März 1950", true, ""}, {"", "", "19500312", "1950年3月12日", true, ""},
		{"", "", "19500312", "b19500312a", true, ""},

		{"Force^Drive", "", "", "SOMATOM Force", false, "a name that is a model's"},
		{"Siemens^Anna", "", "", "SIEMENS", false, "the maker's"},
		{"Axia^L", "", "", "AXIAL", false, "part of a word of scans"},
		{"Li^M", "", "", "LightSpeed 16", false, "too short to be looked for within words"},
		{"de^la", "", "", "Model 7", false, "particles"},
		{"", "1", "", "Unit 1", false, "one digit"}, {"", "0001", "", "Sensation 16 1", false, "zeros in front are no part of a short number"},
		{"", "0212", "", "VA48A_02_12", false, "four digits with a sign between them"},
		{"", "CT", "", "CT 64", false, "an ID that is a word of scans"},
		{"", "", "19500312", "1.12.03.1950.7", false, "part of a longer number"},
	} {
		ids := newIdentifiers()
		ids.addName(c.name, true)
		ids.addID(c.id)
		ids.addDate(0x00100030, c.birth)
		ids.prepare()
		if got := ids.value(c.text); got != c.want {
			t.Errorf("value(%q) = %v for %q, %q, %s; want %v: %s", c.text, got, c.name, c.id, c.birth, c.want, c.reason)
		}
	}
}
