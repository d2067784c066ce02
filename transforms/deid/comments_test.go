package deid

import (
	"bytes"
	"testing"
)

// TestCommentsInFrames: a name in the segments of a compressed frame is found,
// in whatever pieces the frame comes; the codes of the image are not read as text.
func TestCommentsInFrames(t *testing.T) {
	segment := func(marker byte, text string) []byte {
		return append([]byte{0xFF, marker, byte((len(text) + 2) >> 8), byte(len(text) + 2)}, text...)
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	soi, j2k, rest := []byte{0xFF, 0xD8}, []byte{0xFF, 0x4F}, []byte("codes \xFF\xD9")
	table, scan := segment(0xC4, "Musterfrau"), segment(0xDA, "s")
	for _, c := range []struct {
		name      string
		fragments [][]byte
		want      string
	}{
		{"no comment", [][]byte{join(soi, segment(0xE0, "JFIF\x00"), scan, rest)}, ""},
		{"a comment of an encoder", [][]byte{join(soi, segment(0xFE, "LEAD Technologies Inc. V1.01"), scan, rest)}, ""},
		{"a name in a comment", [][]byte{join(soi, segment(0xFE, "MUSTERFRAU ERIKA"), scan, rest)}, ResidualIdentifier},
		{"an ID in an application segment", [][]byte{join(soi, segment(0xED, "Photoshop\x00MRN123456"), scan, rest)}, ResidualIdentifier},
		{"in the second frame", [][]byte{join(soi, scan, rest), join(soi, segment(0xFE, "Musterfrau"), scan, rest)}, ResidualIdentifier},
		{"in JPEG 2000", [][]byte{join(j2k, segment(0x51, "size"), segment(0x64, "\x00\x01Musterfrau"), segment(0x90, "tile"), rest)}, ResidualIdentifier},
		{"in a JP2 file", [][]byte{[]byte("\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x20xml <p>Musterfrau</p>")}, ResidualIdentifier},
		{"bytes of a table that look like one", [][]byte{join(soi, table, scan, rest)}, ""},
		{"codes that look like one", [][]byte{join(soi, scan, []byte("Musterfrau"), rest)}, ""},
		{"a segment that goes on behind the end", [][]byte{join(soi, []byte{0xFF, 0xFE, 0xFF, 0xFF}, []byte("Musterfrau"))}, ResidualIdentifier},
		{"a segment shorter than its length", [][]byte{join(soi, []byte{0xFF, 0xFE, 0, 0}, scan, rest)}, ""},
		{"nothing", [][]byte{nil, {0xFF}}, ""},
	} {
		file := fragmented(4, items(c.fragments...))
		if got := codeOf(newDeidentifier(t, "research"), file); got != c.want {
			t.Errorf("%s: File() is rejected as %q, want %q", c.name, got, c.want)
		}
		value := items(c.fragments...)
		found := []string{"", ""}
		for i, step := range []int{1, len(value)} {
			w := &comments{search: func(text []byte) error { found[i] += string(text) + "|"; return nil }}
			for rest := value; len(rest) > 0; rest = rest[min(step, len(rest)):] {
				if _, err := w.Write(rest[:min(step, len(rest))]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if found[0] != found[1] {
			t.Errorf("%s: byte by byte %q is searched, at once %q", c.name, found[0], found[1])
		}
	}
}

// FuzzTextOf: no bytes break the walk through a frame's segments.
func FuzzTextOf(f *testing.F) {
	f.Add([]byte{0xFF, 0xD8, 0xFF, 0xFE, 0, 4, 'a', 'b', 0xFF, 0xDA})
	f.Add([]byte{0xFF, 0x4F, 0xFF, 0x64, 0, 4, 'a', 'b', 0xFF, 0x90})
	f.Fuzz(func(t *testing.T, frame []byte) {
		if text := textOf(frame); len(text) > 2*len(frame) {
			t.Errorf("textOf(%d bytes) has %d", len(frame), len(text))
		}
	})
}
