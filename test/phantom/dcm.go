package phantom

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Transfer syntaxes.
const (
	implicitLE = "1.2.840.10008.1.2"
	explicitLE = "1.2.840.10008.1.2.1"
)

// dataset is a DICOM data set under construction.
type dataset struct {
	elements  []element
	charset   *charset
	openItems bool // write sequences with undefined length
}

type element struct {
	tag   uint32
	vr    string
	value []byte
	items []*dataset
}

// child returns an empty item in d's character set.
func (d *dataset) child() *dataset { return &dataset{charset: d.charset, openItems: d.openItems} }

func (d *dataset) raw(tag uint32, vr string, value []byte) {
	d.elements = append(d.elements, element{tag: tag, vr: vr, value: value})
}

// text adds string values. Text of people is coded in the character set.
func (d *dataset) text(tag uint32, vr string, values ...string) {
	var b []byte
	for i, v := range values {
		if i > 0 {
			b = append(b, '\\')
		}
		switch vr {
		case "PN", "LO", "LT", "SH", "ST", "UT", "UC":
			b = append(b, d.charset.encode(v)...)
		default:
			b = append(b, v...)
		}
	}
	d.raw(tag, vr, b)
}

func (d *dataset) us(tag uint32, values ...int) {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	d.raw(tag, "US", b)
}

func (d *dataset) ul(tag uint32, values ...int) {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	d.raw(tag, "UL", b)
}

func (d *dataset) at(tag, value uint32) {
	b := binary.LittleEndian.AppendUint16(nil, uint16(value>>16))
	d.raw(tag, "AT", binary.LittleEndian.AppendUint16(b, uint16(value)))
}

// ds adds decimal strings, which hold at most 16 characters.
func (d *dataset) ds(tag uint32, values ...float64) {
	var s []string
	for _, v := range values {
		if v == 0 {
			v = math.Abs(v)
		}
		s = append(s, strconv.FormatFloat(roundTo(v, 1e6), 'f', -1, 64))
	}
	d.text(tag, "DS", s...)
}

func (d *dataset) is(tag uint32, values ...int) {
	var s []string
	for _, v := range values {
		s = append(s, strconv.Itoa(v))
	}
	d.text(tag, "IS", s...)
}

func (d *dataset) sequence(tag uint32, items ...*dataset) {
	d.elements = append(d.elements, element{tag: tag, vr: "SQ", items: items})
}

// without returns d less the element tag.
func (d *dataset) without(tag uint32) *dataset {
	c := *d
	c.elements = slices.DeleteFunc(slices.Clone(d.elements), func(e element) bool { return e.tag == tag })
	return &c
}

// copied returns a copy of d whose elements can be added to without touching d.
func (d *dataset) copied() *dataset {
	c := *d
	c.elements = slices.Clip(slices.Clone(d.elements))
	return &c
}

const undefinedLength = 0xFFFFFFFF

// encode writes the elements in ascending order of tags.
func (d *dataset) encode(b *bytes.Buffer, implicit bool) {
	slices.SortStableFunc(d.elements, func(x, y element) int {
		if x.tag < y.tag {
			return -1
		}
		if x.tag > y.tag {
			return 1
		}
		return 0
	})
	for _, e := range d.elements {
		if e.vr == "SQ" {
			d.encodeSequence(b, e, implicit)
			continue
		}
		value := e.value
		if len(value)%2 == 1 {
			pad := byte(' ')
			if e.vr == "UI" || e.vr == "OB" || e.vr == "UN" {
				pad = 0
			}
			value = append(slices.Clip(value), pad)
		}
		writeHeader(b, e.tag, e.vr, uint32(len(value)), implicit)
		b.Write(value)
	}
}

func (d *dataset) encodeSequence(b *bytes.Buffer, e element, implicit bool) {
	var body bytes.Buffer
	for _, item := range e.items {
		var content bytes.Buffer
		item.encode(&content, implicit)
		if d.openItems {
			writeHeader(&body, 0xFFFEE000, "", undefinedLength, true)
			body.Write(content.Bytes())
			writeHeader(&body, 0xFFFEE00D, "", 0, true)
		} else {
			writeHeader(&body, 0xFFFEE000, "", uint32(content.Len()), true)
			body.Write(content.Bytes())
		}
	}
	if d.openItems {
		writeHeader(b, e.tag, "SQ", undefinedLength, implicit)
		b.Write(body.Bytes())
		writeHeader(b, 0xFFFEE0DD, "", 0, true)
		return
	}
	writeHeader(b, e.tag, "SQ", uint32(body.Len()), implicit)
	b.Write(body.Bytes())
}

func writeHeader(b *bytes.Buffer, tag uint32, vr string, length uint32, implicit bool) {
	var h [12]byte
	binary.LittleEndian.PutUint16(h[0:], uint16(tag>>16))
	binary.LittleEndian.PutUint16(h[2:], uint16(tag))
	if implicit {
		binary.LittleEndian.PutUint32(h[4:], length)
		b.Write(h[:8])
		return
	}
	copy(h[4:], vr)
	switch vr {
	case "OB", "OW", "OF", "OD", "OL", "SQ", "UT", "UN", "UC", "UR":
		binary.LittleEndian.PutUint32(h[8:], length)
		b.Write(h[:12])
	default:
		binary.LittleEndian.PutUint16(h[6:], uint16(length))
		b.Write(h[:8])
	}
}

// file returns a Part 10 file of d. aeTitle and preamble may hold identity, as
// they do in the wild.
func (d *dataset) file(sopClass, sopUID, aeTitle, preamble string, implicit bool) []byte {
	syntax := explicitLE
	if implicit {
		syntax = implicitLE
	}
	meta := &dataset{}
	meta.raw(0x00020001, "OB", []byte{0, 1})
	meta.text(0x00020002, "UI", sopClass)
	meta.text(0x00020003, "UI", sopUID)
	meta.text(0x00020010, "UI", syntax)
	meta.text(0x00020012, "UI", "1.2.826.0.1.3680043.10.1471.1")
	meta.text(0x00020013, "SH", "PHANTOM_1")
	meta.text(0x00020016, "AE", aeTitle)
	var group, b bytes.Buffer
	meta.encode(&group, false)

	b.WriteString(preamble)
	b.WriteString(strings.Repeat("\x00", 128-len(preamble)))
	b.WriteString("DICM")
	length := &dataset{}
	length.ul(0x00020000, group.Len())
	length.encode(&b, false)
	b.Write(group.Bytes())
	d.encode(&b, implicit)
	return b.Bytes()
}
