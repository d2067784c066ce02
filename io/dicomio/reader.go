package dicomio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
)

// File is a file up to its pixel data.
type File struct {
	Preamble []byte  // 128 bytes, nil when the file has none
	Meta     Dataset // group 0002, always explicit VR little endian where well-formed
	Syntax   Syntax
	Dataset  Dataset      // what stands before pixel data, or all there is
	Pixel    *PixelHeader // nil when the file has none

	metaEnc encoding
	enc     encoding
}

// PixelHeader is the header of pixel data; its value is streamed by Reader.CopyPixel.
type PixelHeader struct {
	Tag    Tag
	VR     string
	Length uint32 // Undefined for fragments

	// Offsets are where each frame's first fragment starts, counted in bytes
	// from the first one's header: the basic offset table, else the extended
	// one. Only ReadFile sets them; nil where the file has neither.
	Offsets []uint64

	header Element
}

// Reader reads one file: first the elements before pixel data, then the pixel
// data as a stream, then what follows.
type Reader struct {
	file    *File
	p       *parser
	pixel   *PixelHeader // as read, like the three after it: what is written may differ
	syntax  Syntax
	big     bool
	offsets []byte // Extended Offset Table
	padding int64
}

// NewReader parses the file from r up to its pixel data.
func NewReader(r io.Reader) (*Reader, *File, error) {
	p := &parser{source: newSource(r, 16<<10)}
	f := &File{}
	if b, err := p.peek(132); err == nil && string(b[128:]) == "DICM" {
		f.Preamble = bytes.Clone(b[:128])
		p.skip(132)
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	} else if !plausible(p.source) {
		return nil, nil, &Error{Code: NotDICOM, Detail: "no DICOM prefix and no element at the start"}
	}
	if err := f.readMeta(p); err != nil {
		return nil, nil, err
	}
	if err := f.chooseSyntax(p); err != nil {
		return nil, nil, err
	}
	out := &Reader{file: f, p: p}
	d, pixel, _, err := p.dataset(f.enc, unbounded, 0, true, false)
	if errors.Is(err, errPadding) {
		err = out.trailingZeros()
	}
	if err != nil {
		return nil, nil, err
	}
	f.Dataset = d
	if pixel != nil {
		f.Pixel = &PixelHeader{Tag: pixel.Tag, VR: pixel.VR, Length: pixel.Length, header: *pixel}
		out.pixel, out.syntax, out.big = f.Pixel, f.Syntax, f.enc.big
		if e, ok := d.Find(tagExtendedOffsets); ok {
			out.offsets = e.Value
		}
	}
	if len(d) == 0 && pixel == nil {
		return nil, nil, truncated("the file holds no data set")
	}
	return out, f, nil
}

// ReadHeader parses a file up to its pixel data.
func ReadHeader(r io.Reader) (*File, error) {
	_, f, err := NewReader(r)
	return f, err
}

// ReadFile parses a file and its pixel data: the native bytes, or the fragments
// without the offset table. Pixel data of more than maxPixelBytes is refused.
func ReadFile(r io.Reader, maxPixelBytes int64) (*File, []byte, [][]byte, error) {
	in, f, err := NewReader(r)
	if err != nil || f.Pixel == nil {
		return f, nil, nil, err
	}
	native, fragments, err := in.pixels(f, maxPixelBytes)
	if err != nil {
		return nil, nil, nil, err
	}
	return f, native, fragments, nil
}

// pixels reads the pixel data of f: the native bytes, or the fragments.
func (r *Reader) pixels(f *File, maxBytes int64) (native []byte, fragments [][]byte, err error) {
	if f.Pixel.Length != Undefined {
		if int64(f.Pixel.Length) > maxBytes {
			return nil, nil, unparseable("pixel data larger than it may be")
		}
		native, err = r.p.large(int(f.Pixel.Length))
		return native, nil, err
	}
	left := maxBytes
	_, err = r.fragments(func(length uint32) error {
		if left -= int64(length); left < 0 {
			return unparseable("pixel data larger than it may be")
		}
		b, err := r.p.large(int(length))
		fragments = append(fragments, b)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if len(fragments) > 0 {
		f.Pixel.Offsets = frameOffsets(fragments[0], r.offsets)
		fragments = fragments[1:]
	}
	return nil, fragments, nil
}

// frameOffsets reads the basic offset table, or in its absence the extended one
// (PS3.5 A.4; PS3.3 C.7.6.3.1.8).
func frameOffsets(basic, extended []byte) (offsets []uint64) {
	for ; len(basic) >= 4; basic = basic[4:] {
		offsets = append(offsets, uint64(binary.LittleEndian.Uint32(basic)))
	}
	if offsets == nil {
		for ; len(extended) >= 8; extended = extended[8:] {
			offsets = append(offsets, binary.LittleEndian.Uint64(extended))
		}
	}
	return offsets
}

// plausible reports whether a file without a prefix starts with an element of group 0002 or 0008.
func plausible(s *source) bool {
	b, err := s.peek(8)
	if err != nil {
		return false
	}
	group := binary.LittleEndian.Uint16(b)
	if group == 0x0800 || group == 0x0200 { // big endian
		return kindOf(b[4], b[5]) != vrUnknown
	}
	if group != 0x0008 && group != 0x0002 {
		return false
	}
	if kindOf(b[4], b[5]) != vrUnknown {
		return true
	}
	_, known := Lookup(Tag(group)<<16 | Tag(binary.LittleEndian.Uint16(b[2:])))
	return known && binary.LittleEndian.Uint32(b[4:]) <= 1<<16
}

// readMeta reads group 0002 by its tags; its group length is not relied on.
func (f *File) readMeta(p *parser) error {
	f.metaEnc = p.detect(encoding{known: true}, unbounded)
	for {
		b, err := p.peek(8)
		if err != nil || binary.LittleEndian.Uint16(b) != 0x0002 {
			return nil
		}
		e, err := p.header(f.metaEnc)
		if err != nil {
			return err
		}
		if f.Meta, err = room(p.source, f.Meta, 16); err != nil {
			return err
		}
		if err := p.value(&e, f.metaEnc, 0); err != nil {
			return err
		}
		f.Meta = append(f.Meta, e)
	}
}

// chooseSyntax settles the data set's encoding from the meta information and
// from the bytes themselves, which win where the two differ.
func (f *File) chooseSyntax(p *parser) error {
	uid := f.Meta.Text(TagTransferSyntaxUID)
	syntax, ok := syntaxOf(uid)
	if uid == "" {
		syntax, ok = Syntax{UID: ExplicitLittleEndian}, true
		if b, err := p.peek(6); err == nil {
			switch {
			case b[0] == 0 && b[1] != 0 && upper(b[4]) && upper(b[5]):
				syntax = Syntax{UID: ExplicitBigEndian, BigEndian: true}
			case !upper(b[4]) || !upper(b[5]):
				syntax = Syntax{UID: ImplicitLittleEndian, Implicit: true}
			}
		}
	}
	if !ok {
		return &Error{Code: UnsupportedSyntax, Detail: "transfer syntax " + safeUID(uid)}
	}
	if syntax.Deflated {
		*p.source = *p.over(flate.NewReader(p.r), 16<<10)
	}
	f.enc = p.detect(encoding{known: true, implicit: syntax.Implicit, big: syntax.BigEndian}, unbounded)
	syntax.Implicit = f.enc.implicit
	f.Syntax = syntax
	return nil
}

// safeUID returns a registered UID as it is, and hides any other.
func safeUID(uid string) string {
	if strings.HasPrefix(uid, "1.2.840.10008.") && len(uid) < 32 && strings.Trim(uid, "0123456789.") == "" {
		return uid
	}
	return "that is private or malformed"
}

// CopyPixel copies the value of pixel data to w as it stands: native bytes, or
// the offset table and the fragments with their headers and the delimiter.
func (r *Reader) CopyPixel(w io.Writer) error {
	if r.pixel == nil {
		return nil
	}
	if r.pixel.Length != Undefined {
		return r.copy(w, int64(r.pixel.Length))
	}
	head := make([]byte, 0, 8)
	delimiter, err := r.fragments(func(length uint32) error {
		head = appendHeader(head[:0], tagItem, length, r.big)
		if _, err := w.Write(head); err != nil {
			return err
		}
		return r.copy(w, int64(length))
	})
	if err != nil {
		return err
	}
	_, err = w.Write(appendHeader(head[:0], tagSeqDelimiter, delimiter, r.big))
	return err
}

// fragments calls each with the length of every item, the offset table first;
// it has to consume that many bytes. It returns the delimiter's length field.
func (r *Reader) fragments(each func(length uint32) error) (uint32, error) {
	for {
		h, err := r.p.header(encoding{implicit: true, big: r.big})
		if errors.Is(err, io.EOF) {
			return 0, truncated("the file ends inside pixel data")
		}
		if err != nil {
			return 0, err
		}
		if h.Tag == tagSeqDelimiter {
			return h.Length, nil
		}
		if h.Tag != tagItem || h.Length == Undefined {
			return 0, unparseable("pixel data holds something that is no fragment")
		}
		if err := each(h.Length); err != nil {
			return 0, err
		}
	}
}

// copy streams n bytes, in steps so that memory stays small.
func (r *Reader) copy(w io.Writer, n int64) error {
	buffer := copyBuffers.Get().(*[copyStep]byte)
	defer copyBuffers.Put(buffer)
	done, err := io.CopyBuffer(onlyWriter{w}, io.LimitReader(onlyReader{r.p.r}, n), buffer[:])
	r.p.offset += done
	if err != nil {
		return readError(err, "pixel data")
	}
	if done < n {
		return truncated("the file ends inside pixel data")
	}
	return nil
}

// Trailer parses what follows pixel data, which must have been copied; nil when nothing does.
func (r *Reader) Trailer() (Dataset, error) {
	if r.pixel == nil {
		return nil, nil
	}
	d, second, _, err := r.p.dataset(r.file.enc, unbounded, 0, true, false)
	if errors.Is(err, errPadding) {
		err = r.trailingZeros()
	}
	if err != nil {
		return nil, err
	}
	if second != nil {
		return nil, unparseable("a second pixel data element")
	}
	return d, nil
}

// trailingZeros consumes the zeros that some writers leave after the last element.
func (r *Reader) trailingZeros() error {
	buffer := make([]byte, 4096)
	r.padding += 8
	for {
		n, err := r.p.r.Read(buffer)
		if !allZero(buffer[:n]) {
			return unparseable("bytes after the end of the data set")
		}
		r.padding += int64(n)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return readError(err, "what follows the data set")
		}
	}
}
