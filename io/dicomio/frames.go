package dicomio

import "encoding/binary"

// frameSource gives the frames of one file, whatever its transfer syntax.
type frameSource struct {
	order  binary.ByteOrder
	frames [][]byte // as stored
	decode decoder
}

// decoder returns one frame's samples, row by row, those of a pixel next to
// each other, and how many bits the codec says they have, 0 where it does not.
// The frame must have exactly the given size.
type decoder func(data []byte, rows, columns, samples int) (words []uint16, bits int, err error)

// codecs by transfer syntax UID (PS3.5 annex A).
var codecs = map[string]decoder{
	"1.2.840.10008.1.2.4.50":  single(decodeJPEG),
	"1.2.840.10008.1.2.4.51":  single(decodeJPEG),
	"1.2.840.10008.1.2.4.57":  decodeJPEGLossless,
	"1.2.840.10008.1.2.4.70":  decodeJPEGLossless,
	"1.2.840.10008.1.2.4.80":  single(decodeJPEGLS),
	"1.2.840.10008.1.2.4.81":  single(decodeJPEGLS),
	"1.2.840.10008.1.2.4.90":  jpeg2000("JPEG 2000 Lossless"),
	"1.2.840.10008.1.2.4.91":  jpeg2000("JPEG 2000"),
	"1.2.840.10008.1.2.4.201": jpeg2000("High-Throughput JPEG 2000 Lossless"),
	"1.2.840.10008.1.2.4.202": jpeg2000("High-Throughput JPEG 2000 RPCL Lossless"),
	"1.2.840.10008.1.2.4.203": jpeg2000("High-Throughput JPEG 2000"),
	"1.2.840.10008.1.2.5":     single(decodeRLE),
}

// codecNames are the encapsulated syntaxes without a decoder, for a reader of rejects.
var codecNames = map[string]string{
	"1.2.840.10008.1.2.4.53":  "JPEG Spectral Selection (retired)",
	"1.2.840.10008.1.2.4.55":  "JPEG Full Progression (retired)",
	"1.2.840.10008.1.2.4.92":  "JPEG 2000 Multi-component Lossless",
	"1.2.840.10008.1.2.4.93":  "JPEG 2000 Multi-component",
	"1.2.840.10008.1.2.4.100": "MPEG-2",
	"1.2.840.10008.1.2.4.102": "MPEG-4 AVC",
	"1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
	"1.2.840.10008.1.2.4.112": "JPEG XL",
}

// single is the decoder of a codec that is read here with one sample a pixel only.
func single(decode func(data []byte, rows, columns int) ([]uint16, error)) decoder {
	return func(data []byte, rows, columns, samples int) ([]uint16, int, error) {
		if samples != 1 {
			return nil, 0, &Error{Code: UnsupportedPixels, Detail: "more than one sample a pixel"}
		}
		words, err := decode(data, rows, columns)
		return words, 0, err
	}
}

// DecodeFrame returns the stored values of one encapsulated frame, row by row,
// the samples of a pixel next to each other, whatever Planar Configuration
// says; a signed value is in two's complement. JPEG 2000 comes with its own
// colour transforms undone (YBR_RCT and YBR_ICT as RGB), JPEG Lossless as it is;
// the other codecs are decoded with one sample a pixel only. A codec that is not there is an Error
// "unsupported_codec" that names it and says what to do.
func DecodeFrame(syntaxUID string, frame []byte, rows, columns, samples int) ([]uint16, error) {
	decode := codecs[syntaxUID]
	if decode == nil {
		return nil, unsupportedCodec(syntaxUID)
	}
	if rows < 1 || columns < 1 || rows > maxFramePixels/columns {
		return nil, &Error{Code: BadMatrix, Detail: "rows and columns are missing or beyond bounds"}
	}
	words, _, err := decode(frame, rows, columns, samples)
	return words, err
}

func unsupportedCodec(uid string) error {
	name, ok := codecNames[uid]
	if !ok {
		name = "a transfer syntax unknown here"
	}
	return &Error{Code: UnsupportedCodec, Detail: name}
}

// newFrameSource reads the pixel data of a file that h is the header of.
func newFrameSource(in *Reader, f *File, h *SliceHeader) (*frameSource, error) {
	s := &frameSource{order: binary.LittleEndian}
	if f.Syntax.BigEndian {
		s.order = binary.BigEndian
	}
	if !f.Syntax.Encapsulated {
		return s, s.readNative(in, f.Pixel, h)
	}
	if s.decode = codecs[f.Syntax.UID]; s.decode == nil {
		return nil, unsupportedCodec(f.Syntax.UID)
	}
	_, fragments, err := in.pixels(f, maxFilePixels)
	if err != nil {
		return nil, err
	}
	s.frames, err = f.Frames(fragments, h.Frames)
	return s, err
}

// readNative reads frame by frame, so that each can be let go of.
func (s *frameSource) readNative(in *Reader, pixel *PixelHeader, h *SliceHeader) error {
	if h.Samples < 1 || h.Samples > 4 || h.BitsAllocated < 1 || h.BitsAllocated > 64 {
		return &Error{Code: UnsupportedPixels, Detail: "samples a pixel or bits allocated that no image has"}
	}
	bits := int64(h.Rows) * int64(h.Columns) * int64(h.Samples) * int64(h.BitsAllocated)
	switch total := bits * int64(h.Frames) / 8; {
	case pixel.Length == Undefined || int64(pixel.Length) < total:
		return &Error{Code: Truncated, Detail: "pixel data is shorter than its size says"}
	case total > maxFilePixels:
		return unparseable("pixel data larger than it may be")
	}
	for range h.Frames {
		frame, err := in.p.large(int(bits / 8))
		if err != nil {
			return err
		}
		s.frames = append(s.frames, frame)
	}
	return nil
}

// hu returns the frame that h describes.
func (s *frameSource) hu(h *SliceHeader) ([]int16, error) {
	if s.decode == nil {
		table, err := h.lookup()
		if err != nil {
			return nil, err
		}
		return lookupBytes(table, s.frames[h.Frame], s.order, h.Rows*h.Columns), nil
	}
	words, bits, err := s.decode(s.frames[h.Frame], h.Rows, h.Columns, h.Samples)
	if err != nil {
		return nil, err
	}
	as := *h
	if bits != 0 && bits != h.HighBit+1 { // the codec knows better, as pydicom has it
		as.BitsStored, as.HighBit = bits, bits-1
	}
	table, err := as.lookup()
	if err != nil {
		return nil, err
	}
	return lookupWords(table, words), nil
}

// badPixels is a compressed frame that contradicts its standard or its header.
func badPixels(detail string) error { return &Error{Code: BadPixels, Detail: detail} }
