package deid

import (
	"os"
	"strings"
	"testing"
)

// somebody is the patient of testdata/identities.txt.
func somebody() *identifiers {
	ids := newIdentifiers()
	ids.addName("Müller-Lüdenscheidt^Anna-Lena=王^小东", true)
	ids.addName("Wang^XiaoDong", true)
	ids.addName("Yamada^Tarou=山田^太郎=ﾔﾏﾀﾞ^ﾀﾛｳ", true)
	ids.addName("Hong^Gildong=홍^길동", true)
	ids.addID("MRN-0778899")
	ids.addID("+49 30 1234567")
	ids.addDate(0x00100030, "19500312")
	ids.addDate(0x00080020, "20200309")
	ids.prepare()
	return ids
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, line := range strings.Split(string(data), "\n") {
		if line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// TestDescriptionsStay: of what describes scans, in eight languages, nearly every word stays.
func TestDescriptionsStay(t *testing.T) {
	ids := somebody()
	words, kept, whole := 0, 0, 0
	all := lines(t, "testdata/descriptions.txt")
	for _, text := range all {
		got := cleanText(text, ids)
		if got == text {
			whole++
		} else {
			t.Logf("%q becomes %q", text, got)
		}
		left := map[string]int{}
		for _, w := range wordsOf(got) {
			left[w]++
		}
		for _, w := range wordsOf(text) {
			words++
			if left[w] > 0 {
				kept++
				left[w]--
			}
		}
	}
	t.Logf("%d of %d descriptions stay as they are, %d of %d words", whole, len(all), kept, words)
	if len(all) < 200 || kept*100 < words*98 {
		t.Errorf("%d of %d words in %d descriptions stay, want 98 %%", kept, words, len(all))
	}
}

// TestIdentitiesGo: of what identifies, in descriptions, nothing stays.
func TestIdentitiesGo(t *testing.T) {
	ids := somebody()
	all := lines(t, "testdata/identities.txt")
	for _, line := range all {
		text, gone, ok := strings.Cut(line, " | ")
		if !ok {
			t.Fatalf("%q: no list of what must be gone", line)
		}
		got := cleanText(text, ids)
		for _, g := range strings.Split(gone, ", ") {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(g)) {
				t.Errorf("%q does not hold %q", text, g)
			}
			if strings.Contains(strings.ToLower(got), strings.ToLower(g)) {
				t.Errorf("cleanText(%q) = %q, want no %q", text, got, g)
			}
		}
	}
	if len(all) < 150 {
		t.Errorf("%d texts, want 150 and more", len(all))
	}
}

// TestVocabularyHasNoNames: of the commonest family names those few are in the
// vocabulary that descriptions cannot do without.
func TestVocabularyHasNoNames(t *testing.T) {
	needed := wordSet(`hu min du`) // Hounsfield units, minutes, a French article
	all := lines(t, "testdata/names.txt")
	for _, line := range all[:len(all)-1] {
		for _, name := range strings.Fields(line) {
			if described(name) && !needed[name] {
				t.Errorf("the vocabulary holds the name %q", name)
			}
		}
	}
}
