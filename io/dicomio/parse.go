package dicomio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// parser builds the tree of one data set.
type parser struct {
	*source
	signed bool // Pixel Representation is 1: US or SS means SS
}

// unbounded is the end of a data set that the file's end or a delimiter closes.
const unbounded = int64(-1)

// header parses an element's header and leaves the value unread. At the end of
// the input it returns io.EOF.
func (p *parser) header(enc encoding) (Element, error) {
	b, err := p.peek(8)
	if err != nil {
		if len(b) == 0 && errors.Is(err, io.EOF) {
			return Element{}, io.EOF
		}
		if len(b) > 0 && errors.Is(err, io.EOF) && allZero(b) {
			return Element{}, io.EOF
		}
		return Element{}, readError(err, "an element header")
	}
	var order binary.ByteOrder = binary.LittleEndian
	if enc.big {
		order = binary.BigEndian
	}
	e := Element{Tag: Tag(order.Uint16(b))<<16 | Tag(order.Uint16(b[2:])), big: enc.big}
	if enc.implicit || e.Tag.Group() == 0xFFFE || !upper(b[4]) || !upper(b[5]) {
		e.layout, e.Length = layoutImplicit, order.Uint32(b[4:])
		e.VR = dictionaryVR(e.Tag, p.signed)
		p.skip(8)
		return e, nil
	}
	e.rawVR = [2]byte{b[4], b[5]}
	kind := kindOf(b[4], b[5])
	if kind == vrUnknown && b[6] == 0 && b[7] == 0 {
		kind = vrLong // VRs to come have 32-bit lengths (PS3.5 section 6.2)
	}
	if kind != vrLong {
		e.layout, e.VR, e.Length = layoutShort, vrName(b[4], b[5]), uint32(order.Uint16(b[6:]))
		p.skip(8)
		return e, nil
	}
	if b, err = p.peek(12); err != nil {
		return Element{}, readError(err, "an element header")
	}
	e.layout, e.VR, e.Length = layoutLong, vrName(b[4], b[5]), order.Uint32(b[8:])
	e.reserved = [2]byte{b[6], b[7]}
	p.skip(12)
	return e, nil
}

// dataset parses elements up to end, the item delimiter (whose length field it
// returns) or, at the top, up to pixel data, whose header is returned unread.
func (p *parser) dataset(enc encoding, end int64, depth int, top, delimited bool) (d Dataset, pixel *Element, delimiter uint32, err error) {
	expected := 4
	switch {
	case top:
		expected = 64
	case end != unbounded:
		expected = int(min(8, (end-p.offset)/16+1))
	}
	for end == unbounded || p.offset < end {
		e, err := p.header(enc)
		if errors.Is(err, io.EOF) {
			if top {
				return d, nil, 0, nil
			}
			return nil, nil, 0, truncated("the file ends inside an item")
		}
		if err != nil {
			return nil, nil, 0, err
		}
		if e.Tag.Group() == 0xFFFE {
			if e.Tag == tagItemDelimiter && delimited {
				return d, nil, e.Length, nil
			}
			return nil, nil, 0, unparseable("a delimiter outside a sequence")
		}
		if top && e.Tag == 0 && e.Length == 0 && e.layout == layoutImplicit {
			p.offset -= 8
			return d, nil, 0, errPadding
		}
		if top && e.Tag.IsPixel() {
			return d, &e, 0, nil
		}
		if end != unbounded && e.Length != Undefined && p.offset+int64(e.Length) > end {
			return nil, nil, 0, unparseable("a value runs past the end of its item")
		}
		if d, err = room(p.source, d, expected); err != nil {
			return nil, nil, 0, err
		}
		if err := p.value(&e, enc, depth); err != nil {
			return nil, nil, 0, err
		}
		if top && e.Tag == TagPixelRepresentation && len(e.Value) == 2 {
			p.signed = e.order().Uint16(e.Value) == 1
		}
		d = append(d, e)
	}
	if end != unbounded && p.offset > end {
		return nil, nil, 0, unparseable("a value runs past the end of its item")
	}
	if delimited {
		return nil, nil, 0, truncated("an item without its end")
	}
	return d, nil, 0, nil
}

// errPadding says that zeros follow the last element.
var errPadding = errors.New("padding")

// value reads the value of e, whose header was just read.
func (p *parser) value(e *Element, enc encoding, depth int) error {
	un := e.VR == "UN"
	switch {
	case e.Length == Undefined && (e.VR == "OB" || e.VR == "OW"):
		return p.sequence(e, enc, depth, true)
	case e.VR == "SQ", e.Length == Undefined && (un || e.layout == layoutImplicit):
		inner := enc
		if un && e.layout != layoutImplicit { // PS3.5 section 6.2.2: implicit little endian inside UN
			inner = encoding{known: true, implicit: true}
		}
		if e.layout == layoutImplicit && !enc.implicit {
			inner = encoding{known: true, implicit: true, big: enc.big}
		}
		return p.sequence(e, inner, depth, false)
	case e.Length == Undefined:
		return unparseable("undefined length of a value that is no sequence")
	}
	var err error
	if e.Value, err = p.bytes(e.Length); err != nil {
		return err
	}
	if un && len(e.Value) >= 8 && binary.LittleEndian.Uint32(e.Value) == 0xE000FFFE {
		p.inside(e, depth)
	}
	return nil
}

// inside tries to read a UN value as a sequence in implicit VR little endian;
// when it is none, the value stays as it is.
func (p *parser) inside(e *Element, depth int) {
	sub := &parser{source: p.over(bytes.NewReader(e.Value), 512)}
	whole := *e
	if err := sub.sequence(&whole, encoding{known: true, implicit: true}, depth, false); err == nil && sub.offset == int64(len(e.Value)) {
		whole.Value = nil
		*e = whole
	}
}

// sequence reads the items of e, or its fragments.
func (p *parser) sequence(e *Element, enc encoding, depth int, fragments bool) error {
	if depth >= maxDepth {
		return unparseable("sequences nested deeper than 64")
	}
	end := unbounded
	if e.Length != Undefined {
		end = p.offset + int64(e.Length)
	}
	e.Items = []Item{}
	for end == unbounded || p.offset < end {
		h, err := p.header(encoding{implicit: true, big: enc.big})
		if errors.Is(err, io.EOF) {
			return truncated("the file ends inside a sequence")
		}
		if err != nil {
			return err
		}
		if h.Tag == tagSeqDelimiter && end == unbounded {
			e.delimiter = h.Length
			return nil
		}
		if h.Tag != tagItem {
			return unparseable("a sequence holds something that is no item")
		}
		if end != unbounded && h.Length != Undefined && p.offset+int64(h.Length) > end {
			return unparseable("an item runs past the end of its sequence")
		}
		if e.Items, err = room(p.source, e.Items, 1); err != nil {
			return err
		}
		item := Item{Length: h.Length, enc: enc}
		switch {
		case fragments && h.Length == Undefined:
			return unparseable("a fragment of undefined length")
		case fragments:
			item.fragment = true
			item.Raw, err = p.bytes(h.Length)
		case h.Length == Undefined:
			item.enc = p.detect(enc, end)
			item.Dataset, _, item.delimiter, err = p.dataset(item.enc, end, depth+1, false, true)
		default:
			item.enc = p.detect(enc, p.offset+int64(h.Length))
			item.Dataset, _, _, err = p.dataset(item.enc, p.offset+int64(h.Length), depth+1, false, false)
		}
		if err != nil {
			return err
		}
		e.Items = append(e.Items, item)
	}
	if p.offset != end {
		return unparseable("an item runs past the end of its sequence")
	}
	return nil
}

// detect returns the encoding of the data set that starts here, which is enc
// unless the first element shows that VRs are written after all, or are not.
func (p *parser) detect(enc encoding, end int64) encoding {
	b, err := p.peek(8)
	enc.known = true
	if err != nil || binary.LittleEndian.Uint16(b) == 0xFFFE {
		return enc
	}
	if !enc.implicit {
		enc.implicit = !upper(b[4]) || !upper(b[5])
		return enc
	}
	if kindOf(b[4], b[5]) != vrUnknown {
		length := int64(binary.LittleEndian.Uint32(b[4:]))
		if length > maxValue || end != unbounded && p.offset+8+length > end {
			enc.implicit = false
		}
	}
	return enc
}

// vrName returns the VR without allocating for those that exist.
func vrName(a, b byte) string {
	if name, ok := vrNames[[2]byte{a, b}]; ok {
		return name
	}
	return string([]byte{a, b})
}

var vrNames = func() map[[2]byte]string {
	names := map[[2]byte]string{}
	for a := byte('A'); a <= 'Z'; a++ {
		for b := byte('A'); b <= 'Z'; b++ {
			if kindOf(a, b) != vrUnknown {
				names[[2]byte{a, b}] = string([]byte{a, b})
			}
		}
	}
	return names
}()

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
