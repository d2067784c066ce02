package deid

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"ctcohort/io/dicomio"
)

// FuzzFile: any bytes end as a Rejection or as a file that reads back, without
// private elements and without the patient's name.
func FuzzFile(f *testing.F) {
	nested := dicomio.NewSequence(0x00081140, dicomio.Dataset{dicomio.TextElement(0x00081155, "UI", "1.2.276.0.7")})
	f.Add(ctFile{rows: 2, columns: 2}.encode())
	f.Add(ctFile{rows: 2, columns: 2, extra: dicomio.Dataset{nested, dicomio.TextElement(tagCharset, "CS", `\ISO 2022 IR 87`), dicomio.TextElement(0x00104000, "LT", "\x1b$B;3ED\x1b(B chest")}}.encode())
	f.Add(ctFile{rows: 2, columns: 2, trailer: dicomio.Dataset{dicomio.TextElement(0xFFFCFFFC, "OB", "ab")}}.encode())
	d := newDeidentifier(f, "research")
	f.Fuzz(func(t *testing.T, data []byte) {
		written := rewritten(t, d, data)
		if written == nil {
			return
		}
		for _, e := range written.Dataset {
			if e.Tag.Private() {
				t.Fatalf("%v is left", e.Tag)
			}
		}
		original, err := dicomio.ReadHeader(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("reading the input again: %v", err)
		}
		low := lowerASCII(nil, written.AppendDataset(written.AppendMeta(nil), written.Dataset))
		for _, name := range strings.FieldsFunc(strings.ToLower(original.Dataset.Text(tagPatientName)), func(r rune) bool { return r < 'a' || r > 'z' }) {
			if len(name) >= 8 && !vocabulary[name] && !standardWords[name] && bytes.Contains(low, []byte(name)) {
				t.Fatalf("the name %q is left", name)
			}
		}
	})
}

// FuzzCleanText: what is left of a text are words of it, and none of the patient's.
func FuzzCleanText(f *testing.F) {
	for _, text := range []string{"Thorax nativ, Müller", `Lung\Dr Small 1.25mm`, "胸部CT平扫 王小东", "MRN-0778899 12.03.1950", "1PETCT_WholeBody 300 mg/ml"} {
		f.Add(text, "Müller^Anna-Lena=王^小东", "MRN-0778899")
	}
	f.Add("0", "0", "\u0738\u0738") // marks alone
	f.Fuzz(func(t *testing.T, text, name, id string) {
		if !utf8.ValidString(text) || !utf8.ValidString(name) || !utf8.ValidString(id) {
			return // decoding gives text
		}
		ids := newIdentifiers()
		ids.addName(name, true)
		ids.addID(id)
		ids.prepare()
		got := cleanText(text, ids)
		left := map[string]bool{}
		for _, w := range wordsOf(text) {
			left[w] = true
		}
		for _, w := range wordsOf(got) {
			if !left[w] {
				t.Fatalf("cleanText(%q) = %q: %q is no word of it", text, got, w)
			}
			if low := strings.ToLower(w); ids.words[low] && len(low) >= 2 {
				t.Fatalf("cleanText(%q) = %q holds %q of %q, %q", text, got, w, name, id)
			}
		}
	})
}

// TestLongLists: lists that grow beyond what their VR can hold do not break the file.
func TestLongLists(t *testing.T) {
	uids := bytes.Repeat([]byte(`1.2.276.0.7\`), 5000)
	f, _, _ := deidentify(t, newDeidentifier(t, "research"), ctFile{rows: 2, columns: 2, extra: dicomio.Dataset{dicomio.TextElement(0x00080058, "UI", string(uids[:59999]))}}.encode())
	if e, ok := f.Dataset.Find(0x00080058); ok && len(e.Value) > 0xFFFF {
		t.Errorf("a UI of %d bytes", len(e.Value))
	}
}
