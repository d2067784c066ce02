package deid

import (
	"slices"
	"strings"

	"ctcohort/io/dicomio"
)

const tagCharset = dicomio.TagSpecificCharset

// walk de-identifies the data sets of one file.
type walk struct {
	d       *Deidentifier
	who     patient
	iod     iod
	ids     *identifiers
	result  *Result
	charset charset
	parent  dicomio.Tag // the sequence around the data set in hand; 0 at the top
	item    *item       // the content item that the data set in hand is, if it is one
	content bool        // within a content item

	blocks    blocks // private blocks of the data set in hand, where the options keep safe ones
	retaining bool   // within a sequence of codes that an option retains
}

// dataset applies the rules to each element, in place, and returns those that stay.
func (w *walk) dataset(ds dicomio.Dataset) dicomio.Dataset {
	if code, replaced := w.code(ds); replaced {
		return code
	}
	around, outer, outerItem := w.charset, w.blocks, w.item
	w.item = w.itemOf(ds)
	w.charset = charsetOf(ds, around)
	if w.d.profile.has(retainSafePrivate) {
		w.blocks = blocksOf(ds)
	}
	kept := ds[:0]
	for i := range ds {
		if e := &ds[i]; w.element(e) {
			kept = append(kept, *e)
		} else {
			w.result.Removed++
		}
	}
	if w.blocks != nil {
		kept = w.withoutUnused(kept)
	}
	w.charset, w.blocks, w.item = around, outer, outerItem
	return kept
}

// element changes e as the rules say and reports whether it stays.
func (w *walk) element(e *dicomio.Element) bool {
	group := e.Tag.Group()
	if e.Tag.Private() {
		return w.private(e)
	}
	if group <= 2 || e.Tag.Element() == 0 || group>>8 == 0x50 || group>>8 == 0x60 {
		return false
	}
	entry, known := dicomio.Lookup(e.Tag)
	if !known || len(entry.VRs) == 0 {
		return false
	}
	vr := w.normalise(e, entry)
	t := w.iod.typeOf(e.Tag, w.parent)
	if stays, done := w.value(e, vr); done {
		return stays
	}
	switch {
	case e.Tag == tagGraphicAnnotation:
		return w.annotations(e, t)
	case e.Tag == tagCodeMeaning && w.content:
		return w.meaning(e, t)
	}
	if l, ok := w.d.actions[e.Tag]; ok {
		return w.listed(e, vr, t, l)
	}
	if entry.Retired && !displayed[e.Tag] {
		return false
	}
	return w.unlisted(e, vr, entry.VM, t)
}

// normalise returns the VR by whose rules the element goes: the dictionary's,
// or the file's where the dictionary allows both.
func (w *walk) normalise(e *dicomio.Element, entry dicomio.Entry) string {
	for _, vr := range entry.VRs {
		if vr == e.VR {
			return vr
		}
	}
	return entry.VRs[0]
}

// listed applies an action of the table.
func (w *walk) listed(e *dicomio.Element, vr string, t iodType, l listed) bool {
	switch resolve(l.action, t) {
	case "K":
		return w.retain(e, vr, t, l)
	case "U":
		if vr == "SQ" {
			return w.sequence(e, t)
		}
		return w.uids(e, vr, t)
	case "C":
		return w.clean(e, vr, t, l.dated)
	case "D":
		if e.Tag == tagPersonCodes || e.Tag == tagInstitutionCodes {
			return w.unknown(e)
		}
		if vr == "SQ" {
			return w.sequence(e, t)
		}
		return w.dummy(e, vr)
	case "Z":
		return w.empty(e, vr)
	}
	return false
}

// clean applies C: shifting to what is dated, cleaning to text, and the rules to items.
func (w *walk) clean(e *dicomio.Element, vr string, t iodType, dated bool) bool {
	switch c := classOf(vr); {
	case dated && (c == classDate || c == classTime):
		return w.dated(e, vr, t)
	case dated && e.Tag == 0x00080201:
		if text := trimmed(string(e.Value)); zone.MatchString(text) {
			return w.keep()
		}
		return w.without(e, vr, t)
	case dated:
		return w.without(e, vr, t)
	case c == classText:
		return w.text(e, vr, t)
	case vr == "AE":
		return w.title(e, t)
	case c == classSequence:
		return w.sequence(e, t)
	}
	return w.without(e, vr, t)
}

// unlisted decides on an attribute of the standard that the table does not name.
func (w *walk) unlisted(e *dicomio.Element, vr, multiplicity string, t iodType) bool {
	if !e.IsSequence() && e.VR != vr && e.VR != "UN" && classOf(e.VR) == classOther { // a name, a title or an address in its place
		return w.without(e, vr, t)
	}
	switch c := classOf(vr); c {
	case classSequence:
		return w.sequence(e, t)
	case classUID:
		if w.d.profile.has(retainUIDs) {
			return w.retain(e, vr, t, listed{action: "K", basic: "U", option: retainUIDs.Code})
		}
		return w.uids(e, vr, t)
	case classNumber:
		if classOf(e.VR) != classNumber && e.VR != "UN" && !displayed[e.Tag] || e.IsSequence() || !numbersFit(len(e.Value), vr, multiplicity) && !displayed[e.Tag] || written(vr, e.Value) {
			return w.without(e, vr, t)
		}
		return w.keep()
	case classNumberText, classCode:
		text := string(e.Value)
		if e.Tag == tagCharset && !e.IsSequence() && w.charset.known() {
			return w.keep()
		}
		if e.Tag == tagCharset || e.IsSequence() || !plain(vr, text) || w.identifies(vr, text) {
			return w.without(e, vr, t)
		}
		return w.keep()
	case classDate, classTime:
		switch {
		case w.d.profile.has(fullDates):
			return w.retain(e, vr, t, listed{action: "K", basic: "X", option: fullDates.Code})
		case w.d.profile.has(modifiedDates):
			return w.dated(e, vr, t)
		}
		return w.without(e, vr, t)
	case classText:
		if w.retaining && codeMacro[e.Tag] {
			return w.retain(e, vr, t, listed{action: "K", basic: "X"})
		}
		if descriptive[e.Tag] {
			return w.text(e, vr, t)
		}
		if verbatim[e.Tag] && !e.IsSequence() && plain(vr, string(e.Value)) && !telling(string(e.Value)) && !w.identifies(vr, string(e.Value)) {
			return w.keep()
		}
		return w.without(e, vr, t)
	case classBytes:
		if displayed[e.Tag] && !e.IsSequence() && !written(vr, e.Value) {
			return w.keep()
		}
	}
	return w.without(e, vr, t)
}

// maxListBytes is how long a list of numbers or codes may be to be looked at one
// by one; contours and the like are searched once written.
const maxListBytes = 256

// identifies reports whether a value that would be kept as it is holds an identifier.
func (w *walk) identifies(vr, text string) bool {
	if len(text) > maxListBytes && classOf(vr) != classText {
		return false
	}
	if classOf(vr) == classNumberText {
		return w.ids.number(text)
	}
	return w.ids.value(text)
}

func (w *walk) keep() bool {
	w.result.Kept++
	return true
}

// without takes the value away as far as the type allows.
func (w *walk) without(e *dicomio.Element, vr string, t iodType) bool {
	switch t {
	case 1:
		return w.dummy(e, vr)
	case 2:
		return w.empty(e, vr)
	}
	return false
}

// sequence applies the rules to each item. What is no sequence in the file goes.
func (w *walk) sequence(e *dicomio.Element, t iodType) bool {
	if len(e.Value) > 0 || !e.IsSequence() && e.VR != "UN" {
		return w.without(e, "SQ", t)
	}
	outer, content := w.parent, w.content
	w.parent, w.content = e.Tag, content || w.item != nil && slices.Contains(itemTags, e.Tag)
	defer func() { w.parent, w.content = outer, content }()
	for i := range e.Items {
		if e.Items[i].Raw != nil {
			return w.without(e, "SQ", t)
		}
		e.Items[i].Dataset = w.dataset(e.Items[i].Dataset)
	}
	return w.keep()
}

// text cleans a description word by word.
func (w *walk) text(e *dicomio.Element, vr string, t iodType) bool {
	if e.IsSequence() {
		return w.without(e, vr, t)
	}
	if len(e.Value) == 0 {
		return w.keep()
	}
	text, ok := w.charset.decode(e.Value)
	if !ok {
		return w.without(e, vr, t)
	}
	cleaned := cleanText(text, w.ids)
	if cleaned == text {
		return w.keep()
	}
	raw, ok := w.charset.encode(cleaned)
	if !ok {
		raw, ok = w.charset.encode(onlyASCII(cleaned))
	}
	if !ok || len(raw) == 0 || strings.Trim(string(raw), " ") == "" {
		return w.without(e, vr, t)
	}
	if !set(e, vr, pad(raw, ' ')) {
		return w.without(e, vr, t)
	}
	w.result.Cleaned++
	return true
}

func onlyASCII(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r >= 0x80 {
			return ' '
		}
		return r
	}, text)), " ")
}

// dated shifts dates by the patient's offset; times of day stay.
func (w *walk) dated(e *dicomio.Element, vr string, t iodType) bool {
	text := string(e.Value)
	if e.IsSequence() || !sameKind(e.VR, vr) || !ascii(e.Value) {
		return w.without(e, vr, t)
	}
	if vr == "TM" {
		if !timesValid(text) {
			return w.without(e, vr, t)
		}
		return w.keep()
	}
	shifted, given := shiftDates(text, vr, w.who.shiftDays)
	if shifted == "" {
		if trimmed(text) == "" {
			return w.keep()
		}
		return w.without(e, vr, t)
	}
	if !set(e, vr, pad([]byte(shifted), ' ')) {
		return w.without(e, vr, t)
	}
	for _, day := range given {
		w.ids.given[day]++
	}
	w.result.Replaced++
	return true
}

// uids replaces each UID that is not registered.
func (w *walk) uids(e *dicomio.Element, vr string, t iodType) bool {
	if e.IsSequence() || vr != "UI" || !ascii(e.Value) {
		return w.without(e, vr, t)
	}
	values := strings.Split(string(e.Value), `\`)
	changed := false
	for i, v := range values {
		old := trimmed(v)
		if old == "" {
			continue
		}
		values[i] = w.d.newUID(old)
		changed = changed || values[i] != old
	}
	if !changed {
		return w.keep()
	}
	if !set(e, vr, pad([]byte(strings.Join(values, `\`)), 0)) {
		return w.without(e, vr, t)
	}
	w.result.Mapped++
	return true
}

// empty gives the element a value of length zero.
func (w *walk) empty(e *dicomio.Element, vr string) bool {
	w.result.Emptied++
	if vr == "SQ" {
		*e = dicomio.NewSequence(e.Tag)
		return true
	}
	set(e, vr, nil)
	return true
}

// dummy replaces the value by one that says nothing.
func (w *walk) dummy(e *dicomio.Element, vr string) bool {
	if vr == "SQ" {
		return w.empty(e, vr)
	}
	if vr == "UI" && !e.IsSequence() && len(e.Value) > 0 {
		return w.uids(e, vr, 3)
	}
	w.result.Replaced++
	value := dummies[vr]
	if value == nil {
		value = make([]byte, 8) // zero, for each binary VR
		switch classOf(vr) {
		case classNumber:
			value = value[:numberSize(vr)]
		}
	}
	if vr == "DA" || vr == "DT" {
		w.ids.given[string(dummies["DA"])]++
	}
	set(e, vr, value)
	return true
}

// dummies are the values of D for each VR of characters.
var dummies = map[string][]byte{
	"AE": []byte("REMOVED "), "AS": []byte("000Y"), "CS": []byte("REMOVED "), "DA": []byte("19000101"), "DS": []byte("0 "), "DT": []byte("19000101000000"),
	"IS": []byte("0 "), "LO": []byte("REMOVED "), "LT": []byte("REMOVED "), "PN": []byte("REMOVED "), "SH": []byte("REMOVED "), "ST": []byte("REMOVED "),
	"TM": []byte("000000"), "UC": []byte("REMOVED "), "UI": []byte("2.25.0"), "UR": []byte("http://invalid"), "UT": []byte("REMOVED "),
}

// set gives e a new value, unless it does not fit the VR. Where the file has
// another kind of VR, the element is made anew.
func set(e *dicomio.Element, vr string, value []byte) bool {
	if !dicomio.Fits(vr, len(value)) {
		return false
	}
	if e.IsSequence() || e.VR != vr {
		*e = dicomio.NewElement(e.Tag, vr, value)
	} else {
		e.Value = value
	}
	return true
}

func pad(value []byte, with byte) []byte {
	if len(value)%2 == 1 {
		value = append(value, with)
	}
	return value
}
