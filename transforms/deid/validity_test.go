package deid

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

// TestUsable: what an image cannot be used without is named; what is only odd passes.
func TestUsable(t *testing.T) {
	us := func(t dicomio.Tag, n uint16) dicomio.Element { return dicomio.NewElement(t, "US", numbers(n)) }
	for _, c := range []struct {
		name         string
		file         ctFile
		code, detail string // "" passes
	}{
		{"whole", ctFile{}, "", ""},
		{"no rows", ctFile{without: []dicomio.Tag{0x00280010}}, InvalidIOD, "Rows"},
		{"no columns", ctFile{extra: dicomio.Dataset{us(0x00280011, 0)}}, InvalidIOD, "Columns"},
		{"no bits allocated", ctFile{without: []dicomio.Tag{0x00280100}}, InvalidIOD, "BitsAllocated"},
		{"odd bits", ctFile{extra: dicomio.Dataset{us(0x00280100, 13)}}, InvalidIOD, "BitsAllocated"},
		{"no sign", ctFile{without: []dicomio.Tag{0x00280103}}, InvalidIOD, "PixelRepresentation"},
		{"no samples", ctFile{without: []dicomio.Tag{0x00280002}}, "", ""},
		{"no photometry", ctFile{without: []dicomio.Tag{0x00280004}}, "", ""},
		{"no image type", ctFile{without: []dicomio.Tag{0x00080008}}, "", ""},
		{"no position", ctFile{without: []dicomio.Tag{0x00200032}}, "", ""},
		{"more rows than pixels", ctFile{extra: dicomio.Dataset{us(0x00280010, 5)}}, dicomio.Truncated, "PixelData"},
		{"more frames than pixels", ctFile{extra: dicomio.Dataset{dicomio.TextElement(0x00280008, "IS", "2")}}, dicomio.Truncated, "PixelData"},
		{"a count of frames that overflows", ctFile{extra: dicomio.Dataset{dicomio.TextElement(0x00280008, "IS", "9223372036854775807")}}, dicomio.Truncated, "PixelData"},
		{"a row more than Rows", ctFile{extra: dicomio.Dataset{us(0x00280010, 3)}}, BurnedInRisk, "behind its last frame"},
	} {
		c.file.rows, c.file.columns = 4, 4
		_, err := newDeidentifier(t, "research").File(bytes.NewReader(c.file.encode()), into(&bytes.Buffer{}))
		var r *Rejection
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: File() = %v, want nil", c.name, err)
		case c.code != "" && (!errors.As(err, &r) || r.Code != c.code || !strings.Contains(r.Detail, c.detail)):
			t.Errorf("%s: File() = %v, want %s of %s", c.name, err, c.code, c.detail)
		}
	}
}

// TestClasses: what is no image passes without pixels; what is not processed is named.
func TestClasses(t *testing.T) {
	for _, c := range []struct{ class, want string }{
		{"481.5", ""}, {"66.1", ""}, {"66.3", ""}, {"67", ""}, {"11.1", ""}, {"481.2", ""},
		{"2", "invalid_iod: an image without PixelData"}, {"66.4", "invalid_iod: an image without PixelData"},
		{"9.1.1", "unsupported_iod: an object of class " + sopClassRoot + "9.1.1, which is not processed"},
	} {
		_, err := newDeidentifier(t, "research").File(bytes.NewReader(objectFile(c.class)), into(&bytes.Buffer{}))
		if got := message(err); got != c.want {
			t.Errorf("class %s: %q, want %q", c.class, got, c.want)
		}
	}
	private := objectFile("2", dicomio.TextElement(tagSOPClassUID, "UI", "1.3.12.2.1107.5.9.1"))
	_, err := newDeidentifier(t, "research").File(bytes.NewReader(private), into(&bytes.Buffer{}))
	if got, want := message(err), "unsupported_iod: an object of a private class"; got != want {
		t.Errorf("a private class: %q, want %q", got, want)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestTypes: types of attributes, as PS3.3 states them in the tables named.
func TestTypes(t *testing.T) {
	for _, c := range []struct {
		class       string
		tag, parent dicomio.Tag
		want        iodType
		table       string
	}{
		{"2", 0x00080020, 0, 2, "C.7-3: Study Date"},
		{"2", 0x00080023, 0, 2, "C.7-9: Content Date, 2C"},
		{"2", 0x00081030, 0, 3, "C.7-3: Study Description"},
		{"2", 0x00180060, 0, 2, "C.8-3: KVP"},
		{"2.1", 0x00080023, 0, 1, "C.7.6.16-1: Content Date"},
		{"2.1", 0x00181000, 0, 1, "C.7-8b: Device Serial Number"},
		{"2", 0x00181000, 0, 3, "C.7-8: Device Serial Number"},
		{"66.4", 0x00181020, 0, 1, "C.7-8b: Software Versions"},
		{"66.4", 0x00620005, 0x00620002, 1, "C.8.20-4: Segment Label"},
		{"481.3", 0x30060002, 0, 1, "C.8-41: Structure Set Label"},
		{"481.3", 0x30060026, 0x30060020, 2, "C.8-41: ROI Name"},
		{"481.5", 0x300A0002, 0, 1, "C.8-47: RT Plan Label"},
		{"481.5", 0x300A00B2, 0x300A00B0, 2, "C.8-50: Treatment Machine Name"},
		{"2.1", 0x00189074, 0x00209111, 1, "C.7.6.16-3: Frame Acquisition DateTime, 1C"},
		{"88.11", 0x0040A075, 0x0040A073, 1, "C.17-2: Verifying Observer Name"},
		{"88.11", 0x0040A088, 0x0040A073, 2, "C.17-2: Verifying Observer Identification Code Sequence"},
		{"88.11", 0x0040A160, 0x0040A730, 1, "C.18.3-1: Text Value, 1C"},
		{"11.1", 0x00700082, 0, 1, "C.11.10-1: Presentation Creation Date"},
		{"11.1", 0x00700006, 0x00700008, 1, "C.10-5: Unformatted Text Value"},
		{"2", 0x00080104, 0x00082218, 1, "8.8-1a: Code Meaning"},
		{"2", 0x00100010, 0x00081140, 3, "no name in a reference"},
	} {
		if got := iodOf(sopClassRoot+c.class).typeOf(c.tag, c.parent); got != c.want {
			t.Errorf("class %s: type of %v in %v = %d, want %d (%s)", c.class, c.tag, c.parent, got, c.want, c.table)
		}
	}
}
