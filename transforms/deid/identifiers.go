package deid

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"ctcohort/io/dicomio"
)

// identifiers are what a file says of its patient's identity, gathered from the
// whole file, private and nested elements too, before anything is changed.
//
// Some would be found where they are not. What is looked for, and where:
//   - words (parts of names, IDs with a letter) of four bytes and more, as bytes
//     anywhere, in each encoding; not within a longer word of the vocabulary, and
//     not when they are such a word themselves (a patient called Chest);
//   - shorter words, and numbers of four to seven digits, as words of text;
//   - numbers of eight digits and more, and UIDs, as whole runs of digits and dots;
//   - dates at the start of such a run, beyond as often as shifting gave them.
type identifiers struct {
	words   map[string]bool // lower case
	numbers map[string]bool
	uids    map[string]bool
	dates   map[string]bool
	spelled map[string]bool // birth and study dates as people write them
	given   map[string]int  // dates written by this package
	sets    []charset

	retained func(t dicomio.Tag, vr string) bool // whether the options keep an attribute, whose values are then no identifiers; nil for none
	home     home                                // the patient's address, beside what is told of places

	inside *matcher // words and numbers long enough to be found within a word; made by prepare
	phrase []string // words with signs in them
}

func newIdentifiers() *identifiers {
	return &identifiers{words: map[string]bool{}, numbers: map[string]bool{}, uids: map[string]bool{}, dates: map[string]bool{},
		spelled: map[string]bool{}, given: map[string]int{}}
}

const (
	minRawBytes     = 4 // shorter words would be found by chance among binary values
	minIDDigits     = 4 // shorter numbers are everywhere
	minDigitsWithin = 6 // shorter numbers lie within codes by chance
	minRawDigits    = 8 // shorter numbers are among measures
)

// idTags are attributes that hold an identifier of the patient or of a visit.
var idTags = map[dicomio.Tag]bool{
	0x00080050: true, // Accession Number
	0x00100020: true, // Patient ID
	0x00100021: true, // Issuer of Patient ID
	0x00101000: true, // Other Patient IDs
	0x00101090: true, // Medical Record Locator
	0x00102154: true, // Patient's Telephone Numbers
	0x00101050: true, // Insurance Plan Identification
	0x00200010: true, // Study ID
	0x00380010: true, // Admission ID
	0x00400009: true, // Scheduled Procedure Step ID
	0x00400253: true, // Performed Procedure Step ID
	0x00401001: true, // Requested Procedure ID
	0x00402016: true, // Placer Order Number
	0x00402017: true, // Filler Order Number
}

// gather adds what d and its items say.
func (ids *identifiers) gather(d dicomio.Dataset, around charset) {
	set := charsetOf(d, around)
	if len(set) > 0 && !containsSet(ids.sets, set) {
		ids.sets = append(ids.sets, set)
	}
	for i := range d {
		e := &d[i]
		for j := range e.Items {
			ids.gather(e.Items[j].Dataset, set)
		}
		if len(e.Value) == 0 || len(e.Value) > 1<<16 {
			continue
		}
		vr := e.VR
		if vr == "UN" {
			if entry, ok := dicomio.Lookup(e.Tag); ok {
				vr = entry.VRs[0]
			}
		}
		switch {
		case ids.retained != nil && ids.retained(e.Tag, vr):
			if text, ok := set.decode(e.Value); ok && places[e.Tag] {
				ids.home.told = append(ids.home.told, text)
			}
		case e.Tag == tagPatientAddress:
			ids.home.address = append(ids.home.address, set.readings(e.Value)...)
		case vr == "PN":
			for _, text := range set.readings(e.Value) {
				ids.addName(text)
			}
		case idTags[e.Tag]:
			for _, text := range set.readings(e.Value) {
				ids.addID(text)
			}
		case vr == "UI":
			for _, uid := range strings.Split(string(e.Value), `\`) {
				ids.addUID(strings.Trim(uid, " \x00"))
			}
		case vr == "DA" || vr == "DT":
			for _, date := range strings.FieldsFunc(string(e.Value), func(r rune) bool { return r == '\\' || r == '-' }) { // also both ends of a range
				ids.addDate(e.Tag, strings.TrimSpace(date))
			}
		}
	}
}

func containsSet(sets []charset, set charset) bool {
	for _, s := range sets {
		if strings.Join(s, `\`) == strings.Join(set, `\`) {
			return true
		}
	}
	return false
}

// addName adds the parts of a person name: components, and their words.
func (ids *identifiers) addName(text string) {
	for _, person := range strings.FieldsFunc(text, func(r rune) bool { return r == '\\' || r == '=' }) {
		for i, component := range strings.Split(person, "^") {
			component = strings.ToLower(strings.Trim(component, " \x00"))
			if i >= 3 && titles[strings.Trim(component, ".")] {
				continue
			}
			ids.addWord(component)
			for _, part := range strings.FieldsFunc(component, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }) {
				ids.addWord(part)
			}
		}
	}
}

// addID adds identifiers and the words and numbers that they consist of.
func (ids *identifiers) addID(text string) {
	for _, id := range strings.Split(text, `\`) {
		id = strings.ToLower(strings.Trim(id, " \x00"))
		ids.addWord(id)
		for _, part := range strings.FieldsFunc(id, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if len(part) >= minIDDigits {
				ids.addWord(part)
			}
		}
	}
}

func (ids *identifiers) addWord(w string) {
	switch n := len([]rune(w)); {
	case strings.Trim(w, "0123456789.") == "":
		if strings.Count(w, ".") >= 2 {
			ids.addUID(w)
		} else if len(w) >= minIDDigits {
			ids.numbers[w] = true
		}
	case n >= 2 || n == 1 && []rune(w)[0] >= 0x2E80: // one character can be a name in Chinese
		ids.words[w] = true
	}
}

// addUID adds a UID that is not registered. What is too short to be one is left out.
func (ids *identifiers) addUID(uid string) {
	if len(uid) >= 5 && strings.Count(uid, ".") >= 2 && strings.Trim(uid, "0123456789.") == "" && !wellKnown(uid) {
		ids.uids[uid] = true
	}
}

func (ids *identifiers) addDate(t dicomio.Tag, text string) {
	day, ok := parseDay(text)
	if !ok {
		return
	}
	ids.dates[day.Format(dicomDate)] = true
	if t == 0x00100030 || t == 0x00080020 {
		for _, form := range []string{"2006-01-02", "02.01.2006", "2.1.2006", "01/02/2006", "02/01/2006", "2006/01/02", "2006年1月2日"} {
			ids.spelled[day.Format(form)] = true
		}
	}
}

// prepare makes what the look-ups need. It follows the last gather.
func (ids *identifiers) prepare() {
	ids.arrange()
	ids.settle()
}

// arrange makes the look-ups of what is known.
func (ids *identifiers) arrange() {
	ids.phrase = ids.phrase[:0]
	var long [][]byte
	for w := range ids.words {
		if len(w) >= minRawBytes {
			long = append(long, []byte(w))
			if strings.IndexFunc(w, func(r rune) bool { return !wordRune(r) }) >= 0 {
				ids.phrase = append(ids.phrase, w)
			}
		}
	}
	for n := range ids.numbers {
		if len(n) >= minDigitsWithin {
			long = append(long, []byte(n))
		}
	}
	ids.inside = newMatcher(long)
}

// size tells whether gather added anything.
func (ids *identifiers) size() int {
	return len(ids.words) + len(ids.numbers) + len(ids.uids) + len(ids.dates) + len(ids.spelled) + len(ids.home.address)
}

// word reports whether a word of text, in lower case, is an identifier or holds one.
func (ids *identifiers) word(lower string) bool {
	if ids.words[lower] || ids.numbers[lower] {
		return true
	}
	if !isASCII(lower) {
		for w := range ids.words { // a name of one or two characters has no space around it in Chinese
			if w[0] >= 0x80 && strings.Contains(lower, w) {
				return true
			}
		}
	}
	return !vocabulary[lower] && !standardWords[lower] && ids.inside.find([]byte(lower), func(int, int) bool { return true })
}

var spelledDate = regexp.MustCompile(`\d{8}|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}`)

// value reports whether a value that would be kept as it is holds an
// identifier, other than a standard word.
func (ids *identifiers) value(text string) bool {
	lower := strings.ToLower(text)
	for _, t := range tokenise(lower) {
		if t.word && !vocabulary[t.text] && !standardWords[t.text] && ids.word(t.text) {
			return true
		}
	}
	for _, w := range ids.phrase {
		if strings.Contains(lower, w) {
			return true
		}
	}
	for _, date := range spelledDate.FindAllString(lower, -1) {
		if ids.dates[date] || ids.spelled[date] {
			return true
		}
	}
	return false
}

// number reports whether a list of numbers holds an identifier that is long
// enough not to be a measure.
func (ids *identifiers) number(text string) bool {
	for _, v := range strings.Split(text, `\`) {
		v = strings.Trim(v, " \x00")
		if len(v) >= minRawDigits && (ids.numbers[v] || ids.dates[v[:8]]) || ids.uids[v] {
			return true
		}
	}
	return false
}

// needles returns the byte patterns, in lower case as far as ASCII goes, of the
// words that are searched anywhere.
func (ids *identifiers) needles() [][]byte {
	encs := []encoding.Encoding{japanese.ISO2022JP, japanese.EUCJP, japanese.ShiftJIS, korean.EUCKR, simplifiedchinese.GB18030}
	for _, s := range ids.sets {
		encs = append(encs, s.encodings()...)
	}
	var out [][]byte
	add := func(b []byte) {
		b = lowerASCII(nil, b[:min(len(b), overlapBytes/2)])
		if len(b) >= minRawBytes {
			out = append(out, b)
		}
	}
	for w := range ids.words {
		if vocabulary[w] || standardWords[w] {
			continue
		}
		if isASCII(w) {
			if len(w) >= minRawBytes {
				add([]byte(w))
				add(wide(w))
			}
			continue
		}
		for _, form := range []string{w, strings.ToUpper(w), title(w)} {
			add([]byte(form))
			add(wide(form))
			for _, enc := range encs {
				if b, err := enc.NewEncoder().Bytes([]byte(form)); err == nil {
					b = bytes.TrimSuffix(b, []byte("\x1b(B"))
					add(bytes.TrimPrefix(b, []byte("\x1b$B")))
				}
			}
		}
	}
	for s := range ids.spelled {
		add([]byte(s))
	}
	return out
}

func title(w string) string {
	r := []rune(w)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// wide returns text in UTF-16, little endian.
func wide(s string) []byte {
	var out []byte
	for _, r := range s {
		if r < 0x10000 {
			out = append(out, byte(r), byte(r>>8))
		}
	}
	return out
}

// lowerASCII appends b to dst with its ASCII capitals made small.
func lowerASCII(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, lowerByte(c))
	}
	return dst
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
