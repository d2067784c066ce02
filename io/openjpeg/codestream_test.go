package openjpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// at returns data with the bytes at an offset replaced.
func at(data []byte, offset int, with ...byte) []byte {
	return slices.Replace(slices.Clone(data), offset, offset+len(with), with...)
}

// withCOD returns data with another coding style: blocks is the byte of a
// code-block's width and height, precincts their sizes, if any.
func withCOD(data []byte, layers uint16, block byte, precincts ...byte) []byte {
	start := bytes.Index(data, []byte{0xFF, 0x52})
	end := start + 2 + int(binary.BigEndian.Uint16(data[start+2:]))
	cod := slices.Clone(data[start:end])[:14]
	binary.BigEndian.PutUint16(cod[6:], layers)
	cod[9], cod[10], cod[11] = byte(max(len(precincts)-1, 0)), block, block
	cod[4] &^= 1
	if len(precincts) > 0 {
		cod[4] |= 1
		cod = append(cod, precincts...)
	}
	binary.BigEndian.PutUint16(cod[2:], uint16(len(cod)-2))
	return slices.Concat(data[:start], cod, data[end:])
}

func TestReadHeader(t *testing.T) {
	for _, s := range streams {
		if h, _, err := ReadHeader(read(t, s.file)); err != nil || h != s.header {
			t.Errorf("ReadHeader(%s) = %+v, %v; want %+v", s.file, h, err, s.header)
		}
	}
}

// Offsets are those of SIZ, which follows SOC: Xsiz at 8, XTsiz at 24, Csiz at
// 40, the first component at 42.
func TestReadHeaderRefuses(t *testing.T) {
	plain, tiles, boxed := read(t, "j2k_16_signed.j2k"), read(t, "htj2k_16_signed_tiles.j2k"), read(t, "j2k_8_rgb.jp2")
	sot := bytes.Index(plain, []byte{0xFF, 0x90})
	secondTile := bytes.Index(tiles, []byte{0xFF, 0x90, 0, 10, 0, 1})
	thirdTile := bytes.Index(tiles, []byte{0xFF, 0x90, 0, 10, 0, 2})
	cases := []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrMalformed},
		{"another format", []byte("\xFF\xD8\xFF\xE0 a JPEG image"), ErrMalformed},
		{"no SIZ", at(plain, 2, 0xFF, 0x52), ErrMalformed},
		{"no width", at(plain, 8, 0, 0, 0, 0), ErrMalformed},
		{"tiles of no width", at(plain, 24, 0, 0, 0, 0), ErrMalformed},
		{"first tile outside the image", at(plain, 32, 0, 0, 1, 0), ErrMalformed},
		{"a tile for each pixel of a large image", at(at(plain, 8, 0, 0, 0x10, 0, 0, 0, 0x10, 0), 24, 0, 0, 0, 1, 0, 0, 0, 1), ErrUnsupported},
		{"components without parameters", at(plain, 40, 0, 2), ErrMalformed},
		{"no component", at(plain, 40, 0, 0), ErrMalformed},
		{"17 bits", at(plain, 42, 16), ErrUnsupported},
		{"half the columns", at(plain, 43, 2), ErrUnsupported},
		{"code-blocks of 4 × 4", withCOD(plain, 1, 0), ErrUnsupported},
		{"code-blocks of 4096 × 4096", withCOD(plain, 1, 10), ErrMalformed},
		{"precincts of 1 × 1, for which OpenJPEG takes 9 GB", withCOD(plain, 1, 4, 0, 0x11, 0x11), ErrUnsupported},
		{"65535 layers", withCOD(plain, 65535, 4), ErrUnsupported},
		{"33 levels", withCOD(plain, 1, 4, bytes.Repeat([]byte{0x88}, 34)...), ErrMalformed},
		{"COC of no component", slices.Concat(plain[:sot], []byte{0xFF, 0x53, 0, 9, 1, 0, 2, 4, 4, 0, 1}, plain[sot:]), ErrMalformed},
		{"COC with code-blocks of 4 × 4", slices.Concat(plain[:sot], []byte{0xFF, 0x53, 0, 9, 0, 0, 2, 0, 0, 0, 1}, plain[sot:]), ErrUnsupported},
		{"a tile-part longer than the data", at(plain, sot+6, 0, 1, 0, 0), ErrMalformed},
		{"a tile-part that ends in its header", at(plain, sot+6, 0, 0, 0, 12), ErrMalformed},
		{"a tile of no number", at(plain, sot+4, 0, 1), ErrMalformed},
		{"a tile-part too few", at(plain, sot+11, 2), ErrMalformed},
		{"a tile is missing", slices.Concat(tiles[:secondTile], tiles[thirdTile:]), ErrMalformed},
		{"a box longer than the file", at(boxed, 12, 0x7F), ErrMalformed},
		{"a JP2 file without a codestream", boxed[:12], ErrMalformed},
	}
	for _, c := range cases {
		if _, _, err := ReadHeader(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: ReadHeader: %v, want %v", c.name, err, c.want)
		}
	}
	for name, data := range map[string][]byte{
		"code-blocks of 16 × 16, precincts of 64 × 64": withCOD(plain, 1, 2, 0x66, 0x66, 0x66),
		"no EOC":                          plain[:len(plain)-2],
		"a last tile-part without length": at(plain, sot+6, 0, 0, 0, 0),
		"padding":                         append(slices.Clone(plain), 0),
		"a tile-part more than declared":  slices.Concat(plain[:len(plain)-2], []byte{0xFF, 0x90, 0, 10, 0, 0, 0, 0, 0, 14, 1, 0, 0xFF, 0x93}, plain[len(plain)-2:]),
	} {
		if _, _, err := ReadHeader(data); err != nil {
			t.Errorf("%s: ReadHeader: %v", name, err)
		}
	}
}

func FuzzReadHeader(f *testing.F) {
	for _, s := range streams {
		f.Add(read(f, s.file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, codestream, err := ReadHeader(data)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
				t.Errorf("ReadHeader: %v, which is neither malformed nor unsupported", err)
			}
			return
		}
		if h.Width < 1 || h.Height < 1 || h.Components < 1 || h.Components > 4 || h.Precision < 1 || h.Precision > 16 || !bytes.Contains(data, codestream) {
			t.Errorf("ReadHeader = %+v", h)
		}
	})
}
