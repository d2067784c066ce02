package deid

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

// realHeader is a real file whose patient can be changed.
type realHeader struct {
	name string
	data []byte
}

func realHeaders(t *testing.T, each int) []realHeader {
	t.Helper()
	root := fixtures(t)
	var out []realHeader
	for _, pattern := range []string{"ct_lungfcp_0001/*/*", "ct_lungfcp_0001/*", "ct_acrin_flt_013/*", "ct_acrin_flt_013/*/*", "cip_ct64_dicom/*", "cip_ct64_dicom/*/*", "ts_cornerstone_ct/*", "ts_wg04_ct/*", "seg_dcmqi/*.dcm", "seg_dcmqi/*/*.dcm",
		"rtstruct_dicompyler/*", "odd_dicognito/*", "odd_pydicom_testfiles/*"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil || len(data) > 3<<20 {
				continue
			}
			if _, err := newDeidentifierOf("research").File(bytes.NewReader(data), into(&bytes.Buffer{})); err != nil {
				continue
			}
			out = append(out, realHeader{filepath.Base(path), data})
			if n++; n == each {
				break
			}
		}
	}
	return out
}

// with returns the file with other values in front of its pixel data.
func (h realHeader) with(t *testing.T, elements ...dicomio.Element) []byte {
	t.Helper()
	r, f, err := dicomio.NewReader(bytes.NewReader(h.data))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range elements {
		f.Dataset.Put(e)
	}
	out := f.AppendPixelHeader(f.AppendDataset(f.AppendMeta(nil), f.Dataset))
	if f.Syntax.Deflated {
		return nil
	}
	var pixels bytes.Buffer
	if err := r.CopyPixel(&pixels); err != nil {
		t.Fatal(err)
	}
	return append(out, pixels.Bytes()...)
}

// kept returns each element that has a value in a de-identified file, by path.
func kept(t *testing.T, data []byte) map[string]string {
	t.Helper()
	f, err := dicomio.ReadHeader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var walk func(d dicomio.Dataset, path string)
	walk = func(d dicomio.Dataset, path string) {
		for i := range d {
			at := path + d[i].Tag.String()
			if len(d[i].Value) > 0 {
				out[at] = string(d[i].Value)
			}
			for j := range d[i].Items {
				walk(d[i].Items[j].Dataset, at)
			}
		}
	}
	walk(f.Dataset, "")
	return out
}

// TestNamesLoseNoFile: no file of a patient with a usual name, in eight languages,
// or with one that is a word of scanners, is rejected; of what else stays, only
// values that hold the very name go.
func TestNamesLoseNoFile(t *testing.T) {
	headers := realHeaders(t, 1)
	set := dicomio.TextElement(tagCharset, "CS", "ISO_IR 192")
	runs := 0
	for _, h := range headers {
		neutral := h.with(t, set, dicomio.TextElement(tagPatientName, "PN", "Zzyzxqv^Qqxvwz"))
		if neutral == nil {
			continue
		}
		for _, profile := range []string{"research", "basic"} {
			d := newDeidentifierOf(profile)
			var out bytes.Buffer
			if _, err := d.File(bytes.NewReader(neutral), into(&out)); err != nil {
				continue
			}
			want := kept(t, out.Bytes())
			for n, line := range lines(t, "testdata/names.txt") {
				names := strings.Fields(line)
				for i, name := range names {
					if (i+len(h.data)+n)%9 != 0 && n < 10 {
						continue
					}
					runs++
					person := name + "^" + names[(i*7+3)%len(names)]
					out.Reset()
					_, err := d.File(bytes.NewReader(h.with(t, set, dicomio.TextElement(tagPatientName, "PN", person))), into(&out))
					var r *Rejection
					if errors.As(err, &r) {
						t.Errorf("%s, %s: patient %s: %v", h.name, profile, person, err)
						continue
					}
					got := kept(t, out.Bytes())
					for at, v := range want {
						if got[at] != v && !holdsOneOf(v, name, strings.Split(person, "^")[1]) {
							t.Errorf("%s, %s: patient %s: %s = %q, want %q", h.name, profile, person, at, got[at], v)
						}
					}
				}
			}
		}
	}
	t.Logf("%d patients in %d headers", runs, len(headers))
	if runs < 300 {
		t.Errorf("%d patients, want 300 and more", runs)
	}
}

// holdsOneOf reports whether one of the words of an identifier is a word of the value, which then may go.
func holdsOneOf(value string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(strings.ToLower(value), strings.ToLower(w)) {
			return true
		}
	}
	return false
}

// TestIDsLoseNoFile: IDs that other values of a file equal by chance.
func TestIDsLoseNoFile(t *testing.T) {
	for _, h := range realHeaders(t, 1) {
		f, err := dicomio.ReadHeader(bytes.NewReader(h.data))
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{"1", "0001", "7", "12", "100", "120", "512", "1024", "2020", "0", "00000000", "12345678", "999", "A", "-", "?", "CT", "CHEST", "PHANTOM", "HFS", "B31f", "ISO", "OB", "REMOVED", "ANONYMOUS", "NONE", "N/A", "1.2.840", "2.25.1", "1.5",
			"ORIGINAL", "SIEMENS", "CTCOHORT", "PATIENT", "UNKNOWN", "TEST", "19000101", "2.25", "DCM", "113100", "IMPLICIT"}
		for _, tag := range []dicomio.Tag{0x00200010, 0x00200011, 0x00200012, 0x00200013, 0x00081090, 0x00080070, 0x00080020, 0x00080030, 0x0020000D, 0x00181020, 0x00181210, 0x00280010, 0x00180050, 0x00180060, 0x00181151} {
			if v := f.Dataset.Text(tag); v != "" {
				ids = append(ids, v)
			} else if n := f.Dataset.Ints(tag); len(n) > 0 {
				continue
			}
		}
		for _, id := range ids {
			for _, profile := range []string{"research", "basic"} {
				file := h.with(t, dicomio.TextElement(tagPatientID, "LO", id), dicomio.TextElement(0x00200010, "SH", id))
				if file == nil {
					continue
				}
				var out bytes.Buffer
				if _, err := newDeidentifierOf(profile).File(bytes.NewReader(file), into(&out)); err != nil {
					t.Errorf("%s, %s: patient ID %q: %v", h.name, profile, id, err)
					continue
				}
				got := kept(t, out.Bytes())
				file = h.with(t, dicomio.TextElement(tagPatientID, "LO", "Qqxvwz"), dicomio.TextElement(0x00200010, "SH", ""))
				out.Reset()
				if _, err := newDeidentifierOf(profile).File(bytes.NewReader(file), into(&out)); err != nil {
					continue
				}
				for at, v := range kept(t, out.Bytes()) {
					if e, _ := dicomio.Lookup(tagOf(at)); len(e.VRs) > 0 && (e.VRs[0] == "DA" || e.VRs[0] == "DT") {
						continue
					}
					if got[at] != v && at != tagPatientID.String() && at != tagPatientName.String() && !strings.EqualFold(trimmed(v), id) && !strings.Contains(v, "B31f") {
						t.Errorf("%s, %s: patient ID %q: %s = %q, want %q", h.name, profile, id, at, got[at], v)
					}
				}
			}
		}
	}
}

// tagOf returns the last tag of a path.
func tagOf(path string) dicomio.Tag {
	var group, element dicomio.Tag
	if _, err := fmt.Sscanf(path[len(path)-11:], "(%04X,%04X)", &group, &element); err != nil {
		panic(err)
	}
	return group<<16 | element
}
