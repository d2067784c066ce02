package deid

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"ctcohort/io/dicomio"
)

// charset is a Specific Character Set (0008,0005): its values in order.
type charset []string

// charsetOf returns the character set of a data set, or the one around it.
func charsetOf(d dicomio.Dataset, around charset) charset {
	e, ok := d.Find(tagCharset)
	if !ok {
		return around
	}
	if len(e.Value) == 0 {
		return nil
	}
	values := strings.Split(string(e.Value), `\`)
	for i := range values {
		values[i] = strings.Trim(values[i], " \x00")
	}
	return values
}

// single maps a defined term without code extensions, and the G1 half of the
// single-byte ones with them, to its encoding.
var single = map[string]encoding.Encoding{
	"100": charmap.ISO8859_1, "101": charmap.ISO8859_2, "109": charmap.ISO8859_3, "110": charmap.ISO8859_4,
	"144": charmap.ISO8859_5, "127": charmap.ISO8859_6, "126": charmap.ISO8859_7, "138": charmap.ISO8859_8,
	"148": charmap.ISO8859_9, "203": charmap.ISO8859_15, "166": charmap.Windows874, "13": japanese.ShiftJIS,
	"192": unicode.UTF8, "GB18030": simplifiedchinese.GB18030, "GBK": simplifiedchinese.GBK,
	"149": korean.EUCKR, "58": simplifiedchinese.GBK, "87": japanese.EUCJP, "159": japanese.EUCJP,
}

// number returns the registration number in a defined term: "100" of "ISO_IR 100" and "ISO 2022 IR 100".
func number(term string) string {
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(term, "ISO_IR"), "ISO 2022 IR"))
}

// initial returns the encoding at the start of each value, nil for plain ASCII.
func (c charset) initial() encoding.Encoding {
	if len(c) == 0 || c[0] == "" || number(c[0]) == "6" {
		if len(c) > 1 && number(c[1]) == "149" || len(c) > 1 && number(c[1]) == "58" {
			return single[number(c[1])] // G1, in values that leave out the escape
		}
		return nil
	}
	return single[number(c[0])]
}

// encodings returns the encodings that the character set names, for searching.
func (c charset) encodings() []encoding.Encoding {
	var out []encoding.Encoding
	for _, term := range c {
		if e := single[number(term)]; e != nil {
			out = append(out, e)
		}
	}
	return out
}

// ascii reports whether a value needs no decoding.
func ascii(value []byte) bool {
	for _, b := range value {
		if b >= 0x80 || b == 0x1B {
			return false
		}
	}
	return true
}

// escapes are the ISO 2022 designations of PS3.3 Table C.12-3 and C.12-4.
var escapes = []struct {
	sequence string
	enc      encoding.Encoding
	high     bool // two bytes of 7 bits: the decoder wants the high bits set
	prefix   byte // and this before each pair
}{
	{"\x1b(B", nil, false, 0}, {"\x1b(J", nil, false, 0},
	{"\x1b)I", japanese.ShiftJIS, false, 0},
	{"\x1b$B", japanese.EUCJP, true, 0}, {"\x1b$@", japanese.EUCJP, true, 0},
	{"\x1b$(D", japanese.EUCJP, true, 0x8F},
	{"\x1b$)C", korean.EUCKR, false, 0}, {"\x1b$)A", simplifiedchinese.GBK, false, 0},
	{"\x1b-A", charmap.ISO8859_1, false, 0}, {"\x1b-B", charmap.ISO8859_2, false, 0}, {"\x1b-C", charmap.ISO8859_3, false, 0},
	{"\x1b-D", charmap.ISO8859_4, false, 0}, {"\x1b-L", charmap.ISO8859_5, false, 0}, {"\x1b-G", charmap.ISO8859_6, false, 0},
	{"\x1b-F", charmap.ISO8859_7, false, 0}, {"\x1b-H", charmap.ISO8859_8, false, 0}, {"\x1b-M", charmap.ISO8859_9, false, 0},
	{"\x1b-b", charmap.ISO8859_15, false, 0}, {"\x1b-T", charmap.Windows874, false, 0},
}

// decode returns a value as text; false when its bytes are not of its character set.
func (c charset) decode(value []byte) (string, bool) {
	if ascii(value) {
		return string(value), true
	}
	if len(c) == 1 && number(c[0]) == "192" {
		return string(value), utf8.Valid(value)
	}
	var out strings.Builder
	enc, high, prefix := c.initial(), false, byte(0)
	for len(value) > 0 {
		if value[0] == 0x1B {
			known := false
			for _, e := range escapes {
				if bytes.HasPrefix(value, []byte(e.sequence)) {
					enc, high, prefix, known = e.enc, e.high, e.prefix, true
					value = value[len(e.sequence):]
					break
				}
			}
			if !known {
				return "", false
			}
			continue
		}
		n := bytes.IndexByte(value, 0x1B)
		if n < 0 {
			n = len(value)
		}
		text, ok := decodeRun(value[:n], enc, high, prefix)
		if !ok {
			return "", false
		}
		out.WriteString(text)
		value = value[n:]
	}
	return out.String(), true
}

func decodeRun(run []byte, enc encoding.Encoding, high bool, prefix byte) (string, bool) {
	if enc == nil {
		return string(run), ascii(run)
	}
	if high {
		raised := make([]byte, 0, len(run)*3/2)
		for i := 0; i < len(run); i++ {
			if run[i] <= ' ' || i+1 == len(run) { // a control or a delimiter between characters
				raised = append(raised, run[i])
				continue
			}
			if prefix != 0 {
				raised = append(raised, prefix)
			}
			raised = append(raised, run[i]|0x80, run[i+1]|0x80)
			i++
		}
		run = raised
	}
	text, err := enc.NewDecoder().Bytes(run)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", false
	}
	return string(text), true
}

// encode returns text in the character set, where that takes no code
// extensions; false otherwise.
func (c charset) encode(text string) ([]byte, bool) {
	if ascii([]byte(text)) {
		return []byte(text), true
	}
	if len(c) != 1 || single[number(c[0])] == nil {
		return nil, false
	}
	out, err := single[number(c[0])].NewEncoder().Bytes([]byte(text))
	return out, err == nil
}
