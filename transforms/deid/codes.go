package deid

import (
	"regexp"
	"strings"

	"ctcohort/io/dicomio"
)

// schemes are coding schemes of PS3.16 Table 8-1, with the form of their values.
// A code of another scheme is somebody's own, and its value may be anything.
var schemes = map[string]*regexp.Regexp{
	"DCM": regexp.MustCompile(`^(\d{5,6}|[A-Z]{2})$`),
	"SCT": regexp.MustCompile(`^\d{6,18}$`),
	"SRT": snomedRT, "SNM3": snomedRT, "99SDM": snomedRT,
	"LN":        regexp.MustCompile(`^\d{1,7}-\d$`),
	"FMA":       regexp.MustCompile(`^\d{3,7}$`),
	"RADLEX":    regexp.MustCompile(`^RID\d{1,6}$`),
	"NCIt":      regexp.MustCompile(`^C\d{3,7}$`),
	"UMLS":      regexp.MustCompile(`^C\d{7}$`),
	"IBSI":      regexp.MustCompile(`^[A-Z0-9]{4}$`),
	"MDC":       regexp.MustCompile(`^\d{4,7}$`),
	"RFC5646":   language,
	"RFC3066":   language,
	"ISO639_1":  language,
	"ISO639_2":  language,
	"ISO3166_1": regexp.MustCompile(`^[A-Z]{2,3}$`),
	"I10":       regexp.MustCompile(`^[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$`),
	"DCMUID":    regexp.MustCompile(`^1\.2\.840\.10008\.[0-9.]+$`),
}

var (
	snomedRT = regexp.MustCompile(`^[A-Z][0-9A-Z]?-[0-9A-F]{4,6}$`)
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z]{2})?$`)
)

// standardCode reports whether a code is of a scheme of the standard and has its form.
func standardCode(scheme, value string) bool {
	if scheme == "UCUM" {
		return unit(value)
	}
	form, ok := schemes[scheme]
	return ok && form.MatchString(value)
}

// unitAtoms are the units that measurements are made in, with their prefixes.
var unitAtoms = wordSet(`m mm cm dm um nm km g mg ug ng kg l ml dl L mL dL uL s ms us min h d wk mo a Hz kHz MHz GHz Bq kBq MBq GBq Ci mCi uCi
	Gy mGy cGy uGy dGy Sv mSv uSv V kV mV A mA uA mAs W J mJ eV keV MeV Pa kPa mm[Hg] deg rad Cel K C T mT mol mmol umol nmol pmol % [hnsf'U] [ppm] [pH] [IU] U bit By N Ohm cP`)

var (
	exponent   = regexp.MustCompile(`^10[*^]?-?\d*$|^\d{1,3}$`)
	annotation = regexp.MustCompile(`\{([^{}]*)\}`)
	power      = regexp.MustCompile(`-?\d$`)
)

// unit reports whether text is a unit of UCUM that measurements use: atoms joined
// by points and slashes; annotations in braces are of words that may stay.
func unit(text string) bool {
	if len(text) > 32 || text == "" {
		return false
	}
	for _, m := range annotation.FindAllStringSubmatch(text, -1) {
		for _, w := range tokenise(m[1]) {
			if w.word && !acceptable(w.text) && !conceptWords[strings.ToLower(w.text)] && !suv.MatchString(w.text) {
				return false
			}
		}
	}
	for _, atom := range strings.FieldsFunc(annotation.ReplaceAllString(text, ""), func(r rune) bool { return strings.ContainsRune("./()", r) }) {
		if !unitAtoms[atom] && !unitAtoms[power.ReplaceAllString(atom, "")] && !exponent.MatchString(atom) {
			return false
		}
	}
	return true
}

var suv = regexp.MustCompile(`^SUV[a-z]{0,4}$`)

// code applies the rules to an item of a code sequence within content: a code of
// a standard scheme keeps its value; another becomes the code for unknown.
func (w *walk) code(ds dicomio.Dataset) (dicomio.Dataset, bool) {
	scheme, value := ds.Text(tagCodingScheme), ds.Text(tagCodeValue)
	if !w.content || scheme == "" && value == "" || standardCode(scheme, value) && !w.ids.value(value) {
		return ds, false
	}
	w.result.Replaced++
	return unknownCode(), true
}

func unknownCode() dicomio.Dataset {
	return dicomio.CodeItem(dicomio.Code{Value: "261665006", Scheme: "SCT", Meaning: "Unknown"})
}

// unknown leaves in a code sequence the code for unknown.
func (w *walk) unknown(e *dicomio.Element) bool {
	w.result.Replaced++
	*e = dicomio.NewSequence(e.Tag, unknownCode())
	return true
}

// meaning keeps the meaning of a standard code when it consists of words of such
// meanings, and cleans it like other text when not.
func (w *walk) meaning(e *dicomio.Element, t iodType) bool {
	text, ok := w.charset.decode(e.Value)
	if ok && !e.IsSequence() && w.terms(text) {
		return w.keep()
	}
	return w.text(e, "LO", t)
}

func (w *walk) terms(text string) bool {
	if trimmed(text) == "" || w.ids.value(text) {
		return false
	}
	for _, t := range tokenise(text) {
		lower := strings.ToLower(t.text)
		if t.word && !acceptable(t.text) && !conceptWords[lower] && !standardWords[lower] || !t.word && strings.Trim(t.text, ` ,;:/()[]+-._&'%<>=*`) != "" {
			return false
		}
	}
	return true
}
