package openjpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Errors of codestreams. Others than these are the library's surroundings.
var (
	// ErrMalformed is a codestream that contradicts the standard or ends early.
	ErrMalformed = errors.New("malformed codestream")
	// ErrUnsupported is a codestream of a kind that no medical image has.
	ErrUnsupported = errors.New("unsupported codestream")
)

func malformed(detail string) error   { return fmt.Errorf("%w: %s", ErrMalformed, detail) }
func unsupported(detail string) error { return fmt.Errorf("%w: %s", ErrUnsupported, detail) }

// Header is what a codestream says of its image.
type Header struct {
	Width, Height int
	Components    int  // 1 to 4, of the same size, precision and sign
	Precision     int  // bits a sample, 1 to 16
	Signed        bool // samples are in two's complement
}

// Markers of a codestream (ISO/IEC 15444-1 table A.2).
const (
	markerSOC = 0xFF4F
	markerCOD = 0xFF52
	markerCOC = 0xFF53
	markerSIZ = 0xFF51
	markerSOT = 0xFF90
	markerSOD = 0xFF93
	markerEOC = 0xFFD9
)

// Bounds on what a codestream may make the library allocate and do: each tile
// costs it about 7 KiB, each code-block and each precinct about half of one,
// layers a counter for each precinct. Encoders use code-blocks of 32 × 32 or
// 64 × 64 and precincts of at least 64 × 64, if any.
const (
	maxTiles         = 1 << 12
	maxLayers        = 1 << 10
	minBlockExponent = 8 // of a code-block's area: 16 × 16
	minPrecinct      = 4 // exponent: 16 × 16
)

// ReadHeader checks all headers of the codestream in data, a bare one or one in
// a JP2 file, and returns what they say, with the bare codestream. Errors are
// ErrMalformed or ErrUnsupported.
func ReadHeader(data []byte) (h Header, codestream []byte, err error) {
	if data, err = unwrap(data); err != nil {
		return Header{}, nil, err
	}
	s := &scanner{data: data}
	if s.uint16() != markerSOC || s.uint16() != markerSIZ {
		return Header{}, nil, malformed("it does not start with SOC and SIZ")
	}
	h, tiles, err := readSIZ(s.segment())
	if err != nil {
		return Header{}, nil, err
	}
	if err := s.tileParts(h, tiles); err != nil {
		return Header{}, nil, err
	}
	return h, data, nil
}

// unwrap returns the codestream box of a JP2 file (15444-1 annex I), which
// DICOM forbids and archives hold; other data as they are.
func unwrap(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte("\x00\x00\x00\x0cjP  ")) {
		return data, nil
	}
	for len(data) >= 8 {
		head, size := 8, uint64(binary.BigEndian.Uint32(data))
		switch {
		case size == 1 && len(data) >= 16:
			head, size = 16, binary.BigEndian.Uint64(data[8:])
		case size == 0:
			size = uint64(len(data))
		}
		if size < uint64(head) || size > uint64(len(data)) {
			return nil, malformed("a box is longer than the file")
		}
		if string(data[4:8]) == "jp2c" {
			return data[head:size], nil
		}
		data = data[size:]
	}
	return nil, malformed("the JP2 file holds no codestream")
}

// readSIZ reads the image and tile size (A.5.1).
func readSIZ(s []byte) (h Header, tiles int, err error) {
	if len(s) < 36+3 {
		return h, 0, malformed("SIZ is too short")
	}
	var v [8]int64 // Xsiz Ysiz XOsiz YOsiz XTsiz YTsiz XTOsiz YTOsiz
	for i := range v {
		v[i] = int64(binary.BigEndian.Uint32(s[2+4*i:]))
	}
	width, height := v[0]-v[2], v[1]-v[3]
	if width < 1 || height < 1 || v[4] < 1 || v[5] < 1 || v[6] > v[2] || v[7] > v[3] || v[6]+v[4] <= v[2] || v[7]+v[5] <= v[3] {
		return h, 0, malformed("image or tile size is outside the standard")
	}
	across, down := (v[0]-v[6]+v[4]-1)/v[4], (v[1]-v[7]+v[5]-1)/v[5]
	if across > maxTiles || down > maxTiles || across*down > maxTiles {
		return h, 0, unsupported(fmt.Sprintf("more than %d tiles", maxTiles))
	}
	h = Header{Width: int(width), Height: int(height), Components: int(binary.BigEndian.Uint16(s[34:]))}
	if h.Components < 1 || len(s) != 36+3*h.Components {
		return h, 0, malformed("SIZ does not fit its number of components")
	}
	if h.Components > 4 {
		return h, 0, unsupported("more than 4 components")
	}
	h.Precision, h.Signed = int(s[36]&0x7F)+1, s[36]&0x80 != 0
	if h.Precision > 16 {
		return h, 0, unsupported("more than 16 bits a sample")
	}
	for c := range h.Components {
		component := s[36+3*c:]
		if component[0] != s[36] || component[1] != 1 || component[2] != 1 {
			return h, 0, unsupported("components of different precision or size")
		}
	}
	return h, int(across * down), nil
}

// scanner walks over the markers of a codestream. Past its end it gives zeros,
// which are no marker.
type scanner struct {
	data []byte
	pos  int
}

func (s *scanner) uint16() int {
	if s.pos+2 > len(s.data) {
		s.pos = len(s.data)
		return 0
	}
	v := binary.BigEndian.Uint16(s.data[s.pos:])
	s.pos += 2
	return int(v)
}

// segment returns the marker segment that starts here with its length; nil when it is cut.
func (s *scanner) segment() []byte {
	start := s.pos + 2
	n := s.uint16()
	if n < 2 || start+n-2 > len(s.data) {
		return nil
	}
	s.pos = start + n - 2
	return s.data[start:s.pos]
}

// tileParts checks the main header and those of all tile-parts (A.4.2), that
// each tile-part is wholly there, and that none is missing: the library would
// leave zeros in its place. One more than declared is a known fault of an
// encoder, for which the library makes up.
func (s *scanner) tileParts(h Header, tiles int) error {
	if err := s.headerUntil(markerSOT, h); err != nil {
		return err
	}
	found, declared := make([]int, tiles), make([]int, tiles)
	for {
		start := s.pos - 2
		sot := s.segment()
		if len(sot) != 8 {
			return malformed("SOT is cut or of another length")
		}
		tile, length := int(binary.BigEndian.Uint16(sot)), int(binary.BigEndian.Uint32(sot[2:]))
		if tile >= tiles {
			return malformed("a tile-part is of no tile")
		}
		found[tile]++
		if n := int(sot[7]); n > 0 {
			declared[tile] = n
		}
		if err := s.headerUntil(markerSOD, h); err != nil {
			return err
		}
		end := start + length
		if length == 0 { // the last one, up to EOC
			end = len(bytes.TrimRight(s.data, "\x00"))
			if bytes.HasSuffix(s.data[:end], []byte{0xFF, 0xD9}) {
				end -= 2
			}
		}
		if end < s.pos || end > len(s.data) {
			return malformed("it ends inside a tile-part")
		}
		s.pos = end
		switch s.uint16() {
		case markerSOT:
		case markerEOC, 0: // files whose EOC is missing are decoded all the same
			for i := range tiles {
				if n := found[i]; n == 0 || declared[i] != 0 && n != declared[i] && n != declared[i]+1 {
					return malformed("a tile-part is missing, or one too many is there")
				}
			}
			return nil
		default:
			return malformed("a tile-part ends where none starts")
		}
	}
}

// headerUntil checks the marker segments up to the marker last, which it consumes.
func (s *scanner) headerUntil(last int, h Header) error {
	for {
		marker := s.uint16()
		if marker == last {
			return nil
		}
		if marker < 0xFF4F || marker == markerSOT || marker == markerSOD || marker == markerEOC {
			return malformed("a header holds something that is no marker segment")
		}
		segment := s.segment()
		if segment == nil {
			return malformed("a marker segment is cut")
		}
		var err error
		switch marker {
		case markerCOD:
			err = checkCOD(segment)
		case markerCOC:
			err = checkCOC(segment, h)
		}
		if err != nil {
			return err
		}
	}
}

// checkCOD checks the coding style (A.6.1).
func checkCOD(s []byte) error {
	if len(s) < 10 {
		return malformed("COD is too short")
	}
	if binary.BigEndian.Uint16(s[2:]) > maxLayers {
		return unsupported(fmt.Sprintf("more than %d layers", maxLayers))
	}
	return checkBlocks(s[5:], s[0]&1 != 0)
}

// checkCOC checks the coding style of one component (A.6.2).
func checkCOC(s []byte, h Header) error {
	if len(s) < 7 || int(s[0]) >= h.Components { // h.Components < 257: one byte
		return malformed("COC is too short or of no component")
	}
	return checkBlocks(s[2:], s[1]&1 != 0)
}

// checkBlocks checks the sizes of code-blocks and precincts (tables A.15, A.21).
func checkBlocks(s []byte, precincts bool) error {
	levels, width, height := int(s[0]), int(s[1]&0x0F)+2, int(s[2]&0x0F)+2
	if levels > 32 || width > 10 || height > 10 || width+height > 12 {
		return malformed("decomposition levels or code-blocks are outside the standard")
	}
	if width+height < minBlockExponent {
		return unsupported("code-blocks of less than 256 samples")
	}
	if !precincts {
		return nil
	}
	if len(s) < 5+levels+1 {
		return malformed("precinct sizes are cut")
	}
	for _, p := range s[5:][:levels+1] {
		if p&0x0F < minPrecinct || p>>4 < minPrecinct {
			return unsupported("precincts smaller than 16 × 16")
		}
	}
	return nil
}
