package deid

import (
	"slices"
	"strings"

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
	phrase *matcher // words with signs in them
	single []string // names of one character

	anywhere *matcher // needles; made when they are first searched, nil where they are too many at once
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
	0x00100033: true, // Patient's Birth Date in Alternative Calendar
	0x00102155: true, // Patient's Telecom Information
	0x00120040: true, // Clinical Trial Subject ID
	0x00120042: true, // Clinical Trial Subject Reading ID
	0x00380060: true, // Service Episode ID
}

// ownNames are names of the patient. Those of others, often filled in with
// "CT" or "Admin", do not make identifiers of words that describe a scan.
var ownNames = map[dicomio.Tag]bool{
	tagPatientName: true,
	0x00101001:     true, // Other Patient Names
	0x00101005:     true, // Patient's Birth Name
	0x00101060:     true, // Patient's Mother's Birth Name
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
		if len(e.Value) == 0 || len(e.Value) > maxTextBytes || ids.full() {
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
				ids.addName(text, ownNames[e.Tag])
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

// addName adds the parts of a person name: components, their words, those that
// capitals join, and the component without signs (Smith-Jones as smithjones).
// Words that describe a scan count when the name is the patient's own.
func (ids *identifiers) addName(text string, own bool) {
	add := func(w string) {
		if own || !vocabulary[w] {
			ids.addWord(w)
		}
	}
	for _, person := range strings.FieldsFunc(text, func(r rune) bool { return r == '\\' || r == '=' }) {
		for i, component := range strings.Split(person, "^") {
			component = trimmed(component)
			if i >= 3 && affixes[strings.ToLower(strings.Trim(component, "."))] {
				continue
			}
			add(strings.ToLower(component))
			parts := wordsOf(component)
			for _, part := range parts {
				add(strings.ToLower(part))
				for _, piece := range capitals(part) {
					add(strings.ToLower(piece))
				}
			}
			if joined := strings.Join(parts, ""); len(parts) > 1 && len(joined) >= minJoined {
				add(strings.ToLower(joined))
			}
		}
	}
}

// minJoined is how long words are that are made by leaving out signs.
const minJoined = 6

// affixes stand before or after a name, and name nobody.
var affixes = wordSet(`dr prof med mr mrs ms miss md phd herr frau mme jr sr ii iii iv hon rev sir`)

// addID adds identifiers, with and without the signs in them, and the words and
// numbers that they consist of. A word that describes a scan is none (CT-0815).
func (ids *identifiers) addID(text string) {
	for _, id := range strings.Split(text, `\`) {
		id = strings.ToLower(trimmed(id))
		for _, part := range append(wordsOf(id), id) {
			if (len(part) >= minIDDigits || part == id) && !vocabulary[part] {
				ids.addWord(part)
			}
		}
		if joined, seams := squeeze(id); len(seams) > 0 && len(joined) >= minJoined {
			ids.addWord(joined)
		}
		for _, digits := range digitsOf(id) {
			if len(digits) >= minDigitsWithin {
				ids.addWord(digits)
			}
		}
	}
}

func (ids *identifiers) addWord(w string) {
	switch n := len([]rune(w)); {
	case strings.Trim(w, "0123456789.") == "":
		if strings.Count(w, ".") >= 2 {
			ids.addUID(w)
		} else if len(w) >= minIDDigits && !strings.Contains(w, ".") {
			ids.numbers[w] = true
		}
	case strings.Contains(w, " ") && standard(w): // GE MEDICAL SYSTEMS names nobody
	case n >= 2 || n == 1 && []rune(w)[0] >= 0x2E80: // one character can be a name in Chinese
		ids.words[w] = true
		if !isASCII(w) {
			ids.words[caseless(w)] = true
			for _, form := range inASCII(w) {
				ids.words[form] = true
			}
		}
	}
}

// standard reports whether all words of a text are of scanners and scans.
func standard(text string) bool {
	for _, w := range wordsOf(text) {
		if !standardWords[w] && !vocabulary[w] {
			return false
		}
	}
	return true
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
		for _, form := range spellings(day) {
			ids.spelled[form] = true
		}
	}
}

// prepare makes what the look-ups need. It follows the last gather.
func (ids *identifiers) prepare() error {
	if ids.full() {
		return &Rejection{dicomio.Unparseable, "more names, IDs, UIDs or dates than are searched for"}
	}
	ids.arrange()
	ids.settle()
	return nil
}

// arrange makes the look-ups of what is known.
func (ids *identifiers) arrange() {
	ids.single = ids.single[:0]
	var long, signs [][]byte
	for w := range ids.words {
		if w[0] >= 0x80 && len(w) < minRawBytes {
			ids.single = append(ids.single, w)
		}
		if len(w) >= minRawBytes {
			long = append(long, []byte(w))
			if strings.IndexFunc(w, func(r rune) bool { return !wordRune(r) }) >= 0 {
				signs = append(signs, []byte(w))
			}
		}
	}
	for n := range ids.numbers {
		if len(n) >= minDigitsWithin {
			long = append(long, []byte(n))
		}
	}
	ids.anywhere = nil
	ids.inside, ids.phrase = newMatcher(long), newMatcher(signs)
}

// word reports whether a word of text, in lower case, is an identifier or holds one.
func (ids *identifiers) word(lower string) bool {
	if ids.words[lower] || ids.numbers[lower] {
		return true
	}
	if vocabulary[lower] || standardWords[lower] {
		return false
	}
	if isASCII(lower) {
		return ids.holds(lower)
	}
	if folded := caseless(lower); folded != lower && (ids.words[folded] || ids.holds(folded)) {
		return true
	}
	for _, w := range ids.single { // a name in Chinese has no space around it
		if strings.Contains(lower, w) && !compound(lower) {
			return true
		}
	}
	return ids.holds(lower)
}

// holds reports whether an identifier lies within a word.
func (ids *identifiers) holds(word string) bool {
	return ids.inside.find([]byte(word), func(int, int) bool { return true })
}

// value reports whether a value that would be kept as it is holds an
// identifier, other than a standard word.
func (ids *identifiers) value(text string) bool {
	lower := strings.ToLower(text)
	for _, t := range tokenise(lower) {
		if t.word && !vocabulary[t.text] && !standardWords[t.text] && ids.word(t.text) {
			return true
		}
	}
	if ids.phrase.find([]byte(lower), func(int, int) bool { return true }) {
		return true
	}
	return ids.acrossSigns(lower) || ids.spelledIn(lower)
}

// acrossSigns reports whether an identifier stands in text with other signs in
// it: smith-jones of SMITHJONES, 123 456 789 of 123456789.
func (ids *identifiers) acrossSigns(lower string) bool {
	joined, seams := squeeze(lower)
	return len(seams) > 0 && ids.inside.find([]byte(joined), func(at, n int) bool {
		within := func(seam int) bool { return seam > at && seam < at+n }
		return n >= minJoined && slices.ContainsFunc(seams, within)
	})
}

// spelledIn reports whether the birth or study date is written out in text, or any date as DA has it.
func (ids *identifiers) spelledIn(lower string) bool {
	if !strings.ContainsAny(lower, "0123456789") {
		return false
	}
	for form := range ids.spelled {
		if at := strings.Index(lower, form); at >= 0 && bounded(lower, at, len(form)) {
			return true
		}
	}
	for at := 0; at+8 <= len(lower); at++ {
		if digitOrDot(lower[at]) && ids.dates[lower[at:at+8]] {
			return true
		}
	}
	return false
}

// number reports whether a list of numbers holds an identifier that is long
// enough not to be a measure.
func (ids *identifiers) number(text string) bool {
	for _, v := range strings.Split(text, `\`) {
		v = strings.TrimLeft(trimmed(v), "+0")
		if len(v) >= minDigitsWithin && ids.numbers[v] || len(v) >= 8 && ids.dates[v[:8]] || ids.uids[v] {
			return true
		}
	}
	return false
}
