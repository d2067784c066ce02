package deid

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"ctcohort/io/dicomio"
)

// fuzzSyntaxes are those whose frames are decoded in Go.
var fuzzSyntaxes = []string{
	"1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70",
	"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81",
}

// fragmented returns a file whose pixel data has the given bytes for a value, in
// a layout that shape picks.
func fragmented(shape byte, value []byte) []byte {
	bits, samples, frames := []uint16{8, 16, 32, 16}[shape>>3&3], uint16(1), "1"
	photometric := "MONOCHROME2"
	if shape&32 != 0 {
		samples, photometric = 3, "RGB"
	}
	if shape&64 != 0 {
		frames = "2"
	}
	file := ctFile{rows: 8, columns: 8, extra: dicomio.Dataset{
		dicomio.TextElement(0x00280004, "CS", photometric), dicomio.TextElement(0x00280008, "IS", frames), dicomio.NewElement(0x00280002, "US", numbers(samples)),
		dicomio.NewElement(0x00280100, "US", numbers(bits)), dicomio.NewElement(0x00280101, "US", numbers(bits)), dicomio.NewElement(0x00280102, "US", numbers(bits-1)),
		dicomio.NewElement(dicomio.TagPixelRepresentation, "US", numbers(0)),
	}}
	var f dicomio.File
	f.SetMeta(dicomio.Dataset{
		dicomio.TextElement(0x00020002, "UI", sopClassRoot+"2"), dicomio.TextElement(0x00020003, "UI", "1.2.276.0.7230010.3.1.4.77.1"),
		dicomio.TextElement(dicomio.TagTransferSyntaxUID, "UI", fuzzSyntaxes[int(shape&7)%len(fuzzSyntaxes)]),
	})
	out := f.AppendDataset(f.AppendMeta(nil), file.dataset())
	return append(append(out, 0xE0, 0x7F, 0x10, 0, 'O', 'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF), value...)
}

// items returns fragments with an empty offset table and the delimiter.
func items(fragments ...[]byte) []byte {
	out := []byte{0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0}
	for _, f := range fragments {
		f = append(bytes.Clone(f), make([]byte, len(f)%2)...)
		out = append(append(out, 0xFE, 0xFF, 0x00, 0xE0), binary.LittleEndian.AppendUint32(nil, uint32(len(f)))...)
		out = append(out, f...)
	}
	return append(out, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0)
}

// rleFrame encodes bytes as RLE segments of one literal run each 64 bytes.
func rleFrame(segments ...[]byte) []byte {
	out := make([]byte, 64)
	binary.LittleEndian.PutUint32(out, uint32(len(segments)))
	for i, s := range segments {
		binary.LittleEndian.PutUint32(out[4+4*i:], uint32(len(out)))
		out = append(append(out, byte(len(s)-1)), s...)
	}
	return out
}

// TestBlankFragments: fragments make up as many frames as the header says, or the file is rejected.
func TestBlankFragments(t *testing.T) {
	d, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Blank: []BlankRule{{When: BlankWhen{Modality: "CT"}, Regions: []Region{{1, 2, 3, 4}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	plane := bytes.Repeat([]byte{1, 2, 3, 4}, 16)
	frame := rleFrame(plane)
	table := append([]byte{0xFE, 0xFF, 0x00, 0xE0, 8, 0, 0, 0, 0, 0, 0, 0}, binary.LittleEndian.AppendUint32(nil, uint32(len(frame)+1+8))...)
	unsound := append([]byte{0xFE, 0xFF, 0x00, 0xE0, 8, 0, 0, 0, 9, 0, 0, 0}, 5, 0, 0, 0)
	two := items(frame, frame)[8:]
	for _, c := range []struct {
		name  string
		shape byte
		value []byte
		want  string
	}{
		{"a frame", 0, items(frame), ""},
		{"16 bits", 8, items(rleFrame(plane, plane)), ""},
		{"32 bits", 16, items(rleFrame(plane, plane, plane, plane)), ""},
		{"three samples", 32, items(rleFrame(plane, plane, plane)), ""},
		{"three samples of 16 bits", 40, items(rleFrame(plane, plane, plane, plane, plane, plane)), ""},
		{"a frame in two fragments", 0, items(frame[:70], frame[70:]), ""},
		{"two frames", 64, items(frame, frame), ""},
		{"two frames and their offsets", 64, append(table, two...), ""},
		{"two frames and offsets of no fragment", 64, append(unsound, two...), ""},
		{"one frame too few", 64, items(frame), dicomio.BadPixels},
		{"one frame too many", 64, items(frame, frame, frame), dicomio.BadPixels},
		{"no fragment", 0, items(), dicomio.BadPixels},
		{"a segment too few", 8, items(frame), dicomio.BadPixels},
		{"a frame larger than any", 0, items(append(bytes.Clone(frame), make([]byte, 70<<10)...)), dicomio.BadPixels},
		{"cut short", 0, items(frame)[:60], dicomio.Truncated},
		{"colour in JPEG-LS", 6 | 32, items(frame), BurnedInRisk},
	} {
		if got := codeOf(d, fragmented(c.shape, c.value)); got != c.want {
			t.Errorf("%s: File() is rejected as %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzBlankFragments: whatever stands in the fragments, the file ends as a
// Rejection, or uncompressed at its full size and blank where it should be.
func FuzzBlankFragments(f *testing.F) {
	plane := bytes.Repeat([]byte{1, 2, 3, 4}, 16)
	f.Add(byte(0), items(rleFrame(plane)))
	f.Add(byte(8), items(rleFrame(plane, plane)))
	f.Add(byte(32), items(rleFrame(plane, plane, plane)))
	f.Add(byte(64), items(rleFrame(plane), rleFrame(plane)))
	if root := sharedFixtures(); root != "" {
		for shape, name := range map[byte]string{
			1 | 32: "SC_rgb_small_odd_jpeg.dcm", 6: "JPEGLSNearLossless_08.dcm", 6 | 8: "JPEGLSNearLossless_16.dcm", 4 | 32: "SC_rgb_jpeg_gdcm.dcm", 1 | 32 | 64: "SC_rgb_dcmtk_+eb+cy+n1.dcm",
		} {
			data, err := os.ReadFile(filepath.Join(root, "odd_pydicom_testfiles", name))
			if err != nil {
				f.Fatal(err)
			}
			_, _, fragments, err := dicomio.ReadFile(bytes.NewReader(data), 1<<20)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(shape, items(fragments...))
		}
	}
	region := Region{1, 2, 3, 4}
	d, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Blank: []BlankRule{{When: BlankWhen{Modality: "CT"}, Regions: []Region{region}}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, shape byte, value []byte) {
		var out bytes.Buffer
		_, err := d.File(bytes.NewReader(fragmented(shape, value)), into(&out))
		var r *Rejection
		if errors.As(err, &r) {
			return
		}
		if err != nil {
			t.Fatalf("File() = %v, want a Rejection", err)
		}
		file, native, _, err := dicomio.ReadFile(&out, 1<<20)
		if err != nil {
			t.Fatalf("reading the output: %v", err)
		}
		p, err := file.PixelFormat()
		if err != nil || int64(len(native)) != p.Bytes() || file.Syntax.Encapsulated {
			t.Fatalf("%d bytes of pixel data in %s, %v; want %d", len(native), file.Syntax.UID, err, p.Bytes())
		}
		pixel := p.Samples * p.BitsAllocated / 8
		for frame := range p.Frames {
			for y := region[1]; y < region[1]+region[3]; y++ {
				row := native[((frame*p.Rows+y)*p.Columns+region[0])*pixel:][:region[2]*pixel]
				if !bytes.Equal(row, make([]byte, len(row))) {
					t.Fatalf("frame %d, row %d is not blank: %x", frame, y, row)
				}
			}
		}
	})
}

// TestBlankMemory: of a compressed file no more than a frame is held, however many there are.
func TestBlankMemory(t *testing.T) {
	const side, frames = 512, 300 // 150 MiB of 16 bits, uncompressed
	var segment []byte
	for range side * side / 128 {
		segment = append(segment, 0x81, 7) // 128 times 7
	}
	frame := make([]byte, 64, 64+2*len(segment))
	for i, n := range []int{2, 64, 64 + len(segment)} {
		binary.LittleEndian.PutUint32(frame[4*i:], uint32(n))
	}
	frame = append(append(frame, segment...), segment...)
	file := ctFile{rows: side, columns: side, extra: dicomio.Dataset{dicomio.TextElement(0x00280008, "IS", "300"), dicomio.NewElement(dicomio.TagPixelRepresentation, "US", numbers(0))}}
	var f dicomio.File
	f.SetMeta(dicomio.Dataset{dicomio.TextElement(dicomio.TagTransferSyntaxUID, "UI", fuzzSyntaxes[0])})
	start := append(f.AppendDataset(f.AppendMeta(nil), file.dataset()), 0xE0, 0x7F, 0x10, 0, 'O', 'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF)
	all := items(frame)
	parts := []io.Reader{bytes.NewReader(start), bytes.NewReader(all[:8])}
	for range frames {
		parts = append(parts, bytes.NewReader(all[8:len(all)-8]))
	}
	d, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Blank: []BlankRule{{When: BlankWhen{Modality: "CT"}, Regions: []Region{{0, 0, 0, 9}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	watch := &heapWatch{every: 16 << 20}
	_, err = d.File(io.MultiReader(append(parts, bytes.NewReader(all[len(all)-8:]))...), into(watch))
	if err != nil {
		t.Fatal(err)
	}
	if watch.written < 2*side*side*frames || watch.looks < 8 {
		t.Errorf("%d bytes written, the heap looked at %d times", watch.written, watch.looks)
	}
	if grown := watch.most - watch.least; grown > 4<<20 {
		t.Errorf("the heap grew by %d KiB over %d frames, want at most 4 MiB", grown>>10, frames)
	}
}

// heapWatch is a writer that looks at the heap each so many bytes.
type heapWatch struct {
	every, written int
	looks          int
	least, most    uint64
}

func (w *heapWatch) Write(p []byte) (int, error) {
	if w.written/w.every != (w.written+len(p))/w.every {
		runtime.GC()
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		if w.looks++; w.looks == 1 {
			w.least = now.HeapAlloc
		}
		w.least, w.most = min(w.least, now.HeapAlloc), max(w.most, now.HeapAlloc)
	}
	w.written += len(p)
	return len(p), nil
}
