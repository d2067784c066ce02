package deid

import "ctcohort/io/dicomio"

// shortResidual reports whether text of d holds a word or number that is too
// short to be searched among bytes. Coded values cannot hold one: they are
// terms of the standard, checked when they were kept.
func (ids *identifiers) shortResidual(d dicomio.Dataset, around charset) bool {
	set := charsetOf(d, around)
	for i := range d {
		e := &d[i]
		if ownMarks[e.Tag] || isCreator(e.Tag) {
			continue
		}
		for j := range e.Items {
			if ids.shortResidual(e.Items[j].Dataset, set) {
				return true
			}
		}
		switch e.VR {
		case "LO", "SH", "ST", "LT", "UT", "UC", "PN", "AE":
			text, ok := set.decode(e.Value)
			if e.VR == "PN" {
				text, ok = set.decodeName(e.Value)
			}
			if !ok || ids.value(text) {
				return true
			}
		}
	}
	return false
}
