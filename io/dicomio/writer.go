package dicomio

import (
	"encoding/binary"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// AppendMeta appends the preamble, the prefix and the meta information to dst.
func (f *File) AppendMeta(dst []byte) []byte {
	if f.Preamble != nil {
		dst = append(append(dst, f.Preamble...), "DICM"...)
	}
	enc := f.metaEnc
	if !enc.known {
		enc = encoding{known: true}
	}
	return appendDataset(dst, f.Meta, enc)
}

// SetMeta replaces the preamble and the meta information by a well-formed one
// with the given elements, in explicit VR little endian, and its group length.
func (f *File) SetMeta(elements Dataset) {
	enc := encoding{known: true}
	length := datasetSize(elements, enc)
	f.Preamble, f.metaEnc = make([]byte, 128), enc
	f.Meta = append(Dataset{NewElement(0x00020000, "UL", binary.LittleEndian.AppendUint32(nil, uint32(length)))}, elements...)
}

// AppendDataset appends d, encoded as the file's data set, to dst.
func (f *File) AppendDataset(dst []byte, d Dataset) []byte { return appendDataset(dst, d, f.enc) }

// WriteDataset writes d, encoded as the file's data set, to w, a part at a time.
func (f *File) WriteDataset(w io.Writer, d Dataset) error {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.w, e.held, e.err = w, e.held[:0], nil
	e.dataset(d, f.enc)
	e.flush()
	e.w = nil
	return e.err
}

// AppendPixelHeader appends the header of pixel data to dst; nothing where the file has none.
func (f *File) AppendPixelHeader(dst []byte) []byte {
	if f.Pixel == nil {
		return dst
	}
	return f.Pixel.header.appendHead(dst, f.enc, f.Pixel.Length)
}

// NewBody returns a writer for all that follows the meta information, deflating
// where the syntax says so. Close ends the deflate stream and leaves w open.
func NewBody(w io.Writer, s Syntax) io.WriteCloser {
	if !s.Deflated {
		return plainBody{w}
	}
	z := deflaters.Get().(*flate.Writer)
	z.Reset(w)
	return &deflatedBody{z}
}

type plainBody struct{ io.Writer }

func (plainBody) Close() error { return nil }

type deflatedBody struct{ *flate.Writer }

func (b *deflatedBody) Close() error {
	err := b.Writer.Close()
	deflaters.Put(b.Writer)
	return err
}

var deflaters = sync.Pool{New: func() any {
	z, err := flate.NewWriter(io.Discard, flate.DefaultCompression)
	if err != nil {
		panic("dicomio: " + err.Error())
	}
	return z
}}

// onlyReader and onlyWriter hide WriteTo and ReadFrom, so that io.CopyBuffer
// copies in the steps of its buffer.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)

// copyStep is how much of pixel data is copied at once: half a 512×512 slice.
const copyStep = 256 << 10

var copyBuffers = sync.Pool{New: func() any { return new([copyStep]byte) }}

// head returns how an element's header is written: as it was read, or as its VR asks for.
func (e *Element) head(enc encoding) (layout, [2]byte) {
	if e.layout != layoutNew {
		return e.layout, e.rawVR
	}
	vr := [2]byte{e.VR[0], e.VR[1]}
	switch {
	case enc.implicit:
		return layoutImplicit, vr
	case kindOf(vr[0], vr[1]) == vrShort:
		return layoutShort, vr
	}
	return layoutLong, vr
}

// appendHead appends an element's header with the given length.
func (e *Element) appendHead(dst []byte, enc encoding, length uint32) []byte {
	layout, vr := e.head(enc)
	switch layout {
	case layoutImplicit:
		return appendHeader(dst, e.Tag, length, enc.big)
	case layoutShort:
		if length > 0xFFFF {
			panic("dicomio: a value of more than 65535 bytes in an element with a 16-bit length")
		}
		dst = append(appendTag(dst, e.Tag, enc.big), vr[0], vr[1])
		if enc.big {
			return binary.BigEndian.AppendUint16(dst, uint16(length))
		}
		return binary.LittleEndian.AppendUint16(dst, uint16(length))
	}
	dst = append(appendTag(dst, e.Tag, enc.big), vr[0], vr[1], e.reserved[0], e.reserved[1], 0, 0, 0, 0)
	putUint32(dst[len(dst)-4:], length, enc.big)
	return dst
}

func appendTag(dst []byte, t Tag, big bool) []byte {
	if big {
		return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(dst, t.Group()), t.Element())
	}
	return binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(dst, t.Group()), t.Element())
}

func appendHeader(dst []byte, t Tag, length uint32, big bool) []byte {
	dst = append(appendTag(dst, t, big), 0, 0, 0, 0)
	putUint32(dst[len(dst)-4:], length, big)
	return dst
}

func putUint32(dst []byte, v uint32, big bool) {
	if big {
		binary.BigEndian.PutUint32(dst, v)
		return
	}
	binary.LittleEndian.PutUint32(dst, v)
}
