package deid

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"ctcohort/io/dicomio"
)

const linkHeader = "person,site,issuer,patient_id\n"

func parseLinks(t testing.TB, text string) *Links {
	t.Helper()
	l, err := ParseLinks(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestParseLinks(t *testing.T) {
	l := parseLinks(t, "\ufeff"+linkHeader+"P1,hospital,, MRN-1 \r\nP1,clinic,HIS,\"1,5\"\n\nP2,clinic,LAB,7\nP3,clinic,,7\nP1,hospital,,MRN-1\n\"人 \"\"4\"\"\",,,患者７\n")
	if ids, persons := l.Len(); ids != 5 || persons != 4 {
		t.Errorf("Len() = %d, %d, want 5 IDs of 4 persons", ids, persons)
	}
	if n := l.Outside([]string{"hospital"}); n != 4 {
		t.Errorf("Outside(hospital) = %d, want 4", n)
	}
	for _, c := range []struct{ site, issuer, id, want, reason string }{
		{"hospital", "", "MRN-1", "P1", "padding is no part of a value"},
		{"hospital", "HIS", "MRN-1", "P1", "an empty issuer stands for any"},
		{"clinic", "", "MRN-1", "", "another site"},
		{"clinic", "HIS", "1,5", "P1", ""},
		{"clinic", "", "1,5", "", "another issuer"},
		{"clinic", "LAB", "7", "P2", "an issuer that is listed comes before any"},
		{"clinic", "", "7", "P3", ""},
		{"clinic", "HIS", "7", "P3", ""},
		{"clinic", "", "07", "", "leading zeros count"},
		{"hospital", "", "mrn-1", "", "case counts"},
		{"", "", "患者７", `人 "4"`, "no site"},
		{"", "", "患者7", "", "width counts"},
	} {
		got, ok := l.person(c.site, c.issuer, c.id)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("person(%q, %q, %q) = %q, %v, want %q: %s", c.site, c.issuer, c.id, got, ok, c.want, c.reason)
		}
	}
}

// TestParseLinksFaults: every fault at once, each with its line and no value.
func TestParseLinksFaults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"an empty file", "", []string{"line 1: the file is empty; its header must be person,site,issuer,patient_id"}},
		{"blank lines", "\n\n", []string{"the file is empty"}},
		{"no rows", linkHeader, []string{"line 1: no row follows the header"}},
		{"no header", "SECRET,s,,1\nSECRET,s,,2\n", []string{"line 1: the header must be person,site,issuer,patient_id"}},
		{"semicolons", "person;site;issuer;patient_id\nSECRET;s;;1\n", []string{"with commas between"}},
		{"columns in another order", "site,person,issuer,patient_id\ns,SECRET,,1\n", []string{"line 1: the header must be"}},
		{"another table", "PAR1\x00\x15SECRET", []string{"line 1: the header must be"}},
		{"many faults", linkHeader + "SECRET,s,1\nSECRET,s,,\n,s,,SECRET\nSECRET,s,,\"SECRET\nSECRET2\"\nA,s,,SECRET1\nB,s,,SECRET1\nA,s,,\xffSECRET\n", []string{
			"line 2: it has 3 fields, not the 4 of the header", "line 3: patient_id is empty", "line 4: person is empty",
			"line 5: patient_id is not text", "line 8: the same ID is another person's in line 7", "line 9: patient_id is not text in UTF-8"}},
		{"both empty", linkHeader + ",s,,  \n", []string{"line 2: person is empty", "line 2: patient_id is empty"}},
		{"quotes", linkHeader + "SECRET,s,,12\"3\nSECRET,s,,\"4\" 5\n,,,\n", []string{"line 2: bare \"", "line 3: ", "line 4: person is empty"}},
		{"a quote that never ends", linkHeader + "SECRET,s,,\"123\nSECRET,s,,4\n", []string{"line 2", "stands in quotes"}},
		{"more faults than anyone reads", linkHeader + strings.Repeat(",s,,1\n", 250), []string{"line 101: ", "and 150 more"}},
	} {
		l, err := ParseLinks(strings.NewReader(c.text))
		if err == nil || l != nil {
			t.Errorf("%s: ParseLinks() = %v, %v, want an error", c.name, l, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: ParseLinks() lacks %q in:\n%v", c.name, want, err)
			}
		}
		if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: ParseLinks() quotes a value: %v", c.name, err)
		}
	}
}

func TestParseLinksReading(t *testing.T) {
	broken := errors.New("the disk is gone")
	if _, err := ParseLinks(io.MultiReader(strings.NewReader(linkHeader), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("ParseLinks() = %v, want %v", err, broken)
	}
	row := "P," + strings.Repeat("s", 1<<20) + ",,1\n"
	var rows []io.Reader
	for range maxLinkBytes>>20 + 1 {
		rows = append(rows, strings.NewReader(row))
	}
	if _, err := ParseLinks(io.MultiReader(append([]io.Reader{strings.NewReader(linkHeader)}, rows...)...)); err == nil || !strings.Contains(err.Error(), "more than 64 MiB") {
		t.Errorf("ParseLinks(65 MiB) = %v, want its bound", err)
	}
}

// TestLinking: all IDs of a person give one patient, whichever of them the table
// lists and in whatever order; who is not linked stays as without a table.
func TestLinking(t *testing.T) {
	none := Deidentifier{key: testKey}
	want := map[string]patient{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var rows []string
		persons := map[linkedID]string{}
		for i := range 40 {
			id := linkedID{fmt.Sprint("site ", random.IntN(3)), []string{"", "HIS"}[random.IntN(2)], fmt.Sprint(i)}
			if person := fmt.Sprint("person ", i%10); random.IntN(3) > 0 {
				persons[id] = person
				rows = append(rows, strings.Join([]string{person, id.site, id.issuer, id.id}, ","))
			} else {
				persons[id] = ""
			}
		}
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		d := Deidentifier{key: testKey, links: parseLinks(t, linkHeader+strings.Join(rows, "\n"))}
		for id, person := range persons {
			d.site, none.site = id.site, id.site
			got, alone := d.patientOf(id.id, id.issuer), none.patientOf(id.id, id.issuer)
			if person == "" {
				if got.pseudonym != alone.pseudonym || got.shiftDays != alone.shiftDays || got.aliases != nil {
					t.Fatalf("an ID that is not linked changed: %s, %d days; want %s, %d", got.pseudonym, got.shiftDays, alone.pseudonym, alone.shiftDays)
				}
				continue
			}
			first, ok := want[person]
			if !ok {
				want[person] = got
			} else if got.pseudonym != first.pseudonym || got.shiftDays != first.shiftDays {
				t.Fatalf("%s is %s, %d days; want %s, %d", person, got.pseudonym, got.shiftDays, first.pseudonym, first.shiftDays)
			}
			if got.pseudonym == alone.pseudonym {
				t.Fatalf("a linked ID kept its own pseudonym")
			}
		}
	}
	pseudonyms := map[string]string{}
	for person, p := range want {
		if other, ok := pseudonyms[p.pseudonym]; ok {
			t.Errorf("%s and %s have one pseudonym", person, other)
		}
		pseudonyms[p.pseudonym] = person
	}
	if len(want) != 10 {
		t.Errorf("%d persons came up, want 10", len(want))
	}
}

// TestLinkedFile: a file of a linked patient, by issuer and by site, and the
// person's other IDs in its text.
func TestLinkedFile(t *testing.T) {
	links := parseLinks(t, linkHeader+"P1,site,,MRN123456\nP1,elsewhere,,HXQ778899\n")
	file := ctFile{rows: 4, columns: 4, extra: dicomio.Dataset{dicomio.TextElement(0x0008103E, "LO", "Thorax HXQ778899")}}
	var results []Result
	for _, o := range []Options{{Site: "site", Links: links}, {Site: "elsewhere", Links: links}, {Site: "site"}} {
		o.Profile, o.Key = "research", testKey
		d, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if o.Site == "elsewhere" {
			file.extra.Put(dicomio.TextElement(tagPatientID, "LO", "HXQ778899"))
		}
		f, out, r := deidentify(t, d, file.encode())
		if strings.Contains(string(out), "HXQ778899") {
			t.Errorf("site %s, links %v: the output holds another ID of the person", o.Site, o.Links != nil)
		}
		if o.Links != nil && f.Dataset.Text(tagPatientID) != r.PatientID {
			t.Errorf("Patient ID %s, want %s", f.Dataset.Text(tagPatientID), r.PatientID)
		}
		results = append(results, r)
	}
	if results[0].PatientID != results[1].PatientID || results[0].Origin.DateOffsetDays != results[1].Origin.DateOffsetDays {
		t.Error("two IDs of one person are two patients")
	}
	if results[0].PatientID == results[2].PatientID {
		t.Error("without the table the ID has the person's pseudonym")
	}
}

// TestIssuer: what names the issuer, and that files without one are another patient's.
func TestIssuer(t *testing.T) {
	d := newDeidentifier(t, "research")
	qualified := dicomio.NewSequence(tagIssuerQualifiers, dicomio.Dataset{dicomio.TextElement(tagUniversalEntityID, "UT", "1.2.3.4"), dicomio.TextElement(0x00400033, "CS", "ISO")})
	of := func(extra ...dicomio.Element) string {
		_, _, r := deidentify(t, d, ctFile{rows: 4, columns: 4, extra: extra}.encode())
		return r.PatientID
	}
	plain, named := of(), of(dicomio.TextElement(tagIssuer, "LO", "HIS"))
	for _, c := range []struct {
		name      string
		got, want string
		equal     bool
	}{
		{"an empty issuer is none", of(dicomio.TextElement(tagIssuer, "LO", "  ")), plain, true},
		{"padding is no part of an ID", of(dicomio.TextElement(tagPatientID, "LO", " MRN123456 ")), plain, true},
		{"an issuer makes another patient", named, plain, false},
		{"qualifiers refine an issuer that is named", of(dicomio.TextElement(tagIssuer, "LO", "HIS"), qualified), named, true},
		{"a universal identifier alone is the issuer", of(qualified), of(dicomio.TextElement(tagIssuer, "LO", "1.2.3.4")), true},
		{"case may tell two people apart", of(dicomio.TextElement(tagPatientID, "LO", "mrn123456")), plain, false},
		{"leading zeros may", of(dicomio.TextElement(tagPatientID, "LO", "00123456")), of(dicomio.TextElement(tagPatientID, "LO", "123456")), false},
	} {
		if (c.got == c.want) != c.equal {
			t.Errorf("%s: %s and %s, want equal %v", c.name, c.got, c.want, c.equal)
		}
	}
}

func TestOriginDoesNotPrint(t *testing.T) {
	_, _, r := deidentify(t, newDeidentifier(t, "research"), ctFile{rows: 4, columns: 4}.encode())
	if r.Origin.PatientID != "MRN123456" || r.Origin.StudyUID != "1.2.276.0.7230010.3.1.2.77" || r.Origin.SeriesUID != "1.2.276.0.7230010.3.1.3.77" {
		t.Error("the origin is not the file's")
	}
	for _, text := range []string{fmt.Sprint(r), fmt.Sprintf("%v %+v %#v %s", r, r, r, r.Origin)} {
		if strings.Contains(text, "MRN") || strings.Contains(text, "7230010") {
			t.Errorf("a printed Result holds an original: %s", text)
		}
	}
	if _, _, r := deidentify(t, newDeidentifier(t, "basic"), ctFile{rows: 4, columns: 4}.encode()); r.Origin.DateOffsetDays != 0 {
		t.Errorf("DateOffsetDays = %d with dates that do not move, want 0", r.Origin.DateOffsetDays)
	}
}

func FuzzParseLinks(f *testing.F) {
	f.Add(linkHeader + "P1,s,,1\nP1,s,HIS,2\n")
	f.Add(linkHeader + "P1,s,,\"1\n2\"\nP2,s,,1\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLinks(strings.NewReader(text))
		if (l == nil) == (err == nil) {
			t.Fatal("ParseLinks gave neither links nor an error, or both")
		}
		if err != nil {
			return
		}
		for id, person := range l.persons {
			if got, ok := l.person(id.site, id.issuer, id.id); !ok || got != person {
				t.Fatal("an ID that was read is not linked")
			}
		}
	})
}
