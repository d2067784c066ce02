package deid

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"

	"ctcohort/io/dicomio"
)

// planted are the identifiers in ctFile, with spellings that may not come through either.
var planted = []string{"musterfrau", "erika", "mrn123456", "acc55512", "wei\xdfkopf", "19500312", "20200309", "1.2.276.0.7230010", "musterstadt", "hospitalae"}

func TestFileLeavesNoIdentifier(t *testing.T) {
	nested := dicomio.NewSequence(0x00081032, dicomio.Dataset{
		dicomio.TextElement(0x00080100, "SH", "CTCH"), dicomio.TextElement(0x00080102, "SH", "99X"), dicomio.TextElement(0x00080104, "LO", "CT chest Musterfrau"),
		dicomio.TextElement(0x00100010, "PN", "Musterfrau^Nested"), dicomio.TextElement(0x00091001, "LO", "Musterfrau private"),
	})
	file := ctFile{rows: 8, columns: 8,
		extra:   dicomio.Dataset{nested, dicomio.TextElement(0x00090010, "LO", "ACME"), dicomio.TextElement(0x00091001, "LO", "Erika"), dicomio.TextElement(0x60003000, "OW", "Musterfrau")},
		trailer: dicomio.Dataset{dicomio.TextElement(0xFFFCFFFC, "OB", "Erika Musterfrau")}}
	for _, profile := range []string{"research", "basic"} {
		f, out, result := deidentify(t, newDeidentifier(t, profile), file.encode())
		low := bytes.ToLower(out)
		for _, p := range planted {
			if bytes.Contains(low, []byte(p)) {
				t.Errorf("%s: output holds %q", profile, p)
			}
		}
		if _, ok := f.Dataset.Find(0x00091001); ok {
			t.Errorf("%s: a private element is left", profile)
		}
		digest := xxh3.Hash128(file.pixels()).Bytes()
		if want := hex.EncodeToString(digest[:]); result.PixelBefore != want || result.PixelAfter != want {
			t.Errorf("%s: PixelBefore, PixelAfter = %s, %s, want %s", profile, result.PixelBefore, result.PixelAfter, want)
		}
		if !bytes.HasSuffix(out, file.pixels()) {
			t.Errorf("%s: the output does not end with the input's pixels", profile)
		}
	}
}

func TestFileValues(t *testing.T) {
	for _, c := range []struct {
		tag             dicomio.Tag
		research, basic string
		reason          string
	}{
		{0x00100040, "F", "", "patient characteristics are retained by research"},
		{0x00101010, "069Y", "", ""},
		{0x00100030, "", "", "the birth date is no longitudinal date"},
		{0x00080030, "101112", "", "times stay, for dates move by whole days"},
		{0x00081030, "Thorax nativ", "", "the name in it goes"},
		{0x0008103E, "Lung 1.25mm B70f", "", "nothing has to go"},
		{0x00080070, "SIEMENS", "SIEMENS", "a make is on the list"},
		{0x00181210, "B70f", "B70f", ""},
		{0x00200032, "-160", "-160", "geometry stays"},
		{0x00080050, "", "", ""},
		{0x00120062, "YES", "YES", ""},
		{0x00280303, "MODIFIED", "REMOVED", ""},
	} {
		for profile, want := range map[string]string{"research": c.research, "basic": c.basic} {
			f, _, _ := deidentify(t, newDeidentifier(t, profile), ctFile{rows: 4, columns: 4}.encode())
			if got := f.Dataset.Text(c.tag); got != want {
				t.Errorf("%s: %v = %q, want %q %s", profile, c.tag, got, want, c.reason)
			}
		}
	}
}

func TestFileRepeats(t *testing.T) {
	file := ctFile{rows: 4, columns: 4}.encode()
	_, one, first := deidentify(t, newDeidentifier(t, "research"), file)
	_, two, _ := deidentify(t, newDeidentifier(t, "research"), file)
	if !bytes.Equal(one, two) {
		t.Error("two runs with one key differ")
	}
	other, err := New(Options{Profile: "research", Key: testKey, Site: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	_, _, second := deidentify(t, other, file)
	if first.PatientID == second.PatientID {
		t.Error("the same ID at two sites became one patient")
	}
	if first.SOPUID != second.SOPUID {
		t.Error("a UID became two UIDs: references across sites would break")
	}
}

func TestRejections(t *testing.T) {
	with := func(elements ...dicomio.Element) []byte { return ctFile{rows: 4, columns: 4, extra: elements}.encode() }
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"text", []byte("patient list\nMusterfrau\n" + strings.Repeat("x", 300)), "not_dicom"},
		{"no patient", ctFile{rows: 4, columns: 4, without: []dicomio.Tag{tagPatientID}}.encode(), NoPatientID},
		{"a patient ID in an unknown character set", with(dicomio.TextElement(tagCharset, "CS", "ISO_IR 999"), dicomio.TextElement(tagPatientID, "LO", "M\xfcller7")), UnknownCharset},
		{"blank patient", with(dicomio.TextElement(tagPatientID, "LO", "  ")), NoPatientID},
		{"no instance", ctFile{rows: 4, columns: 4, without: []dicomio.Tag{tagSOPInstanceUID}}.encode(), NoSOPInstanceUID},
		{"burned in", with(dicomio.TextElement(0x00280301, "CS", "YES")), BurnedInRisk},
		{"screen save", with(dicomio.TextElement(0x00080008, "CS", `DERIVED\SECONDARY\SCREEN SAVE`)), BurnedInRisk},
		{"secondary capture", with(dicomio.TextElement(tagSOPClassUID, "UI", sopClassRoot+"7")), BurnedInRisk},
		{"ultrasound", with(dicomio.TextElement(tagSOPClassUID, "UI", sopClassRoot+"6.1")), BurnedInRisk},
		{"document", with(dicomio.TextElement(tagSOPClassUID, "UI", sopClassRoot+"104.1")), BurnedInRisk},
		{"overlay in the pixels", with(dicomio.NewElement(0x60000102, "US", numbers(12))), BurnedInRisk},
		{"digitised film", with(dicomio.TextElement(0x00080064, "CS", "DF")), BurnedInRisk},
		{"8 bits of a workstation", with(dicomio.TextElement(0x00080064, "CS", "WSD"), dicomio.NewElement(0x00280100, "US", numbers(8))), BurnedInRisk},
		{"report", with(dicomio.TextElement(tagSOPClassUID, "UI", sopClassRoot+"88.11")), UnsupportedIOD},
		{"directory", with(dicomio.TextElement(tagSOPClassUID, "UI", "1.2.840.10008.1.3.10")), DICOMDIR},
		{"an ID among numbers that are kept", with(dicomio.TextElement(tagPatientID, "LO", "88112233"), dicomio.TextElement(0x00281050, "DS", strings.Repeat(`40\`, 100)+"88112233")), ResidualIdentifier},
	} {
		_, err := newDeidentifier(t, "research").File(bytes.NewReader(c.file), into(&bytes.Buffer{}))
		var r *Rejection
		if !errors.As(err, &r) || r.Code != c.want {
			t.Errorf("%s: File() = %v, want %s", c.name, err, c.want)
		}
		if err != nil && strings.Contains(strings.ToLower(err.Error()), "muster") {
			t.Errorf("%s: the error holds a name: %v", c.name, err)
		}
	}
}

// TestCutShort: a file cut anywhere is rejected, also between two elements.
func TestCutShort(t *testing.T) {
	file := ctFile{rows: 4, columns: 4}.encode()
	d := newDeidentifier(t, "research")
	for n := range len(file) {
		_, err := d.File(bytes.NewReader(file[:n]), into(&bytes.Buffer{}))
		var r *Rejection
		if !errors.As(err, &r) {
			t.Fatalf("File(first %d of %d bytes) = %v, want a Rejection", n, len(file), err)
		}
	}
}

// TestNoFalseAlarm: identifiers that other values hold by chance do not cost the patient.
func TestNoFalseAlarm(t *testing.T) {
	for _, c := range []struct{ name, id, birth, reason string }{
		{"Chest^Lung", "P-1", "19500312", "words of the vocabulary"},
		{"Mens^Axia", "77", "19500312", "parts of SIEMENS and AXIAL"},
		{"Li^Bo", "1", "19500312", "two letters, one digit"},
		{"Dina^Tion", "1024", "19500312", "parts of Longitudinal and Option; the rescale intercept"},
		{"Ng^OB^US", "120", "19000101", "VRs; the dummy date"},
		{"Siemens^Anna", "000007", "20200309", "the maker; born on the day of the study"},
		{"", "1.25", "", "the slice thickness"},
		{"", "1.2.840", "", "the start of registered UIDs"},
	} {
		file := ctFile{rows: 4, columns: 4, extra: dicomio.Dataset{dicomio.TextElement(tagPatientName, "PN", c.name), dicomio.TextElement(tagPatientID, "LO", c.id), dicomio.TextElement(0x00100030, "DA", c.birth)}}
		for _, profile := range []string{"research", "basic"} {
			var out bytes.Buffer
			if _, err := newDeidentifier(t, profile).File(bytes.NewReader(file.encode()), into(&out)); err != nil {
				t.Errorf("%s: File(name %q, ID %q, born %s) = %v, want nil: %s", profile, c.name, c.id, c.birth, err, c.reason)
				continue
			}
			f, err := dicomio.ReadHeader(&out)
			if err != nil {
				t.Fatal(err)
			}
			for tag, want := range map[dicomio.Tag]string{0x00080070: "SIEMENS", 0x00080008: "ORIGINAL", 0x00180050: "1.25", 0x00180060: "120", 0x00281052: "-1024"} {
				if got := f.Dataset.Text(tag); got != want {
					t.Errorf("%s: with name %q, ID %q: %v = %q, want %q: %s", profile, c.name, c.id, tag, got, want, c.reason)
				}
			}
		}
	}
}

// TestSearchFinds: what survives the rules by whatever fault is found in the written bytes.
func TestSearchFinds(t *testing.T) {
	d := dicomio.Dataset{dicomio.TextElement(tagCharset, "CS", `\ISO 2022 IR 87`), dicomio.TextElement(tagPatientName, "PN", "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
		dicomio.TextElement(tagPatientID, "LO", "MRN-778899"), dicomio.TextElement(0x00080020, "DA", "20200309"), dicomio.TextElement(tagStudyInstanceUID, "UI", "1.2.276.0.77.5")}
	ids := newIdentifiers()
	ids.gather(d, nil)
	ids.prepare()
	for _, c := range []struct {
		written string
		want    string
	}{
		{"LO\x08\x00YAMADA  ", "name or ID"}, {"xxyamadaxx", "name or ID"}, {"y\x00a\x00m\x00a\x00d\x00a\x00", "name or ID"},
		{"\x1b$B;3ED\x1b(B", "name or ID"}, {"山田", "name or ID"}, {"\xbb\xb3\xc5\xc4", "name or ID"}, // EUC-JP
		{"mrn-778899", "name or ID"}, {"\x00778899\x00", ""}, // six digits alone are among measures
		{"DA\x08\x0020200309", "date"}, {"20200309101112.5", "date"}, {"2.25.20200309", ""}, {"120200309", ""}, {"2020-03-09", "name or ID"},
		{"UI\x0e\x001.2.276.0.77.5", "UID"}, {"1.2.276.0.77.51", ""}, {"nothing here", ""},
	} {
		if got := ids.residual([]byte(c.written), "0123456789abcdef"); got != c.want {
			t.Errorf("residual(%q) = %q, want %q", c.written, got, c.want)
		}
	}
	long := append(bytes.Repeat([]byte{0}, windowBytes-3), "Yamada"...)
	if got := ids.residual(long, "0123456789abcdef"); got == "" {
		t.Error("a name across two windows is not found")
	}
}

// TestSegmentationFits: after both are de-identified, a segmentation still refers to its images.
func TestSegmentationFits(t *testing.T) {
	root := filepath.Join(fixtures(t), "seg_dcmqi")
	d := newDeidentifier(t, "research")
	series, instances := map[string]bool{}, map[string]bool{}
	var labels []*dicomio.File
	var referenced []Result
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		result, err := d.File(bytes.NewReader(data), into(&out))
		var r *Rejection
		if errors.As(err, &r) && r.Code == "not_dicom" {
			return nil
		}
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			return nil
		}
		if result.Modality == "CT" {
			series[result.SeriesUID], instances[result.SOPUID] = true, true
		} else if base := filepath.Base(path); base == "liver.dcm" || base == "partial_overlaps.dcm" {
			f, err := dicomio.ReadHeader(bytes.NewReader(out.Bytes()))
			if err != nil {
				return err
			}
			labels, referenced = append(labels, f), append(referenced, result)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(labels) != 2 || len(series) != 1 {
		t.Fatalf("%d segmentations of %d series, want 2 of 1", len(labels), len(series))
	}
	for i, f := range labels {
		if len(referenced[i].ReferencedSeriesUIDs) != 1 || !series[referenced[i].ReferencedSeriesUIDs[0]] {
			t.Errorf("ReferencedSeriesUIDs is not the series of the images")
		}
		for _, s := range f.Dataset.Items(0x00620002) {
			if s.Text(0x00620005) == "" || len(s.Ints(0x00620004)) != 1 {
				t.Error("a segment lost its label or number")
			}
		}
		frames := f.Dataset.Items(0x52009230)
		if len(frames) == 0 {
			t.Error("no per-frame functional groups")
		}
		for _, frame := range frames {
			if p := frame.Items(0x00209113); len(p) != 1 || len(p[0].Floats(0x00200032)) != 3 {
				t.Error("a frame lost its position")
			}
			for _, source := range frame.Items(0x00089124) {
				for _, image := range source.Items(0x00082112) {
					if !instances[image.Text(0x00081155)] {
						t.Error("a frame refers to an image that is not there")
					}
				}
			}
		}
	}
}

// TestPixelDigest: values by Python's xxhash.xxh3_128_hexdigest.
func TestPixelDigest(t *testing.T) {
	ramp := make([]byte, 2048)
	for i := range ramp {
		ramp[i] = byte(i)
	}
	for _, c := range []struct {
		pixels []byte
		want   string
	}{{nil, "99aa06d3014798d86001c324468d497f"}, {ramp, "df73e0768dd183fadd420471ff96bd00"}} {
		h := xxh3.New()
		h.Write(c.pixels)
		if got := sum(h); got != c.want {
			t.Errorf("sum of %d bytes = %s, want %s", len(c.pixels), got, c.want)
		}
	}
}

// residual searches written bytes.
func (ids *identifiers) residual(written []byte, pseudonym string) string {
	return ids.find(pseudonym, func(to io.Writer) { to.Write(written) })
}
