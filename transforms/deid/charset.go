package deid

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"ctcohort/io/dicomio"
)

// charset is a Specific Character Set (0008,0005): its terms in order.
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
		values[i] = trimmed(values[i])
	}
	return values
}

// known reports whether each term names a character set that is read here.
func (c charset) known() bool {
	for _, term := range c {
		if setOf(term) == nil {
			return false
		}
	}
	return true
}

// encodings returns the encodings that the character set names, for searching.
func (c charset) encodings() []encoding.Encoding {
	var out []encoding.Encoding
	for _, term := range c {
		if s := setOf(term); s != nil && s.enc != nil {
			out = append(out, s.enc)
		}
	}
	return out
}

// initial returns the sets that are active at the start of a value, and the one
// that takes the whole value where the character set is such. A term in front of
// the others is often left out; characters without an escape sequence are then
// of the next one that can hold them.
func (c charset) initial() (g0, g1, whole *codeSet) {
	g0 = ascii94
	for i, term := range c {
		s := setOf(term)
		switch {
		case s == nil:
			return g0, nil, nil
		case s.form == alone && (i == 0 || len(c) == 2):
			return g0, nil, s
		case i == 0 && s.form == kana:
			g0 = roman
		}
		if g1 == nil && s.inG1() {
			g1 = s
		}
	}
	return g0, g1, nil
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

// decode returns a value as text; false when its bytes are not of its character set.
func (c charset) decode(value []byte) (string, bool) { return c.read(value, "\\") }

// decodeName is decode for a PN, whose components start anew (PS3.5 section 6.1.2.5.3).
func (c charset) decodeName(value []byte) (string, bool) { return c.read(value, "\\^=") }

func (c charset) read(value []byte, delimiters string) (string, bool) {
	if ascii(value) {
		return string(value), true
	}
	g0, g1, whole := c.initial()
	switch {
	case whole != nil && setOf("192") == whole:
		return string(value), utf8.Valid(value)
	case whole != nil:
		return whole.decode(value)
	}
	d := extended{first: [2]*codeSet{g0, g1}, delimiters: delimiters}
	return d.decode(value)
}

// others are encodings that bytes are often in whatever the file says.
var others = []encoding.Encoding{
	charmap.Windows1252, simplifiedchinese.GB18030, japanese.ShiftJIS, japanese.EUCJP, korean.EUCKR,
}

// readings returns a value as text in each way that it may have been meant:
// by its character set, as UTF-8, and as what is often written under the name of
// another set or under none. Identifiers are looked for in all of them.
func (c charset) readings(value []byte) []string {
	text, ok := c.decodeName(value)
	if ascii(value) {
		return []string{text}
	}
	var out []string
	if ok {
		out = append(out, text)
	}
	if utf8.Valid(value) {
		return append(out, string(value))
	}
	for i, enc := range others {
		text, err := enc.NewDecoder().Bytes(value)
		if err == nil && !bytes.ContainsRune(text, utf8.RuneError) && (i == 0 && !ok || eastAsian(text)) {
			out = append(out, string(text))
		}
	}
	return out
}

// eastAsian reports whether all letters beyond ASCII are Chinese, Japanese or Korean.
func eastAsian(text []byte) bool {
	for _, r := range string(text) {
		if r >= 0x80 && unicode.IsLetter(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) && r != 'ー' {
			return false
		}
	}
	return true
}

// encode returns text in the character set, with escape sequences where it has
// code extensions; false when it cannot hold the text.
func (c charset) encode(text string) ([]byte, bool) {
	if ascii([]byte(text)) {
		return []byte(text), true
	}
	_, _, whole := c.initial()
	if whole != nil {
		out, err := whole.enc.NewEncoder().Bytes([]byte(text))
		return out, err == nil
	}
	out, ok := c.extend(text)
	if !ok {
		return nil, false
	}
	back, ok := c.decode(out)
	return out, ok && back == text
}
