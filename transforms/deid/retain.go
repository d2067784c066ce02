package deid

import (
	"encoding/hex"
	"regexp"
	"strings"

	"ctcohort/io/dicomio"
)

// codeMacro are the text attributes of the code sequence macro (PS3.3 section
// 8.8). Codes of an institution or a device are local: in a sequence that an
// option retains they stay as they are.
var codeMacro = map[dicomio.Tag]bool{0x00080100: true, 0x00080102: true, 0x00080103: true, 0x00080104: true, 0x00080119: true}

// retains reports whether the options keep an attribute of the given VR, so
// that its values are no identifiers. Whoever keeps UIDs or dates keeps them
// all; those of private attributes go, but say nothing that is not said elsewhere.
func (d *Deidentifier) retains(t dicomio.Tag, vr string) bool {
	if l, ok := d.actions[t]; ok {
		return l.retained()
	}
	switch classOf(vr) {
	case classUID:
		return d.profile.has(retainUIDs)
	case classDate:
		return d.profile.has(fullDates)
	}
	return false
}

// retain keeps a value (K) byte for byte where it has the form of its VR and
// holds no identifier; otherwise the Basic Profile decides. A sequence stays
// with the rules applied to its items.
func (w *walk) retain(e *dicomio.Element, vr string, t iodType, l listed) bool {
	if vr == "SQ" {
		outer := w.retaining
		w.retaining = outer || l.option == retainDevice.Code || l.option == retainInstitution.Code
		kept := w.sequence(e, t)
		w.retaining = outer
		return kept
	}
	if e.IsSequence() || !sameKind(e.VR, vr) || !w.retainable(e, vr, l) {
		return w.listed(e, vr, t, listed{action: l.basic, basic: l.basic, dated: l.dated})
	}
	if bound := w.d.maxAgeYears; vr == "AS" && bound > 0 {
		if age := boundAges(string(e.Value), bound); age != string(e.Value) {
			w.result.Replaced++
			return set(e, vr, pad([]byte(age), ' '))
		}
	}
	return w.keep()
}

// sameKind reports whether a value of VR got in the file can be taken for one of
// VR want: a person's name among station names was not meant to be kept.
func sameKind(got, want string) bool {
	return got == want || got == "UN" || classOf(want) != classOther && classOf(got) == classOf(want)
}

// retainable reports whether a value may stay as it is.
func (w *walk) retainable(e *dicomio.Element, vr string, l listed) bool {
	text := string(e.Value)
	decoded, ok := w.charset.decode(e.Value)
	if !ok || !characteristic(e.Tag, decoded) {
		return false
	}
	switch classOf(vr) {
	case classDate:
		return w.retainDays(text, vr, l)
	case classTime:
		return ascii(e.Value) && timesValid(text)
	case classUID:
		return w.retainableUIDs(text)
	case classNumber:
		return len(e.Value) <= numberSize(vr)
	case classText:
		if l.dated { // the time zone
			return zone.MatchString(trimmed(text))
		}
		return legible(vr, decoded) && !w.ids.value(decoded)
	}
	return plain(vr, text) && !w.identifies(vr, text)
}

// retainDays reports whether all values are dates, and notes them as given. A
// date that the device option keeps may be none that goes elsewhere: on the day
// of its calibration a scanner would tell the study's date.
func (w *walk) retainDays(text, vr string, l listed) bool {
	days, ok := datesOf(text, vr)
	if !ok {
		return false
	}
	for _, day := range days {
		if l.option != fullDates.Code && w.ids.dates[day] {
			return false
		}
	}
	for _, day := range days {
		w.ids.given[day]++
	}
	return true
}

var validUID = regexp.MustCompile(`^\d+(\.\d+)+$`)

func isUID(text string) bool { return len(text) <= 64 && validUID.MatchString(text) }

// retainableUIDs reports whether all values are UIDs (PS3.5 section 9.1) without
// the patient's ID or another such number as a component, and are none that is
// replaced elsewhere in the file.
func (w *walk) retainableUIDs(text string) bool {
	for _, v := range strings.Split(text, `\`) {
		v = trimmed(v)
		if v == "" {
			continue
		}
		if !isUID(v) || w.ids.uids[v] {
			return false
		}
		for _, component := range strings.Split(v, ".") {
			if len(component) >= minDigitsWithin && w.ids.numbers[component] {
				return false
			}
		}
	}
	return true
}

// legible reports whether text holds no control character but, in VRs of
// several lines, those that lay it out.
func legible(vr, text string) bool {
	lines := vr == "ST" || vr == "LT" || vr == "UT"
	for _, r := range strings.TrimRight(text, "\x00") {
		if (r < ' ' || r == 0x7F) && !(lines && strings.ContainsRune("\r\n\t\f", r)) {
			return false
		}
	}
	return true
}

// title cleans an application entity title, which often spells a site's name:
// each becomes a title of its own that stays the same in every file of the site.
func (w *walk) title(e *dicomio.Element, t iodType) bool {
	if e.IsSequence() || !ascii(e.Value) {
		return w.without(e, "AE", t)
	}
	values := strings.Split(string(e.Value), `\`)
	for i, v := range values {
		if v = trimmed(v); v != "" {
			sum := Derive(w.d.key, "ae title", w.d.site, v)
			values[i] = "AE" + strings.ToUpper(hex.EncodeToString(sum[:6]))
		}
	}
	if !set(e, "AE", pad([]byte(strings.Join(values, `\`)), ' ')) {
		return w.without(e, "AE", t)
	}
	w.result.Cleaned++
	return true
}
