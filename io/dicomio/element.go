package dicomio

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// Undefined is the length of a sequence or item that ends with a delimiter.
const Undefined = 0xFFFFFFFF

// Element is one data element. Value holds the bytes as in the file, padding
// included; a sequence (also one inside UN) and encapsulated fragments outside
// Pixel Data have Items instead. Length is as read; what is written follows
// from Value or Items, and stays undefined where it was.
type Element struct {
	Tag    Tag
	Length uint32
	VR     string // from the dictionary where the file does not say
	Value  []byte
	Items  []Item

	rawVR     [2]byte // as in the file, when explicit
	reserved  [2]byte
	delimiter uint32 // length field of the sequence delimiter
	layout    layout
	big       bool
}

// layout is how an element's header was written.
type layout uint8

const (
	layoutNew      layout = iota // made here: by its VR and the data set's encoding
	layoutImplicit               // tag, 32-bit length
	layoutShort                  // tag, VR, 16-bit length
	layoutLong                   // tag, VR, reserved, 32-bit length
)

// Item is one item of a sequence, or one fragment (Raw).
type Item struct {
	Dataset Dataset
	Raw     []byte // a fragment's bytes
	Length  uint32

	enc       encoding
	delimiter uint32
	fragment  bool
}

// Dataset is a data set's elements in file order.
type Dataset []Element

// NewElement returns an element with the given value, which the caller has
// padded to an even length, encoded as the data set around it.
func NewElement(t Tag, vr string, value []byte) Element {
	return Element{Tag: t, VR: vr, Length: uint32(len(value)), Value: value}
}

// Fits reports whether a value of n bytes can be written with the VR in explicit syntaxes.
func Fits(vr string, n int) bool {
	return n <= 0xFFFF || len(vr) == 2 && kindOf(vr[0], vr[1]) == vrLong
}

// NewSequence returns a sequence of the given data sets with defined lengths.
func NewSequence(t Tag, items ...Dataset) Element {
	e := Element{Tag: t, VR: "SQ", Items: make([]Item, len(items))}
	for i, d := range items {
		e.Items[i].Dataset = d
	}
	return e
}

// IsSequence reports whether the element has items rather than a value.
func (e *Element) IsSequence() bool { return e.Items != nil || e.VR == "SQ" }

// Find returns the first element with tag t.
func (d Dataset) Find(t Tag) (*Element, bool) {
	for i := range d {
		if d[i].Tag == t {
			return &d[i], true
		}
	}
	return nil, false
}

// Put replaces the element of the same tag, or inserts e in the order of tags.
func (d *Dataset) Put(e Element) {
	at := len(*d)
	for i := range *d {
		if (*d)[i].Tag == e.Tag {
			(*d)[i] = e
			return
		}
		if (*d)[i].Tag > e.Tag && at == len(*d) {
			at = i
		}
	}
	*d = append(*d, Element{})
	copy((*d)[at+1:], (*d)[at:])
	(*d)[at] = e
}

// Text returns the first value as text, without padding; "" when absent.
// Bytes are not decoded: for attributes whose repertoire is ASCII.
func (d Dataset) Text(t Tag) string {
	e, ok := d.Find(t)
	if !ok {
		return ""
	}
	first, _, _ := bytes.Cut(e.Value, []byte(`\`))
	return strings.Trim(string(first), " \x00")
}

// Texts returns the values separated by backslashes, without padding; nil when absent or empty.
func (d Dataset) Texts(t Tag) []string {
	e, ok := d.Find(t)
	if !ok || len(e.Value) == 0 {
		return nil
	}
	values := strings.Split(string(e.Value), `\`)
	for i, v := range values {
		values[i] = strings.Trim(v, " \x00")
	}
	if len(values) == 1 && values[0] == "" {
		return nil
	}
	return values
}

// Floats returns the values of a DS, FD or FL element, or of an integer one; nil when absent or not numbers.
func (d Dataset) Floats(t Tag) []float64 {
	e, ok := d.Find(t)
	if !ok {
		return nil
	}
	order := e.order()
	var out []float64
	switch e.VR {
	case "FD", "OD":
		for v := e.Value; len(v) >= 8; v = v[8:] {
			out = append(out, math.Float64frombits(order.Uint64(v)))
		}
	case "FL", "OF":
		for v := e.Value; len(v) >= 4; v = v[4:] {
			out = append(out, float64(math.Float32frombits(order.Uint32(v))))
		}
	case "US", "SS", "UL", "SL":
		for _, n := range d.Ints(t) {
			out = append(out, float64(n))
		}
	default:
		for _, s := range d.Texts(t) {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return nil
			}
			out = append(out, f)
		}
	}
	return out
}

// Ints returns the values of an IS, US, SS, UL or SL element; nil when absent or not integers.
func (d Dataset) Ints(t Tag) []int {
	e, ok := d.Find(t)
	if !ok {
		return nil
	}
	order := e.order()
	var out []int
	switch e.VR {
	case "US", "OW":
		for v := e.Value; len(v) >= 2; v = v[2:] {
			out = append(out, int(order.Uint16(v)))
		}
	case "SS":
		for v := e.Value; len(v) >= 2; v = v[2:] {
			out = append(out, int(int16(order.Uint16(v))))
		}
	case "UL":
		for v := e.Value; len(v) >= 4; v = v[4:] {
			out = append(out, int(order.Uint32(v)))
		}
	case "SL":
		for v := e.Value; len(v) >= 4; v = v[4:] {
			out = append(out, int(int32(order.Uint32(v))))
		}
	default:
		for _, s := range d.Texts(t) {
			n, err := strconv.Atoi(strings.TrimPrefix(s, "+"))
			if err != nil {
				return nil
			}
			out = append(out, n)
		}
	}
	return out
}

// Items returns the data sets of a sequence's items; nil when absent.
func (d Dataset) Items(t Tag) []Dataset {
	e, ok := d.Find(t)
	if !ok || len(e.Items) == 0 {
		return nil
	}
	out := make([]Dataset, len(e.Items))
	for i := range e.Items {
		out[i] = e.Items[i].Dataset
	}
	return out
}

func (e *Element) order() binary.ByteOrder {
	if e.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}
