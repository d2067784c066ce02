package deid

import "ctcohort/io/dicomio"

// Bounds on what is held of one file beside its elements, far above what files
// have: cleaning and searching take many times the memory of the text itself.
const (
	maxTextBytes = 1 << 16 // of a value; longer text is emptied before anything reads it
	maxWords     = 1 << 16 // names and IDs that a file tells, by their words
	maxUIDs      = 1 << 16
	maxDates     = 1 << 16
)

// shorten empties text of more than 64 KiB, at every depth. Lists of decimal
// numbers may be longer, as contours are.
func shorten(d dicomio.Dataset) {
	for i := range d {
		e := &d[i]
		for j := range e.Items {
			shorten(e.Items[j].Dataset)
		}
		if len(e.Value) <= maxTextBytes {
			continue
		}
		entry, known := dicomio.Lookup(e.Tag)
		if readAsText(e.VR) || known && len(entry.VRs) > 0 && readAsText(entry.VRs[0]) {
			e.Value = nil
		}
	}
}

// readAsText reports whether values of a VR are cut into words or values.
func readAsText(vr string) bool {
	switch classOf(vr) {
	case classText, classCode, classUID, classDate, classTime:
		return true
	}
	return vr == "PN" || vr == "AE" || vr == "AS" || vr == "UR"
}

// full reports whether a file tells more of its patient than is searched for.
func (ids *identifiers) full() bool {
	return len(ids.words)+len(ids.numbers) > maxWords || len(ids.uids) > maxUIDs || len(ids.dates) > maxDates
}
