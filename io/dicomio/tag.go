package dicomio

import (
	"fmt"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// Tag is a data element tag: group<<16 | element.
type Tag uint32

// Tags that the element stream itself needs to know.
const (
	TagTransferSyntaxUID   Tag = 0x00020010
	TagSpecificCharset     Tag = 0x00080005
	TagPixelRepresentation Tag = 0x00280103
	TagFloatPixelData      Tag = 0x7FE00008
	TagDoublePixelData     Tag = 0x7FE00009
	TagPixelData           Tag = 0x7FE00010

	tagItem          Tag = 0xFFFEE000
	tagItemDelimiter Tag = 0xFFFEE00D
	tagSeqDelimiter  Tag = 0xFFFEE0DD
)

// Group returns the group number, the upper half of the tag.
func (t Tag) Group() uint16 { return uint16(t >> 16) }

// Element returns the element number, the lower half of the tag.
func (t Tag) Element() uint16 { return uint16(t) }

// Private reports whether the tag has an odd group number.
func (t Tag) Private() bool { return t>>16&1 == 1 }

// IsPixel reports whether the tag is one of the three Pixel Data elements, whose values are streamed.
func (t Tag) IsPixel() bool {
	return t == TagPixelData || t == TagFloatPixelData || t == TagDoublePixelData
}

func (t Tag) String() string { return fmt.Sprintf("(%04X,%04X)", t.Group(), t.Element()) }

// Entry is what the data dictionary (PS3.6) says of a tag.
type Entry struct {
	VRs     []string // the first is the usual one
	VM      string   // "1", "1-n", "2-2n"…
	Keyword string
	Retired bool
}

// Lookup returns the dictionary's entry for t. Repeating groups (50xx, 60xx)
// are found under their first group; private tags never.
func Lookup(t Tag) (Entry, bool) {
	if t.Private() {
		return Entry{}, false
	}
	if e, ok := newer[t]; ok {
		return e, true
	}
	info, err := tag.Find(tag.Tag{Group: t.Group(), Element: t.Element()})
	if err != nil {
		if g := t >> 24; g == 0x50 || g == 0x60 {
			if base := g<<24 | t&0xFFFF; base != t {
				return Lookup(base)
			}
		}
		return Entry{}, false
	}
	return Entry{VRs: info.VRs, VM: info.VM, Keyword: info.Keyword, Retired: info.Retired}, true
}

// newer holds attributes of PS3.6 2025 that the library's edition lacks.
var newer = map[Tag]Entry{
	0x00102161: {VRs: []string{"SQ"}, VM: "1", Keyword: "EthnicGroupCodeSequence"},
	0x300A0054: {VRs: []string{"UI"}, VM: "1", Keyword: "TableTopPositionAlignmentUID"},
}

// dictionaryVR returns the VR of t in an implicit VR file; "UN" when unknown.
// Where the dictionary allows US or SS, signed decides.
func dictionaryVR(t Tag, signed bool) string {
	if t.Private() {
		if e := t.Element(); e >= 0x10 && e <= 0xFF {
			return "LO"
		}
		return "UN"
	}
	e, ok := Lookup(t)
	if !ok || len(e.VRs) == 0 {
		return "UN"
	}
	if signed && len(e.VRs) > 1 && e.VRs[0] == "US" && e.VRs[1] == "SS" {
		return "SS"
	}
	return e.VRs[0]
}

// vrKind says how an explicit VR's header is laid out.
type vrKind uint8

const (
	vrUnknown vrKind = iota
	vrShort          // 16-bit length
	vrLong           // two reserved bytes and a 32-bit length
)

func kindOf(a, b byte) vrKind {
	switch string([]byte{a, b}) {
	case "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US":
		return vrShort
	case "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV":
		return vrLong
	}
	return vrUnknown
}

func upper(b byte) bool { return b >= 'A' && b <= 'Z' }
