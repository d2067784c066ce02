package deid

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

func coded(t dicomio.Tag, scheme, value, meaning string) dicomio.Element {
	return dicomio.NewSequence(t, dicomio.Dataset{dicomio.TextElement(tagCodeValue, "SH", value), dicomio.TextElement(tagCodingScheme, "SH", scheme), dicomio.TextElement(tagCodeMeaning, "LO", meaning)})
}

// contentOf returns a content item; the elements are its value.
func contentOf(relation, valueType string, name dicomio.Element, value ...dicomio.Element) dicomio.Dataset {
	d := dicomio.Dataset{dicomio.TextElement(0x0040A010, "CS", relation), dicomio.TextElement(tagValueType, "CS", valueType), name}
	for _, e := range value {
		d.Put(e)
	}
	return d
}

func measured(value, unit string) dicomio.Element {
	return dicomio.NewSequence(tagMeasuredValue, dicomio.Dataset{coded(tagMeasurementUnits, "UCUM", unit, "unit"), dicomio.TextElement(tagNumericValue, "DS", value)})
}

// object returns a file of the storage class: the CT file's header, without pixels, and extra.
func objectFile(class string, extra ...dicomio.Element) []byte {
	c := ctFile{extra: append(dicomio.Dataset{dicomio.TextElement(tagSOPClassUID, "UI", sopClassRoot+class)}, extra...)}
	var f dicomio.File
	f.SetMeta(dicomio.Dataset{dicomio.TextElement(0x00020002, "UI", sopClassRoot+class), dicomio.TextElement(dicomio.TagTransferSyntaxUID, "UI", dicomio.ExplicitLittleEndian)})
	return f.AppendDataset(f.AppendMeta(nil), c.dataset())
}

// TestContent: each kind of content item, under the profiles.
func TestContent(t *testing.T) {
	finding := coded(tagConceptName, "DCM", "121071", "Finding")
	concept := func(value string) dicomio.Element { return coded(tagConceptName, "DCM", value, "Name") }
	text := func(s string) dicomio.Element { return dicomio.TextElement(tagTextValue, "UT", s) }
	at := func(t dicomio.Tag) func(dicomio.Dataset) string {
		return func(d dicomio.Dataset) string { return d.Text(t) }
	}
	code := func(of dicomio.Tag) func(dicomio.Dataset) string {
		return func(d dicomio.Dataset) string {
			items := d.Items(of)
			return items[0].Text(tagCodingScheme) + " " + items[0].Text(tagCodeValue) + " " + items[0].Text(tagCodeMeaning)
		}
	}
	number := func(d dicomio.Dataset) string {
		items := d.Items(tagMeasuredValue)
		if len(items) == 0 {
			return "empty"
		}
		return items[0].Text(tagNumericValue) + " " + items[0].Items(tagMeasurementUnits)[0].Text(tagCodeValue)
	}
	const unknown = "SCT 261665006 Unknown"
	for _, c := range []struct {
		name            string
		item            dicomio.Dataset
		get             func(dicomio.Dataset) string
		research, basic string
		reason          string
	}{
		{"text", contentOf("CONTAINS", "TEXT", finding, text("Nodule in the right upper lobe of Musterfrau, seen by Dr Small")), at(tagTextValue), "Nodule in the right upper lobe", "Nodule in the right upper lobe", "word by word"},
		{"text of names", contentOf("CONTAINS", "TEXT", finding, text("Musterfrau Erika")), at(tagTextValue), "REMOVED", "REMOVED", "an item without a value is invalid"},
		{"concept name", contentOf("CONTAINS", "TEXT", finding, text("nodule")), code(tagConceptName), "DCM 121071 Finding", "DCM 121071 Finding", "standard"},
		{"local concept name", contentOf("CONTAINS", "TEXT", coded(tagConceptName, "99KLINIK", "MUSTER-1", "Befund"), text("nodule")), code(tagConceptName), unknown, unknown, "a local code may be anything"},
		{"a meaning with a name", contentOf("CONTAINS", "TEXT", coded(tagConceptName, "DCM", "121071", "Finding of Musterfrau"), text("nodule")), code(tagConceptName), "DCM 121071 Finding", "DCM 121071 Finding", "is cleaned like text"},
		{"code", contentOf("CONTAINS", "CODE", finding, coded(tagConceptCode, "SCT", "39607008", "Lung structure")), code(tagConceptCode), "SCT 39607008 Lung structure", "SCT 39607008 Lung structure", ""},
		{"an ID as a code", contentOf("CONTAINS", "CODE", finding, coded(tagConceptCode, "SCT", "MRN123456", "Lung")), code(tagConceptCode), unknown, unknown, "not of the scheme's form"},
		{"local code", contentOf("CONTAINS", "CODE", finding, coded(tagConceptCode, "99X", "17", "Lung")), code(tagConceptCode), unknown, unknown, ""},
		{"number", contentOf("CONTAINS", "NUM", finding, measured("12.5", "mm")), number, "12.5 mm", "12.5 mm", ""},
		{"local unit", contentOf("CONTAINS", "NUM", finding, dicomio.NewSequence(tagMeasuredValue, dicomio.Dataset{coded(tagMeasurementUnits, "99X", "Musterfrau", "unit"), dicomio.TextElement(tagNumericValue, "DS", "3")})), number, "3 261665006", "3 261665006", ""},
		{"person", contentOf("HAS OBS CONTEXT", "PNAME", concept("121008"), dicomio.TextElement(tagContentPersonName, "PN", "Small^Dora")), at(tagContentPersonName), "REMOVED", "REMOVED", "an observer's name is mandatory"},
		{"organization", contentOf("HAS OBS CONTEXT", "TEXT", concept("121009"), text("Chest Lung Scan")), at(tagTextValue), "REMOVED", "REMOVED", "as the institution's name, whatever its words"},
		{"device maker", contentOf("HAS OBS CONTEXT", "TEXT", concept("121014"), text("ACME Imaging 3000")), at(tagTextValue), "ACME Imaging 3000", "ACME Imaging 3000", "as Manufacturer"},
		{"device serial", contentOf("HAS OBS CONTEXT", "TEXT", concept("121016"), text("12")), at(tagTextValue), "REMOVED", "REMOVED", "as Device Serial Number"},
		{"subject's ID", contentOf("HAS OBS CONTEXT", "TEXT", concept("121030"), text("CT 7")), at(tagTextValue), "REMOVED", "REMOVED", "whatever it says"},
		{"birth date", contentOf("HAS OBS CONTEXT", "DATE", concept("121031"), dicomio.TextElement(tagContentDate, "DA", "19500312")), at(tagContentDate), "19000101", "19000101", "never moved, as the attribute"},
		{"sex", contentOf("HAS OBS CONTEXT", "CODE", concept("121032"), coded(tagConceptCode, "DCM", "F", "Female")), code(tagConceptCode), unknown, unknown, "F is no code of DCM's form"},
		{"sex in SNOMED", contentOf("HAS OBS CONTEXT", "CODE", concept("121032"), coded(tagConceptCode, "SCT", "248152002", "Female")), code(tagConceptCode), "SCT 248152002 Female", unknown, "a characteristic"},
		{"age", contentOf("HAS OBS CONTEXT", "NUM", concept("121033"), measured("69", "a")), number, "69 a", "empty", "a characteristic"},
		{"weight", contentOf("HAS OBS CONTEXT", "NUM", coded(tagConceptName, "LN", "29463-7", "Body weight"), measured("70", "kg")), number, "70 kg", "empty", "a characteristic"},
		{"spatial coordinates", contentOf("CONTAINS", "SCOORD", finding, dicomio.NewElement(0x00700022, "FL", bytes.Repeat([]byte{0, 0, 0x80, 0x3F}, 4)), dicomio.TextElement(0x00700023, "CS", "POLYLINE")), at(0x00700023), "POLYLINE", "POLYLINE", ""},
		{"reference", contentOf("CONTAINS", "IMAGE", finding, dicomio.NewSequence(0x00081199, dicomio.Dataset{dicomio.TextElement(0x00081150, "UI", sopClassRoot+"2"), dicomio.TextElement(0x00081155, "UI", "1.2.276.0.7230010.3.1.4.77.1")})),
			func(d dicomio.Dataset) string { return d.Items(0x00081199)[0].Text(0x00081155) }, "2.25.", "2.25.", "mapped"},
		{"UID", contentOf("CONTAINS", "UIDREF", finding, dicomio.TextElement(tagContentUID, "UI", "1.2.276.0.7230010.3.1.4.77.1")), at(tagContentUID), "2.25.", "2.25.", "mapped"},
		{"value type", contentOf("HAS OBS CONTEXT", "TEXT", finding, text("x")), at(tagValueType), "TEXT", "TEXT", "structure stays"},
	} {
		nested := contentOf("CONTAINS", "CONTAINER", finding, dicomio.NewSequence(tagContentSequence, c.item))
		file := objectFile("88.33", dicomio.TextElement(tagValueType, "CS", "CONTAINER"), coded(tagConceptName, "DCM", "126000", "Imaging Measurement Report"), dicomio.NewSequence(tagContentSequence, nested))
		for profile, want := range map[string]string{"research": c.research, "basic": c.basic} {
			f, out, _ := deidentify(t, withOptions(t, profile, cleanStructuredContent.Name), file)
			items := f.Dataset.Items(tagContentSequence)
			if len(items) != 1 || len(items[0].Items(tagContentSequence)) != 1 {
				t.Fatalf("%s: the tree lost a node", c.name)
			}
			got := c.get(items[0].Items(tagContentSequence)[0])
			if got != want && !(want == "2.25." && strings.HasPrefix(got, want)) {
				t.Errorf("%s, %s: %q, want %q %s", profile, c.name, got, want, c.reason)
			}
			for _, p := range []string{"musterfrau", "erika", "mrn123456", "small", "19500312"} {
				if bytes.Contains(bytes.ToLower(out), []byte(p)) {
					t.Errorf("%s, %s: the output holds %q", profile, c.name, p)
				}
			}
		}
	}
}

// TestContentDates: dates of content follow the option for dates, and ages the bound.
func TestContentDates(t *testing.T) {
	observed := contentOf("CONTAINS", "DATETIME", coded(tagConceptName, "DCM", "111526", "DateTime Started"), dicomio.TextElement(tagContentDateTime, "DT", "20200309101112"))
	age := contentOf("HAS OBS CONTEXT", "NUM", coded(tagConceptName, "DCM", "121033", "Subject Age"), measured("93", "a"))
	file := objectFile("88.22", dicomio.TextElement(tagValueType, "CS", "CONTAINER"), dicomio.NewSequence(tagContentSequence, observed, age))
	for _, c := range []struct {
		profile string
		options []string
		want    string
	}{
		{"research", nil, "shifted"}, {"basic", nil, "19000101000000"}, {"basic", []string{fullDates.Name}, "20200309101112"},
	} {
		f, _, result := deidentify(t, withOptions(t, c.profile, append(c.options, cleanStructuredContent.Name)...), file)
		want := c.want
		if want == "shifted" {
			day, _ := parseDay("20200309")
			want = day.AddDate(0, 0, result.Origin.DateOffsetDays).Format(dicomDate) + "101112"
		}
		if got := f.Dataset.Items(tagContentSequence)[0].Text(tagContentDateTime); got != want {
			t.Errorf("%s %v: DateTime = %s, want %s", c.profile, c.options, got, want)
		}
	}
	d, err := New(Options{Profile: "research", Options: []string{cleanStructuredContent.Name}, Key: testKey, MaxAgeYears: 89})
	if err != nil {
		t.Fatal(err)
	}
	f, _, _ := deidentify(t, d, file)
	if items := f.Dataset.Items(tagContentSequence)[1].Items(tagMeasuredValue); len(items) != 0 {
		t.Error("an age of 93 years is left, with a bound of 89")
	}
}

// TestVerification: the flag of a report agrees with its observers, who become nobody.
func TestVerification(t *testing.T) {
	observer := dicomio.NewSequence(tagVerifyingObservers, dicomio.Dataset{
		dicomio.TextElement(0x0040A027, "LO", "Klinikum Musterstadt"), dicomio.TextElement(0x0040A030, "DT", "20200309101112"),
		dicomio.TextElement(0x0040A075, "PN", "Small^Dora"), coded(0x0040A088, "99KLINIK", "4711", "Small")})
	author := dicomio.NewSequence(0x0040A078, dicomio.Dataset{dicomio.TextElement(0x0040A123, "PN", "Small^Dora")})
	d := withOptions(t, "research", cleanStructuredContent.Name)
	f, _, _ := deidentify(t, d, objectFile("88.11", dicomio.TextElement(tagValueType, "CS", "CONTAINER"), dicomio.TextElement(tagVerificationFlag, "CS", "VERIFIED"), observer, author))
	if got := f.Dataset.Text(tagVerificationFlag); got != "VERIFIED" {
		t.Errorf("Verification Flag = %q with an observer, want VERIFIED", got)
	}
	who := f.Dataset.Items(tagVerifyingObservers)
	if len(who) != 1 || who[0].Text(0x0040A075) != "REMOVED" || who[0].Text(0x0040A027) != "REMOVED" || len(who[0].Items(0x0040A088)) != 0 {
		t.Errorf("the verifying observer is %v, want one that is nobody", who)
	}
	if _, ok := f.Dataset.Find(0x0040A078); ok {
		t.Error("an author is left")
	}
	f, _, _ = deidentify(t, d, objectFile("88.11", dicomio.TextElement(tagValueType, "CS", "CONTAINER"), dicomio.TextElement(tagVerificationFlag, "CS", "VERIFIED")))
	if got := f.Dataset.Text(tagVerificationFlag); got != "UNVERIFIED" {
		t.Errorf("Verification Flag = %q without an observer, want UNVERIFIED", got)
	}
}

// TestReportNeedsOption: without the option a report is rejected, and told how not to be.
func TestReportNeedsOption(t *testing.T) {
	for _, class := range []string{"88.11", "88.59"} {
		_, err := newDeidentifier(t, "research").File(bytes.NewReader(objectFile(class)), into(&bytes.Buffer{}))
		var r *Rejection
		if !errors.As(err, &r) || r.Code != UnsupportedIOD || !strings.Contains(r.Detail, cleanStructuredContent.Name) {
			t.Errorf("class %s: File() = %v, want unsupported_iod that names the option", class, err)
		}
	}
}

func TestStandardCode(t *testing.T) {
	for _, c := range []struct {
		scheme, value string
		want          bool
	}{
		{"DCM", "121071", true}, {"DCM", "CT", true}, {"DCM", "SMITH", false}, {"SCT", "39607008", true}, {"SCT", "Smith", false},
		{"SRT", "T-28000", true}, {"SRT", "R-FA123", true}, {"LN", "29463-7", true}, {"99KLINIK", "1", false}, {"", "1", false}, {"RFC5646", "en-US", true},
		{"UCUM", "mm", true}, {"UCUM", "mm2", true}, {"UCUM", "[hnsf'U]", true}, {"UCUM", "10*-3/mm2/s", true}, {"UCUM", "g/ml{SUVbw}", true}, {"UCUM", "{SUVbw}g/ml", true},
		{"UCUM", "1", true}, {"UCUM", "/min", true}, {"UCUM", "{Musterfrau}", false}, {"UCUM", "Musterfrau", false}, {"UCUM", "19500312", false}, {"UCUM", "{beats}/min", true}, {"UCUM", "", false},
	} {
		if got := standardCode(c.scheme, c.value); got != c.want {
			t.Errorf("standardCode(%q, %q) = %t, want %t", c.scheme, c.value, got, c.want)
		}
	}
}
