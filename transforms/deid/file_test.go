package deid

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ctcohort/io/dicomio"
)

var testKey = []byte("a key for tests only, 32 bytes..")

func newDeidentifier(t testing.TB, profile string) *Deidentifier {
	t.Helper()
	d, err := New(Options{Profile: profile, Key: testKey, Site: "site"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ctFile is a CT image for tests, in explicit VR little endian.
type ctFile struct {
	rows, columns int
	extra         dicomio.Dataset // put over the usual elements
	without       []dicomio.Tag
	trailer       dicomio.Dataset
}

func numbers(n ...uint16) []byte {
	var out []byte
	for _, v := range n {
		out = binary.LittleEndian.AppendUint16(out, v)
	}
	return out
}

// dataset returns the elements in front of pixel data.
func (c ctFile) dataset() dicomio.Dataset {
	var d dicomio.Dataset
	for _, e := range []struct {
		tag      dicomio.Tag
		vr, text string
	}{
		{0x00080005, "CS", "ISO_IR 100"}, {0x00080008, "CS", `ORIGINAL\PRIMARY\AXIAL`}, {0x00080016, "UI", sopClassRoot + "2"},
		{0x00080018, "UI", "1.2.276.0.7230010.3.1.4.77.1"}, {0x00080020, "DA", "20200309"}, {0x00080022, "DA", "20200309"}, {0x00080030, "TM", "101112"},
		{0x00080050, "SH", "ACC55512"}, {0x00080060, "CS", "CT"}, {0x00080070, "LO", "SIEMENS"}, {0x00080080, "LO", "Klinikum Musterstadt"},
		{0x00080090, "PN", "Weißkopf^Ärztin"}, {0x00081030, "LO", "Thorax nativ, Musterfrau"}, {0x0008103E, "LO", "Lung 1.25mm B70f"},
		{0x00100010, "PN", "Musterfrau^Erika"}, {0x00100020, "LO", "MRN123456"}, {0x00100030, "DA", "19500312"}, {0x00100040, "CS", "F"},
		{0x00101010, "AS", "069Y"}, {0x00180050, "DS", "1.25"}, {0x00180060, "DS", "120"}, {0x00181210, "SH", "B70f"},
		{0x0020000D, "UI", "1.2.276.0.7230010.3.1.2.77"}, {0x0020000E, "UI", "1.2.276.0.7230010.3.1.3.77"}, {0x00200010, "SH", "1"}, {0x00200013, "IS", "7"},
		{0x00200032, "DS", `-160\-160\-12.5`}, {0x00200037, "DS", `1\0\0\0\1\0`}, {0x00200052, "UI", "1.2.276.0.7230010.3.1.5.77"},
		{0x00280004, "CS", "MONOCHROME2"}, {0x00280030, "DS", `0.7\0.7`}, {0x00281052, "DS", "-1024"}, {0x00281053, "DS", "1"},
	} {
		text := []byte(e.text)
		if e.vr == "PN" || e.vr == "LO" {
			text, _ = charset{"ISO_IR 100"}.encode(e.text)
		}
		d.Put(dicomio.NewElement(e.tag, e.vr, pad(text, ' ')))
	}
	for tag, n := range map[dicomio.Tag]uint16{0x00280002: 1, 0x00280010: uint16(c.rows), 0x00280011: uint16(c.columns), 0x00280100: 16, 0x00280101: 16, 0x00280102: 15, 0x00280103: 1} {
		d.Put(dicomio.NewElement(tag, "US", numbers(n)))
	}
	for _, e := range c.extra {
		d.Put(e)
	}
	for _, t := range c.without {
		kept := d[:0]
		for _, e := range d {
			if e.Tag != t {
				kept = append(kept, e)
			}
		}
		d = kept
	}
	return d
}

// encode returns the file.
func (c ctFile) encode() []byte {
	var f dicomio.File
	f.SetMeta(dicomio.Dataset{
		dicomio.NewElement(0x00020001, "OB", []byte{0, 1}),
		dicomio.TextElement(0x00020002, "UI", sopClassRoot+"2"), dicomio.TextElement(0x00020003, "UI", "1.2.276.0.7230010.3.1.4.77.1"),
		dicomio.TextElement(dicomio.TagTransferSyntaxUID, "UI", dicomio.ExplicitLittleEndian), dicomio.TextElement(0x00020016, "AE", "HOSPITALAE"),
	})
	copy(f.Preamble, "Musterfrau")
	out := f.AppendDataset(f.AppendMeta(nil), c.dataset())
	out = f.AppendDataset(out, dicomio.Dataset{dicomio.NewElement(dicomio.TagPixelData, "OW", c.pixels())})
	return f.AppendDataset(out, c.trailer)
}

func (c ctFile) pixels() []byte {
	pixels := make([]byte, 2*c.rows*c.columns)
	for i := range pixels {
		pixels[i] = byte(i * 7)
	}
	return pixels
}

// deidentify returns the output, parsed.
func deidentify(t *testing.T, d *Deidentifier, file []byte) (*dicomio.File, []byte, Result) {
	t.Helper()
	var out bytes.Buffer
	result, err := d.File(bytes.NewReader(file), into(&out))
	if err != nil {
		t.Fatalf("File() = %v, want nil", err)
	}
	f, err := dicomio.ReadHeader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatalf("reading the output: %v", err)
	}
	return f, out.Bytes(), result
}

func fixtures(t testing.TB) string {
	if dir := os.Getenv("CTCOHORT_SHARED"); dir != "" {
		return filepath.Join(dir, "fixtures")
	}
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "shared", "fixtures")); err == nil {
			return filepath.Join(dir, "shared", "fixtures")
		}
	}
	t.Skip("no shared/fixtures beside the checkout: the real files cannot be read")
	return ""
}

// rewritten returns what a file reads as after File; nil where it was rejected.
func rewritten(t *testing.T, d *Deidentifier, data []byte) *dicomio.File {
	t.Helper()
	var out bytes.Buffer
	_, err := d.File(bytes.NewReader(data), into(&out))
	var r *Rejection
	if errors.As(err, &r) {
		return nil
	}
	if err != nil {
		t.Fatalf("File() = %v, want a Rejection", err)
	}
	written, err := dicomio.ReadHeader(&out)
	if err != nil {
		t.Fatalf("reading the output: %v", err)
	}
	return written
}

// into is what File writes to, whatever the file becomes.
func into(out io.Writer) func(Result) (io.Writer, error) {
	return func(Result) (io.Writer, error) { return out, nil }
}
