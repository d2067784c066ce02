package deid

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// caseless returns text in the form that it is compared in: lower case, half-width
// and full-width characters as one, composed accents, katakana as hiragana.
func caseless(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - ('ァ' - 'ぁ')
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(text))
}

// Letters that systems without them write in other ways.
var (
	spelledOut = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "æ", "ae", "œ", "oe", "ß", "ss", "þ", "th", "ð", "d", "ł", "l", "đ", "d", "ı", "i")
	stripped   = strings.NewReplacer("ß", "ss", "ø", "o", "æ", "ae", "œ", "oe", "þ", "th", "ð", "d", "ł", "l", "đ", "d", "ı", "i")
)

// inASCII returns how a system without its letters may have written a word:
// Müller as mueller and muller.
func inASCII(w string) []string {
	if isASCII(w) {
		return nil
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(stripped.Replace(w)))
	long := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(spelledOut.Replace(norm.NFC.String(w))))
	var out []string
	for _, form := range []string{bare, long} {
		if len(form) >= 2 && isASCII(form) {
			out = append(out, form)
		}
	}
	return out
}

// squeeze returns the letters and digits of text, and where those on both sides of a sign meet.
func squeeze(text string) (string, []int) {
	var out strings.Builder
	var seams []int
	sign := false
	for _, r := range text {
		if !wordRune(r) {
			sign = true
			continue
		}
		if sign && out.Len() > 0 {
			seams = append(seams, out.Len())
		}
		sign = false
		out.WriteRune(r)
	}
	return out.String(), seams
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !wordRune(r) })
}

// digitsOf returns the parts of an ID that are numbers by themselves, also
// without the zeros in front: 778899 of MRN0778899.
func digitsOf(id string) []string {
	var out []string
	for _, run := range strings.FieldsFunc(id, func(r rune) bool { return r < '0' || r > '9' }) {
		out = append(out, run)
		if bare := strings.TrimLeft(run, "0"); bare != run {
			out = append(out, bare)
		}
	}
	return out
}

// dateForms are how people write a day.
var dateForms = []string{
	"2006-01-02", "2006/01/02", "2006.01.02", "2006-1-2", "2006/1/2", "2006.1.2",
	"02.01.2006", "2.1.2006", "02/01/2006", "2/1/2006", "02-01-2006", "2-1-2006", "01/02/2006", "1/2/2006", "01-02-2006",
	"2006年1月2日", "2006年01月02日", "2006년 1월 2일", "2006년1월2일",
	"02.01.06", "02/01/06", "01/02/06", "06/01/02",
	"02-Jan-2006", "2-Jan-2006", "02 Jan 2006", "2 Jan 2006", "02Jan2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006", "Jan 2 2006", "January 2 2006",
}

var germanMonths = []string{"januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"}

// spellings returns a day as people write it.
func spellings(day time.Time) []string {
	out := make([]string, 0, len(dateForms)+2)
	for _, form := range dateForms {
		out = append(out, strings.ToLower(day.Format(form)))
	}
	return append(out, day.Format("2. ")+germanMonths[day.Month()-1]+day.Format(" 2006"))
}

// bounded reports whether a date found in text is not part of a longer number.
func bounded[T string | []byte](text T, at, n int) bool {
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	sign := func(i int) bool { return i >= 0 && i < len(text) && text[i] == '.' }
	return !digit(at-1) && !(sign(at-1) && digit(at-2)) && !digit(at+n) && !(sign(at+n) && digit(at+n+1))
}
