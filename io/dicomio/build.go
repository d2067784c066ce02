package dicomio

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// The functions below return elements of data sets that are written anew, with
// their values padded as PS3.5 section 6.2 says. Values must fit their VR.

// TextElement returns an element of text values, which are joined by backslashes.
func TextElement(t Tag, vr string, values ...string) Element {
	text := strings.Join(values, `\`)
	if len(text)%2 == 1 {
		pad := " "
		if vr == "UI" {
			pad = "\x00"
		}
		text += pad
	}
	return NewElement(t, vr, []byte(text))
}

func decimalElement(t Tag, values ...float64) Element {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = decimalString(v)
	}
	return TextElement(t, "DS", texts...)
}

// decimalString returns the DS nearest to v: the shortest text that reads as v,
// or as many digits as 16 bytes hold.
func decimalString(v float64) string {
	if v == 0 {
		return "0"
	}
	text := strconv.FormatFloat(v, 'g', -1, 64)
	for digits := 16; len(text) > 16; digits-- {
		text = strconv.FormatFloat(v, 'g', digits, 64)
		if plain := strconv.FormatFloat(v, 'f', max(0, digits-1-int(math.Floor(math.Log10(math.Abs(v))))), 64); len(plain) < len(text) {
			text = plain
		}
	}
	return text
}

func integerElement(t Tag, v int) Element { return TextElement(t, "IS", strconv.Itoa(v)) }

func shortElement(t Tag, values ...uint16) Element {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return NewElement(t, "US", b)
}

func longElement(t Tag, values ...uint32) Element {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return NewElement(t, "UL", b)
}

func tagElement(t, value Tag) Element {
	return NewElement(t, "AT", appendTag(nil, value, false))
}

// CodeItem returns the item of a code sequence (PS3.3 section 8.8).
func CodeItem(c Code) Dataset {
	return Dataset{
		TextElement(tagCodeValue, "SH", c.Value),
		TextElement(tagCodingScheme, "SH", c.Scheme),
		TextElement(tagCodeMeaning, "LO", c.Meaning),
	}
}
