package deid

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

func withOptions(t testing.TB, profile string, options ...string) *Deidentifier {
	t.Helper()
	d, err := New(Options{Profile: profile, Options: options, Key: testKey, Site: "site"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sample returns a value of the VR that is well formed and identifies nobody; n
// keeps dates and UIDs of different attributes apart.
func sample(vr string, n int) dicomio.Element {
	text := map[string]string{
		"AE": "STORE", "AS": "055Y", "CS": "CODE_A", "DA": fmt.Sprintf("2011%02d%02d", 1+n%12, 1+n%28), "DS": "12.5", "DT": fmt.Sprintf("2012%02d%02d101112.5+0100", 1+n%12, 1+n%28),
		"IS": "12", "LO": "chest Unit", "LT": "Unit 7\r\nchest", "SH": "Unit 7", "ST": "Unit 7", "TM": "101112.5", "UC": "Unit 7", "UI": fmt.Sprintf("1.2.276.0.7230010.8.%d", n), "UT": "Unit 7",
	}[vr]
	switch vr {
	case "SQ":
		return dicomio.NewSequence(0, dicomio.Dataset{dicomio.TextElement(0x00080100, "SH", "L7"), dicomio.TextElement(0x00080102, "SH", "99LOCAL"), dicomio.TextElement(0x00080104, "LO", "Room Seven")})
	case "US":
		return dicomio.NewElement(0, vr, numbers(1))
	case "UI":
		return dicomio.TextElement(0, vr, text)
	}
	return dicomio.NewElement(0, vr, pad([]byte(text), ' '))
}

// encoded returns an element as it is written, so that two can be compared.
func encoded(e *dicomio.Element) string {
	var f dicomio.File
	return string(f.AppendDataset(nil, dicomio.Dataset{*e}))
}

// TestOptionsKeepTheirs: each option keeps (K) or cleans (C) each attribute of its
// column, at the top and within an item, and changes nothing else of a file.
func TestOptionsKeepTheirs(t *testing.T) {
	const carrier dicomio.Tag = 0x00081032 // Procedure Code Sequence stays in every profile
	title := regexp.MustCompile(`^AE[0-9A-F]{12}$`)
	for _, o := range []Option{fullDates, modifiedDates, retainUIDs, retainDevice, retainInstitution, retainCharacteristics} {
		checked := 0
		for n, a := range table {
			want := o.action(a)
			entry, known := dicomio.Lookup(a.Tag)
			if want == "" || !known || a.Tag.Group() <= 2 || a.Tag == tagSOPInstanceUID || a.Tag == 0x00080020 {
				continue
			}
			vr := entry.VRs[0]
			e := sample(vr, n)
			e.Tag = a.Tag
			if a.Tag == 0x00080201 {
				e = dicomio.TextElement(a.Tag, vr, "+0100")
			}
			if value := map[dicomio.Tag]string{0x00100040: "F", 0x001021A0: "NO", 0x00102160: "GROUP 2", 0x00102203: "ALTERED"}[a.Tag]; value != "" {
				e = dicomio.TextElement(a.Tag, vr, value)
			}
			before := encoded(&e)
			file := ctFile{rows: 4, columns: 4, extra: dicomio.Dataset{e, dicomio.NewSequence(carrier, dicomio.Dataset{e})}}.encode()
			d := withOptions(t, "basic", o.Name)
			f, _, result := deidentify(t, d, file)
			plain, _, _ := deidentify(t, newDeidentifier(t, "basic"), file)
			items, _ := f.Dataset.Find(carrier)
			for place, ds := range map[string]dicomio.Dataset{"at the top": f.Dataset, "in an item": items.Items[0].Dataset} {
				got, ok := ds.Find(a.Tag)
				if vr == "OB" { // two timestamps, whose bytes cannot be checked
					if ok && strings.Contains(encoded(got), before) {
						t.Errorf("%s: %v %s stays", o.Name, a.Tag, place)
					}
					continue
				}
				if !ok {
					t.Errorf("%s: %v %s went, want %s", o.Name, a.Tag, place, want)
					continue
				}
				checked++
				text := ds.Text(a.Tag)
				switch {
				case want == "K" && vr == "SQ" && (o.Code == retainUIDs.Code || got.Items[0].Dataset.Text(0x00080104) == "Room Seven"):
				case want == "K" && vr != "SQ" && encoded(got) == before:
				case want == "C" && vr == "AE" && title.MatchString(text):
				case want == "C" && vr == "LO" && text == "chest": // a word that describes no scan went
				case want == "C" && (vr == "TM" || vr == "SH") && encoded(got) == before:
				case want == "C" && (vr == "DA" || vr == "DT"):
					if moved, _ := shiftDates(string(e.Value), vr, result.Origin.DateOffsetDays); text != strings.TrimSpace(moved) {
						t.Errorf("%s: %v %s = %q, want %q", o.Name, a.Tag, place, text, moved)
					}
				default:
					t.Errorf("%s: %v (%s) %s = %q, want %s of %q", o.Name, a.Tag, vr, place, text, want, before)
				}
			}
			if o.Code == retainDevice.Code || o.Code == retainInstitution.Code {
				sameBut(t, o.Name, a.Tag, carrier, o, f.Dataset, plain.Dataset)
			}
		}
		if checked < 18 {
			t.Errorf("%s: %d attributes checked", o.Name, checked)
		}
		t.Logf("%s: %d checked", o.Name, checked)
	}
}

// sameBut reports where a differs from b but for attributes of the option, the
// sequence that carries one, and the marks.
func sameBut(t *testing.T, name string, of, carrier dicomio.Tag, o Option, a, b dicomio.Dataset) {
	t.Helper()
	ofOption := map[dicomio.Tag]bool{}
	for _, row := range table {
		ofOption[row.Tag] = o.action(row) != ""
	}
	for i := range a {
		tag := a[i].Tag
		if ofOption[tag] || tag == carrier || ownMarks[tag] {
			continue
		}
		other, ok := b.Find(tag)
		if !ok || !bytes.Equal([]byte(encoded(&a[i])), []byte(encoded(other))) {
			t.Errorf("%s with %v: %v differs from what basic alone gives", name, of, tag)
		}
	}
}

// TestRetainedButIdentifying: what an option keeps is still searched; the Basic
// Profile decides where it holds an identifier or has not the form of its VR.
func TestRetainedButIdentifying(t *testing.T) {
	lo := func(tag dicomio.Tag, text string) dicomio.Dataset {
		return dicomio.Dataset{dicomio.TextElement(tag, "LO", text)}
	}
	for _, c := range []struct {
		options string
		extra   dicomio.Dataset
		tag     dicomio.Tag
		want    string
		reason  string
	}{
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00081010, "SH", "CT4")}, 0x00081010, "CT4", ""},
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00081010, "SH", "MUSTERFRAU-CT")}, 0x00081010, "", "the patient's name in a station's"},
		{"retain_device_identity", lo(0x00181000, "SN-MRN123456"), 0x00181000, "", "the patient's ID in a serial number"},
		{"retain_device_identity", lo(0x00181000, "10\x1b34"), 0x00181000, "", "a control character"},
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00181200, "DA", "20200301")}, 0x00181200, "20200301", ""},
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00181200, "DA", "20200309")}, 0x00181200, "", "calibrated on the day of the study, which would tell it"},
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00181200, "DA", "20201301")}, 0x00181200, "", "no date"},
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00181002, "UI", "1.2.3.4")}, 0x00181002, "1.2.3.4", ""},
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00181002, "UI", "1.2.276.0.7230010.3.1.2.77")}, 0x00181002, "2.25.", "the study's UID as a device's: replaced like the study's"},
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00081010, "LO", "CT4")}, 0x00081010, "CT4", "text as text of another length"},
		{"retain_device_identity", dicomio.Dataset{dicomio.TextElement(0x00081010, "PN", "Schmidt")}, 0x00081010, "", "a person's name in place of a station's"},
		{"retain_institution_identity", nil, 0x00080080, "Klinikum Musterstadt", ""},
		{"retain_institution_identity", lo(0x00081040, "Praxis Wei\xdfkopf"), 0x00081040, "", "a physician's name"},
		{"retain_institution_identity", dicomio.Dataset{dicomio.TextElement(0x00101040, "LO", "Lange Str. 5, 12345 Musterstadt")}, 0x00080080, "Klinikum Musterstadt", "the patient lives in the town of the hospital"},
		{"retain_institution_identity", append(lo(0x00080081, "Lange Str. 5"), dicomio.TextElement(0x00101040, "LO", "Lange Str. 5, 12345 Musterstadt")), 0x00080080, "Klinikum Musterstadt", ""},
		{"retain_institution_identity", append(lo(0x00080080, "Musterfrau Musterstadt"), dicomio.TextElement(0x00101040, "LO", "Musterstadt"), dicomio.TextElement(0x00080081, "ST", "Musterstadt")), 0x00080080, "", "the patient's name in the hospital's"},
		{"retain_device_identity", append(lo(0x00181000, "Musterstadt 3"), dicomio.TextElement(0x00101040, "LO", "Musterstadt")), 0x00181000, "", "a serial number is no place, and holds a word of the address"},
		{"retain_uids", nil, tagStudyInstanceUID, "1.2.276.0.7230010.3.1.2.77", ""},
		{"retain_uids", nil, tagSOPInstanceUID, "1.2.276.0.7230010.3.1.4.77.1", ""},
		{"retain_uids", append(lo(tagPatientID, "4711081"), dicomio.TextElement(tagStudyInstanceUID, "UI", "1.2.276.4711081.5")), tagStudyInstanceUID, "2.25.", "the patient's ID as a component"},
		{"retain_uids", dicomio.Dataset{dicomio.TextElement(tagStudyInstanceUID, "UI", "../../etc")}, tagStudyInstanceUID, "2.25.", "no UID, and it becomes part of a path"},
		{"retain_full_dates", nil, 0x00080020, "20200309", ""},
		{"retain_full_dates", dicomio.Dataset{dicomio.TextElement(0x00080020, "DA", "20200309 Muster")}, 0x00080020, "", "not well formed"},
		{"retain_full_dates", dicomio.Dataset{dicomio.TextElement(0x00080030, "TM", "10:11 Erika")}, 0x00080030, "", "not well formed"},
		{"retain_full_dates", nil, 0x00100030, "", "no option keeps the birth date"},
		{"retain_full_dates", dicomio.Dataset{dicomio.TextElement(0x00100030, "DA", "20200309")}, 0x00080020, "20200309", "born on the day of the study, and yet the study's date is to be kept"},
		{"retain_full_dates", dicomio.Dataset{dicomio.TextElement(0x00080023, "DA", "19500312")}, 0x00080020, "20200309", "a date of the scan that is the birth date's is kept as a date of the scan"},
		{"retain_patient_characteristics", nil, 0x00101010, "069Y", ""},
		{"retain_patient_characteristics", nil, 0x00100040, "F", ""},
	} {
		d := withOptions(t, "basic", strings.Fields(c.options)...)
		f, out, _ := deidentify(t, d, ctFile{rows: 4, columns: 4, extra: c.extra}.encode())
		got := f.Dataset.Text(c.tag)
		if c.want == "2.25." && strings.HasPrefix(got, c.want) {
			got = c.want
		}
		if got != c.want {
			t.Errorf("%s: %v = %q, want %q: %s", c.options, c.tag, got, c.want, c.reason)
		}
		for _, identifier := range []string{"usterfrau", "MRN123456", "acc55512", "wei\xdfkopf"} {
			if bytes.Contains(bytes.ToLower(out), []byte(identifier)) {
				t.Errorf("%s: the output holds %s", c.options, identifier)
			}
		}
	}
}

// TestUIDFollowsTheOption: what lies outside a file, a label's name, keeps its UID when the files do.
func TestUIDFollowsTheOption(t *testing.T) {
	const series = "1.2.276.0.7230010.3.1.3.77"
	if got := withOptions(t, "basic", "retain_uids").UID(series); got != series {
		t.Errorf("UID(%s) = %s with retain_uids, want the same", series, got)
	}
	if got := withOptions(t, "basic", "retain_uids").UID("../label"); !strings.HasPrefix(got, "2.25.") {
		t.Errorf("UID(../label) = %s with retain_uids, want a new one", got)
	}
}

// TestTemporalMark: (0028,0303) follows the dates.
func TestTemporalMark(t *testing.T) {
	for _, c := range []struct{ profile, option, want string }{
		{"basic", "", "REMOVED"}, {"basic", "retain_modified_dates", "MODIFIED"}, {"basic", "retain_full_dates", "UNMODIFIED"}, {"research", "", "MODIFIED"}, {"research", "retain_full_dates", "UNMODIFIED"},
	} {
		d := withOptions(t, c.profile, strings.Fields(c.option)...)
		f, _, result := deidentify(t, d, ctFile{rows: 4, columns: 4}.encode())
		if got := f.Dataset.Text(tagTemporalModified); got != c.want {
			t.Errorf("%s with %q: Longitudinal Temporal Information Modified = %s, want %s", c.profile, c.option, got, c.want)
		}
		if moved := result.Origin.DateOffsetDays != 0; moved != (c.want == "MODIFIED") {
			t.Errorf("%s with %q: an offset of %d days is told", c.profile, c.option, result.Origin.DateOffsetDays)
		}
	}
}

// TestAgeFitsDates: an age that fits birth and study date before fits them after,
// for the age is told and the birth date in no case.
func TestAgeFitsDates(t *testing.T) {
	for _, options := range []string{"", "retain_full_dates", "retain_uids retain_device_identity retain_institution_identity retain_safe_private"} {
		f, _, _ := deidentify(t, withOptions(t, "research", strings.Fields(options)...), ctFile{rows: 4, columns: 4}.encode())
		if age, birth := f.Dataset.Text(0x00101010), f.Dataset.Text(0x00100030); age != "069Y" || birth != "" {
			t.Errorf("with %q: age %q, birth date %q; want 069Y and none", options, age, birth)
		}
	}
	d, err := New(Options{Profile: "research", Key: testKey, MaxAgeYears: 65})
	if err != nil {
		t.Fatal(err)
	}
	f, _, _ := deidentify(t, d, ctFile{rows: 4, columns: 4}.encode())
	if got := f.Dataset.Text(0x00101010); got != "066Y" {
		t.Errorf("an age of 69 with a bound of 65 = %s, want 066Y", got)
	}
	for _, bound := range []int{-1, MaxAgeYears + 1} {
		if _, err := New(Options{Profile: "research", Key: testKey, MaxAgeYears: bound}); err == nil {
			t.Errorf("New(MaxAgeYears: %d) = nil, want an error", bound)
		}
	}
}
