package dicomio

import (
	"bytes"
	"encoding/binary"
)

// frameSource gives the frames of one file, whatever its transfer syntax.
type frameSource struct {
	order  binary.ByteOrder
	native []byte
	frames [][]byte // encapsulated, one a frame
	decode decoder
	table  []int16
	of     SliceHeader // whose lookup table is
}

// decoder returns one frame's samples, row by row; the frame must have exactly
// the given size.
type decoder func(data []byte, rows, columns int) ([]uint16, error)

// codecs by transfer syntax UID (PS3.5 annex A).
var codecs = map[string]decoder{
	"1.2.840.10008.1.2.4.50": decodeJPEG,
	"1.2.840.10008.1.2.4.51": decodeJPEG,
	"1.2.840.10008.1.2.4.57": decodeJPEG,
	"1.2.840.10008.1.2.4.70": decodeJPEG,
	"1.2.840.10008.1.2.4.80": decodeJPEGLS,
	"1.2.840.10008.1.2.4.81": decodeJPEGLS,
	"1.2.840.10008.1.2.5":    decodeRLE,
}

// codecNames are the encapsulated syntaxes that archives hold and that may
// have to be rejected, for a reader of rejects.
var codecNames = map[string]string{
	"1.2.840.10008.1.2.4.53":  "JPEG Spectral Selection (retired)",
	"1.2.840.10008.1.2.4.55":  "JPEG Full Progression (retired)",
	"1.2.840.10008.1.2.4.90":  "JPEG 2000 Lossless",
	"1.2.840.10008.1.2.4.91":  "JPEG 2000",
	"1.2.840.10008.1.2.4.92":  "JPEG 2000 Multi-component Lossless",
	"1.2.840.10008.1.2.4.93":  "JPEG 2000 Multi-component",
	"1.2.840.10008.1.2.4.100": "MPEG-2",
	"1.2.840.10008.1.2.4.102": "MPEG-4 AVC",
	"1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
	"1.2.840.10008.1.2.4.112": "JPEG XL",
	"1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 Lossless",
	"1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 RPCL Lossless",
	"1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
}

func unsupportedCodec(uid string) error {
	name, ok := codecNames[uid]
	if !ok {
		name = "a transfer syntax unknown here"
	}
	return &Error{Code: UnsupportedCodec, Detail: name}
}

func newFrameSource(syntax Syntax, h *SliceHeader, native []byte, fragments [][]byte) (*frameSource, error) {
	s := &frameSource{order: binary.LittleEndian, native: native}
	if syntax.BigEndian {
		s.order = binary.BigEndian
	}
	if !syntax.Encapsulated {
		if int64(len(native)) < int64(h.Rows)*int64(h.Columns)*int64(h.Frames)*int64(h.Samples)*int64(h.BitsAllocated)/8 {
			return nil, &Error{Code: Truncated, Detail: "pixel data is shorter than its size says"}
		}
		return s, nil
	}
	if s.decode = codecs[syntax.UID]; s.decode == nil {
		return nil, unsupportedCodec(syntax.UID)
	}
	var err error
	s.frames, err = gather(fragments, h.Frames)
	return s, err
}

// hu returns the frame that h describes.
func (s *frameSource) hu(h *SliceHeader) ([]int16, error) {
	if s.table == nil || h.Slope != s.of.Slope || h.Intercept != s.of.Intercept {
		table, err := h.lookup()
		if err != nil {
			return nil, err
		}
		s.table, s.of = table, *h
	}
	n := h.Rows * h.Columns
	if s.decode == nil {
		size := n * h.BitsAllocated / 8
		return lookupBytes(s.table, s.native[h.Frame*size:(h.Frame+1)*size], s.order, n), nil
	}
	words, err := s.decode(s.frames[h.Frame], h.Rows, h.Columns)
	if err != nil {
		return nil, err
	}
	return lookupWords(s.table, words), nil
}

// gather joins fragments to frames. More fragments than frames are split where
// a JPEG image starts, as offset tables are often empty (PS3.5 A.4).
func gather(fragments [][]byte, frames int) ([][]byte, error) {
	switch {
	case len(fragments) < frames:
		return nil, &Error{Code: Truncated, Detail: "fewer fragments than frames"}
	case len(fragments) == frames:
		return fragments, nil
	case frames == 1:
		return [][]byte{bytes.Join(fragments, nil)}, nil
	}
	var joined [][]byte
	for _, f := range fragments {
		if bytes.HasPrefix(f, []byte{0xFF, 0xD8}) {
			joined = append(joined, bytes.Clone(f))
		} else if n := len(joined); n > 0 {
			joined[n-1] = append(joined[n-1], f...)
		}
	}
	if len(joined) != frames {
		return nil, &Error{Code: BadPixels, Detail: "fragments do not make up the frames"}
	}
	return joined, nil
}

// badPixels is a compressed frame that contradicts its standard or its header.
func badPixels(detail string) error { return &Error{Code: BadPixels, Detail: detail} }
