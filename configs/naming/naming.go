// Package naming reads what the names of files say: who the patient is and which
// series, by a pattern such as "{patient}/{series}_ct.nii.gz".
package naming

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Ends are how the names of volumes end.
var Ends = []string{".nii.gz", ".nii", ".nrrd", ".nhdr"}

// A Pattern is the form that the names of some files have, from the archive's
// root on, with / between folders.
type Pattern struct {
	form *regexp.Regexp
}

// Names are what a name says. Series is empty where the pattern has none.
type Names struct{ Patient, Series string }

var placeholder = regexp.MustCompile(`\{[^{}]*\}|\*`)

// Parse returns the pattern that a text is. In it {patient}, which it must hold,
// and {series} stand for one or more characters other than /, each for as few as
// there can be; * stands for any number of them. All else stands for itself.
func Parse(text string) (Pattern, error) {
	if !endsAsVolume(text) {
		return Pattern{}, fmt.Errorf("it must end in one of %s", strings.Join(Ends, ", "))
	}
	if strings.HasPrefix(text, "/") || strings.Contains(text, "\\") {
		return Pattern{}, errors.New("it must be relative to the archive's root, with / between folders")
	}
	var form strings.Builder
	seen := map[string]bool{}
	at, before := 0, -1
	for _, m := range placeholder.FindAllStringIndex(text, -1) {
		form.WriteString(regexp.QuoteMeta(text[at:m[0]]))
		name := text[m[0]:m[1]]
		switch {
		case before == m[0]:
			return Pattern{}, fmt.Errorf("%s follows on another placeholder, and nothing says where one ends", name)
		case name == "*":
			form.WriteString(`[^/]*?`)
		case name != "{patient}" && name != "{series}":
			return Pattern{}, fmt.Errorf("%s is unknown; there are {patient}, {series} and *", name)
		case seen[name]:
			return Pattern{}, fmt.Errorf("%s stands twice", name)
		default:
			seen[name] = true
			fmt.Fprintf(&form, `(?P<%s>[^/]+?)`, strings.Trim(name, "{}"))
		}
		at, before = m[1], m[1]
	}
	if !seen["{patient}"] {
		return Pattern{}, errors.New("it lacks {patient}")
	}
	form.WriteString(regexp.QuoteMeta(text[at:]))
	return Pattern{regexp.MustCompile(`^` + form.String() + `$`)}, nil
}

func endsAsVolume(name string) bool {
	for _, end := range Ends {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// HasSeries says whether the pattern holds {series}.
func (p Pattern) HasSeries() bool { return p.form.SubexpIndex("series") >= 0 }

// Match returns what a name says, and whether it has the pattern's form.
func (p Pattern) Match(name string) (Names, bool) {
	m := p.form.FindStringSubmatch(name)
	if m == nil {
		return Names{}, false
	}
	names := Names{Patient: m[p.form.SubexpIndex("patient")]}
	if p.HasSeries() {
		names.Series = m[p.form.SubexpIndex("series")]
	}
	return names, true
}
