package deid

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// form is how the bytes of a character set stand in a value.
type form uint8

const (
	plain94  form = iota // ASCII or the Roman set of JIS X 0201, in G0
	single               // one byte each, in G1
	kana                 // half-width katakana in G1; Shift-JIS, which some write instead, is read too
	doubleG0             // pairs of 7-bit bytes
	doubleG1             // pairs of 8-bit bytes
	alone                // the whole value, without code extensions
)

// codeSet is a character set that a defined term names (PS3.3 Tables C.12-2 to C.12-5).
type codeSet struct {
	form   form
	enc    encoding.Encoding
	escape string // designates it
	prefix byte   // what the decoder wants before each pair
}

func (s *codeSet) inG1() bool { return s.form == single || s.form == kana || s.form == doubleG1 }

var (
	ascii94 = &codeSet{form: plain94, escape: "\x1b(B"}
	roman   = &codeSet{form: plain94, escape: "\x1b(J"}
)

// codeSets are the sets by their registration number, or by name where they have none.
var codeSets = map[string]*codeSet{
	"6": ascii94, "14": roman,
	"100": {single, charmap.ISO8859_1, "\x1b-A", 0}, "101": {single, charmap.ISO8859_2, "\x1b-B", 0},
	"109": {single, charmap.ISO8859_3, "\x1b-C", 0}, "110": {single, charmap.ISO8859_4, "\x1b-D", 0},
	"144": {single, charmap.ISO8859_5, "\x1b-L", 0}, "127": {single, charmap.ISO8859_6, "\x1b-G", 0},
	"126": {single, charmap.ISO8859_7, "\x1b-F", 0}, "138": {single, charmap.ISO8859_8, "\x1b-H", 0},
	"148": {single, charmap.ISO8859_9, "\x1b-M", 0}, "203": {single, charmap.ISO8859_15, "\x1b-b", 0},
	"166": {single, charmap.Windows874, "\x1b-T", 0}, "13": {kana, japanese.ShiftJIS, "\x1b)I", 0},
	"87": {doubleG0, japanese.EUCJP, "\x1b$B", 0}, "159": {doubleG0, japanese.EUCJP, "\x1b$(D", 0x8F},
	"149": {doubleG1, korean.EUCKR, "\x1b$)C", 0}, "58": {doubleG1, simplifiedchinese.GBK, "\x1b$)A", 0},
	"192":     {alone, unicode.UTF8, "", 0},
	"GB18030": {alone, simplifiedchinese.GB18030, "", 0}, "GBK": {alone, simplifiedchinese.GBK, "", 0},
}

// designations are the escape sequences of the sets, and the older or
// neighbouring ones that files hold: JIS C 6226-1978, and pairs designated to G0.
var designations = func() map[string]*codeSet {
	out := map[string]*codeSet{
		"\x1b$@": codeSets["87"], "\x1b$(B": codeSets["87"],
		"\x1b$(C": {doubleG0, korean.EUCKR, "", 0}, "\x1b$A": {doubleG0, simplifiedchinese.GBK, "", 0},
	}
	for _, s := range codeSets {
		if s.escape != "" {
			out[s.escape] = s
		}
	}
	return out
}()

// slips are names that files have in place of a defined term, in capitals and without signs.
var slips = map[string]string{
	"": "6", "ASCII": "6", "USASCII": "6", "ISO646": "6", "UTF8": "192", "UNICODE": "192", "ISO202258": "58", "GB2312": "58", "ISO2022GBK": "GBK", "CP936": "GBK",
	"LATIN1": "100", "LATIN2": "101", "LATIN9": "203", "WINDOWS1252": "100", "CP1252": "100", "CYRILLIC": "144", "ARABIC": "127", "GREEK": "126", "HEBREW": "138",
	"ISO88591": "100", "ISO88592": "101", "ISO88593": "109", "ISO88594": "110", "ISO88595": "144", "ISO88596": "127", "ISO88597": "126", "ISO88598": "138",
	"ISO88599": "148", "ISO885911": "166", "ISO885915": "203", "SHIFTJIS": "13", "SJIS": "13", "ISO2022JP": "87", "EUCKR": "149", "ISO2022KR": "149", "KSC5601": "149", "KSX1001": "149",
}

// setOf returns the set that a term names, also with the slips of real files
// ("ISO IR 100", "iso_ir_100", "ISO2022IR87", "UTF-8", "latin1"); nil when it is none.
func setOf(term string) *codeSet {
	bare := make([]byte, 0, 16)
	for i := range len(term) {
		switch c := term[i]; {
		case c >= 'a' && c <= 'z':
			bare = append(bare, c-'a'+'A')
		case c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			bare = append(bare, c)
		case !strings.ContainsRune(" _-.:\x00", rune(c)):
			return nil
		}
	}
	name := string(bare)
	if number, ok := slips[name]; ok {
		return codeSets[number]
	}
	for _, prefix := range []string{"ISO2022IR", "ISOIR", "IR"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return codeSets[rest]
		}
	}
	if name == "GB18030" || name == "GBK" {
		return codeSets[name]
	}
	return nil
}

// size returns how many of the bytes, of which the first has its high bit set,
// are one character.
func (s *codeSet) size(b []byte) int {
	pair := s.form == doubleG1 || s.form == kana && (b[0] < 0xA0 || b[0] >= 0xE0)
	if pair && len(b) > 1 {
		return 2
	}
	return 1
}

// decode returns bytes that are all of the set as text.
func (s *codeSet) decode(run []byte) (string, bool) {
	switch s.form {
	case plain94:
		return string(run), true
	case doubleG0:
		raised := make([]byte, 0, len(run)*3/2)
		for i := 0; i+1 < len(run); i += 2 {
			if s.prefix != 0 {
				raised = append(raised, s.prefix)
			}
			raised = append(raised, run[i]|0x80, run[i+1]|0x80)
		}
		run = raised
	}
	text, err := s.enc.NewDecoder().Bytes(run)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", false
	}
	return string(text), true
}

// encode returns the bytes of one character beyond ASCII; false when the set has it not.
func (s *codeSet) encode(r rune) ([]byte, bool) {
	if s.enc == nil || s.form == alone {
		return nil, false
	}
	if s.prefix != 0 {
		pair, ok := supplement()[r]
		return pair[:], ok
	}
	b, err := s.enc.NewEncoder().Bytes([]byte(string(r)))
	switch {
	case err != nil:
		return nil, false
	case s.form == single || s.form == kana:
		return b, len(b) == 1 && b[0] >= 0x80
	case len(b) != 2 || b[0] < 0xA1 || b[1] < 0xA1:
		return nil, false
	case s.form == doubleG0 && (b[0] > 0xA8 && b[0] < 0xB0 || b[0] > 0xF4):
		return nil, false // rows that vendors added to JIS X 0208
	case s.form == doubleG0:
		return []byte{b[0] & 0x7F, b[1] & 0x7F}, true
	}
	return b, true
}

// supplement returns the characters of JIS X 0212, which the encoder of EUC-JP leaves out.
var supplement = sync.OnceValue(func() map[rune][2]byte {
	out := map[rune][2]byte{}
	for a := byte(0x21); a < 0x7F; a++ {
		for b := byte(0x21); b < 0x7F; b++ {
			text, err := japanese.EUCJP.NewDecoder().Bytes([]byte{0x8F, a | 0x80, b | 0x80})
			if r, n := utf8.DecodeRune(text); err == nil && n == len(text) && r != utf8.RuneError {
				out[r] = [2]byte{a, b}
			}
		}
	}
	return out
})
