package dicomio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"
)

// part10 returns a file with a meta information that names the syntax, and the given data set bytes.
func part10(syntax string, dataset ...[]byte) []byte {
	var f File
	uid := []byte(syntax)
	if len(uid)%2 == 1 {
		uid = append(uid, 0)
	}
	f.SetMeta(Dataset{NewElement(TagTransferSyntaxUID, "UI", uid)})
	return append(f.AppendMeta(nil), bytes.Join(dataset, nil)...)
}

// le returns an element in explicit VR little endian; implicit, one without a VR.
func le(t Tag, vr, value string) []byte {
	e := NewElement(t, vr, nil)
	return append(e.appendHead(nil, encoding{known: true}, uint32(len(value))), value...)
}

func implicit(t Tag, length uint32, value string) []byte {
	return append(appendHeader(nil, t, length, false), value...)
}

// undefined returns the header of a sequence of undefined length.
func undefined(t Tag, vr string) []byte {
	e := Element{Tag: t, VR: vr}
	return e.appendHead(nil, encoding{known: true}, Undefined)
}

var (
	itemUndefined = implicit(tagItem, Undefined, "")
	itemEnd       = implicit(tagItemDelimiter, 0, "")
	sequenceEnd   = implicit(tagSeqDelimiter, 0, "")
)

// cases are data sets in every shape that the stream knows; the fuzz targets start from them.
func cases() map[string][]byte {
	name := le(0x00100010, "PN", "Doe^Jane")
	inner := implicit(0x00100010, 8, "Doe^Jane")
	item := append(implicit(tagItem, uint32(len(inner)), ""), inner...)
	pixels := strings.Repeat("\x01\x02", 32)
	var z bytes.Buffer
	w, _ := flate.NewWriter(&z, 6)
	w.Write(bytes.Join([][]byte{name, le(TagPixelData, "OW", pixels)}, nil))
	w.Close()
	big := appendDataset(nil, Dataset{NewElement(0x00280010, "US", []byte{1, 0}), NewElement(TagPixelData, "OW", []byte(pixels))}, encoding{known: true, big: true})
	return map[string][]byte{
		"explicit":             part10(ExplicitLittleEndian, name, le(TagPixelData, "OW", pixels)),
		"implicit":             part10(ImplicitLittleEndian, inner, implicit(TagPixelData, 64, pixels)),
		"big endian":           part10(ExplicitBigEndian, big),
		"deflated":             part10(DeflatedExplicit, z.Bytes()),
		"implicit, not said":   part10(ExplicitLittleEndian, inner, implicit(TagPixelData, 64, pixels)),
		"no preamble, no meta": bytes.Join([][]byte{le(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2\x00"), name}, nil),
		"undefined sequence":   part10(ExplicitLittleEndian, undefined(0x00081140, "SQ"), itemUndefined, name, itemEnd, sequenceEnd, name),
		"defined in undefined": part10(ExplicitLittleEndian, undefined(0x00081140, "SQ"), implicit(tagItem, uint32(len(name)), ""), name, sequenceEnd, name),
		"empty sequence":       part10(ExplicitLittleEndian, le(0x00081140, "SQ", ""), undefined(0x00081140, "SQ"), sequenceEnd),
		"UN undefined":         part10(ExplicitLittleEndian, undefined(0x00091001, "UN"), item, sequenceEnd, name),
		"UN defined":           part10(ExplicitLittleEndian, le(0x00091001, "UN", string(item)), name),
		"UN, not a sequence":   part10(ExplicitLittleEndian, le(0x00091001, "UN", string(item[:12])), name),
		"fragments":            part10("1.2.840.10008.1.2.4.70", name, undefined(TagPixelData, "OB"), implicit(tagItem, 4, "\x00\x00\x00\x00"), implicit(tagItem, 6, "\xfe\xff\xdd\xe0\x00\x00"), sequenceEnd),
		"fragments inside":     part10("1.2.840.10008.1.2.4.70", undefined(0x00880200, "SQ"), itemUndefined, undefined(TagPixelData, "OB"), implicit(tagItem, 0, ""), implicit(tagItem, 2, "ab"), sequenceEnd, itemEnd, sequenceEnd, name),
		"trailing":             part10(ExplicitLittleEndian, name, le(TagPixelData, "OW", pixels), le(0xFFFCFFFC, "OB", "\x00\x00")),
		"VR to come":           part10(ExplicitLittleEndian, []byte("\x09\x00\x01\x10ZZ\x00\x00\x02\x00\x00\x00ab"), name),
		"no VR":                part10(ExplicitLittleEndian, name, []byte("\x09\x00\x01\x10\x02\x00\x00\x00ab"), name),
		"odd length":           part10(ExplicitLittleEndian, le(0x00100010, "PN", "Doe"), name),
		"delimiter's length":   part10(ExplicitLittleEndian, undefined(0x00081140, "SQ"), itemUndefined, name, implicit(tagItemDelimiter, 7, ""), implicit(tagSeqDelimiter, 9, ""), name),
	}
}

func TestRewriteIsIdentity(t *testing.T) {
	for name, file := range cases() {
		got, f, err := rewrite(bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: rewrite() = %v, want nil", name, err)
			continue
		}
		if want := original(file, f); !bytes.Equal(got, want) {
			t.Errorf("%s: rewrite() =\n%x, want\n%x", name, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	name := le(0x00100010, "PN", "Doe^Jane")
	deep := bytes.Repeat(append(undefined(0x00081140, "SQ"), itemUndefined...), 70)
	var bomb bytes.Buffer
	w, _ := flate.NewWriter(&bomb, 9)
	chunk := bytes.Repeat(le(0x00100010, "PN", strings.Repeat(" ", 60000)), 8)
	for range 200 { // 96 MiB in 0.1
		w.Write(chunk)
	}
	w.Close()
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, NotDICOM},
		{"text", []byte(strings.Repeat("hello world ", 40)), NotDICOM},
		{"prefix only", part10(ExplicitLittleEndian), Truncated},
		{"value of 2 GiB", part10(ExplicitLittleEndian, implicit(0x00091001, 0, "")[:4], []byte("OB\x00\x00\xff\xff\xff\x7f")), Unparseable},
		{"value of 15 MiB that is not there", part10(ExplicitLittleEndian, []byte("\x09\x00\x01\x10OB\x00\x00\x00\x00\xf0\x00ab")), Truncated},
		{"item longer than its sequence", part10(ExplicitLittleEndian, le(0x00081140, "SQ", string(implicit(tagItem, 99, string(name)))), name), Unparseable},
		{"value longer than its item", part10(ExplicitLittleEndian, le(0x00081140, "SQ", string(implicit(tagItem, 10, string(name)))), name), Unparseable},
		{"no item in a sequence", part10(ExplicitLittleEndian, le(0x00081140, "SQ", string(name)), name), Unparseable},
		{"nested 70 deep", part10(ExplicitLittleEndian, deep), Unparseable},
		{"bomb", part10(DeflatedExplicit, bomb.Bytes()), Unparseable},
		{"not deflated", part10(DeflatedExplicit, bytes.Repeat([]byte{0xFF}, 400)), Unparseable},
		{"open sequence", part10(ExplicitLittleEndian, undefined(0x00081140, "SQ"), itemUndefined, name), Truncated},
		{"open fragments", part10("1.2.840.10008.1.2.4.70", undefined(TagPixelData, "OB"), implicit(tagItem, 0, "")), Truncated},
		{"fragment of 4 GiB", part10("1.2.840.10008.1.2.4.70", undefined(TagPixelData, "OB"), implicit(tagItem, 0xFFFFFFF0, "")), Truncated},
		{"pixels cut short", part10(ExplicitLittleEndian, name, le(TagPixelData, "OW", "abcdefgh")[:14]), Truncated},
		{"private syntax", part10("1.2.840.113619.5.2", name), UnsupportedSyntax},
		{"garbage after the end", part10(ExplicitLittleEndian, name, make([]byte, 8), []byte("x")), Unparseable},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := rewrite(bytes.NewReader(c.file))
		runtime.ReadMemStats(&after)
		var bad *Error
		if !errors.As(err, &bad) || bad.Code != c.want {
			t.Errorf("%s: rewrite() = %v, want %s", c.name, err, c.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: %d MiB allocated for %d bytes", c.name, used>>20, len(c.file))
		}
	}
}

type failing struct{}

var errDisk = errors.New("disk")

func (failing) Read([]byte) (int, error) { return 0, errDisk }

// TestReadErrorPasses: what is wrong with the surroundings is not the file's fault.
func TestReadErrorPasses(t *testing.T) {
	file := cases()["explicit"]
	for _, n := range []int{0, 100, 140, len(file) - 5} {
		_, _, err := rewrite(io.MultiReader(bytes.NewReader(file[:n]), failing{}))
		if !errors.Is(err, errDisk) {
			t.Errorf("rewrite(error after %d bytes) = %v, want the reader's error", n, err)
		}
	}
}

func TestDatasetValues(t *testing.T) {
	for _, enc := range []encoding{{known: true}, {known: true, implicit: true}, {known: true, big: true}} {
		var order binary.AppendByteOrder = binary.LittleEndian
		if enc.big {
			order = binary.BigEndian
		}
		syntax := map[encoding]string{{known: true}: ExplicitLittleEndian, {known: true, implicit: true}: ImplicitLittleEndian, {known: true, big: true}: ExplicitBigEndian}[enc]
		d := Dataset{
			NewElement(0x00080008, "CS", []byte(`ORIGINAL\PRIMARY `)),
			NewElement(0x00080060, "CS", []byte("CT")),
			NewSequence(0x00081140, Dataset{NewElement(0x00081155, "UI", []byte("1.2.3\x00"))}, Dataset{}),
			NewElement(0x00189313, "FD", order.AppendUint64(nil, 0x3FF8000000000000)), // 1.5
			NewElement(0x00200013, "IS", []byte(" 7")),
			NewElement(0x00200032, "DS", []byte(`-1.5\2e1\0`)),
			NewElement(0x00280010, "US", order.AppendUint16(nil, 512)),
			NewElement(TagPixelRepresentation, "US", order.AppendUint16(nil, 1)),
			NewElement(0x00280120, "SS", order.AppendUint16(nil, 0xF830)), // −2000
		}
		f, err := ReadHeader(bytes.NewReader(part10(syntax, appendDataset(nil, d, enc))))
		if err != nil {
			t.Fatalf("%s: %v", syntax, err)
		}
		got := f.Dataset
		if s := got.Texts(0x00080008); len(s) != 2 || s[1] != "PRIMARY" {
			t.Errorf("%s: Texts(Image Type) = %q", syntax, s)
		}
		if items := got.Items(0x00081140); len(items) != 2 || items[0].Text(0x00081155) != "1.2.3" {
			t.Errorf("%s: Items = %v", syntax, items)
		}
		if v := got.Floats(0x00189313); len(v) != 1 || v[0] != 1.5 {
			t.Errorf("%s: Floats(FD) = %v, want [1.5]", syntax, v)
		}
		if v := got.Floats(0x00200032); len(v) != 3 || v[0] != -1.5 || v[1] != 20 {
			t.Errorf("%s: Floats(DS) = %v", syntax, v)
		}
		for tag, want := range map[Tag]int{0x00200013: 7, 0x00280010: 512, 0x00280120: -2000} {
			if v := got.Ints(tag); len(v) != 1 || v[0] != want {
				t.Errorf("%s: Ints(%v) = %v, want [%d]", syntax, tag, v, want)
			}
		}
	}
}

func TestPut(t *testing.T) {
	d := Dataset{NewElement(0x00080060, "CS", nil), NewElement(0x00100020, "LO", nil)}
	d.Put(NewElement(0x00100010, "PN", []byte("ab")))
	d.Put(NewElement(0x00080008, "CS", nil))
	d.Put(NewElement(0x00280010, "US", nil))
	d.Put(NewElement(0x00100010, "PN", []byte("cd")))
	want := []Tag{0x00080008, 0x00080060, 0x00100010, 0x00100020, 0x00280010}
	if len(d) != len(want) || string(d[2].Value) != "cd" {
		t.Fatalf("Put gives %d elements, want %d", len(d), len(want))
	}
	for i := range want {
		if d[i].Tag != want[i] {
			t.Errorf("element %d = %v, want %v", i, d[i].Tag, want[i])
		}
	}
}

func TestReadFileBounds(t *testing.T) {
	all := cases()
	if _, native, _, err := ReadFile(bytes.NewReader(all["explicit"]), 64); err != nil || len(native) != 64 {
		t.Errorf("ReadFile(64 bytes of pixels, bound 64) = %d bytes, %v", len(native), err)
	}
	if _, _, _, err := ReadFile(bytes.NewReader(all["explicit"]), 63); err == nil {
		t.Error("ReadFile(64 bytes of pixels, bound 63) = nil, want an error")
	}
	if _, _, fragments, err := ReadFile(bytes.NewReader(all["fragments"]), 64); err != nil || len(fragments) != 1 || len(fragments[0]) != 6 {
		t.Errorf("ReadFile(fragments) = %x, %v; want one fragment of 6 bytes", fragments, err)
	}
}
