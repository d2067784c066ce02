package deid

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"ctcohort/io/dicomio"
)

// patient is what a patient's identity turns into.
type patient struct {
	pseudonym string   // 64 bits: among 10^6 patients two share one with a chance of 2.7e-8
	shiftDays int      // never 0
	aliases   []string // IDs that links give the person, which may stand in text
	origin    Origin
}

// Origin is what a de-identified file was. It is the one place where originals
// leave this package, for the encrypted crosswalk alone, and does not print.
type Origin struct {
	Issuer, PatientID, StudyUID, SeriesUID string
	DateOffsetDays                         int // by which dates moved; 0 when the profile moves none
}

func (Origin) String() string   { return "an origin, which is not for printing" }
func (Origin) GoString() string { return Origin{}.String() }

// Bounds of the date offset: dates move a month to ten years into the past.
const (
	minShiftDays = 30
	maxShiftDays = 3650
)

// identify derives what the patient becomes. The ID and its issuer count as
// they are written, but for the padding, which is no part of a value (PS3.5
// Table 6.2-1): what differs by case, width or leading zeros may be two people.
func (d *Deidentifier) identify(ds dicomio.Dataset) (patient, error) {
	if unreadable(ds) {
		return patient{}, &Rejection{UnknownCharset, "a Patient ID or its issuer in a character set that is none of DICOM"}
	}
	id := decoded(ds, tagPatientID, nil)
	if id == "" {
		return patient{}, &Rejection{NoPatientID, "without a Patient ID"}
	}
	who := d.patientOf(id, issuerOf(ds))
	who.origin.StudyUID, who.origin.SeriesUID = ds.Text(tagStudyInstanceUID), ds.Text(tagSeriesInstanceUID)
	if d.profile.has(modifiedDates) {
		who.origin.DateOffsetDays = who.shiftDays
	}
	return who, nil
}

// issuerOf returns the Issuer of Patient ID or, where a file names its issuer by
// a universal identifier alone, that one (PS3.3 Table 10-18).
func issuerOf(ds dicomio.Dataset) string {
	if issuer := decoded(ds, tagIssuer, nil); issuer != "" {
		return issuer
	}
	for _, qualifiers := range ds.Items(tagIssuerQualifiers) {
		if universal := decoded(qualifiers, tagUniversalEntityID, charsetOf(ds, nil)); universal != "" {
			return universal
		}
	}
	return ""
}

const (
	tagIssuer            dicomio.Tag = 0x00100021
	tagIssuerQualifiers  dicomio.Tag = 0x00100024
	tagUniversalEntityID dicomio.Tag = 0x00400032
)

// unreadable reports whether the patient's ID holds characters of a set that is
// not known: one patient would become two where another file names the set.
// Names in such a set are no reason: nothing beyond ASCII is kept in it.
func unreadable(ds dicomio.Dataset) bool {
	if charsetOf(ds, nil).known() {
		return false
	}
	for _, t := range []dicomio.Tag{tagPatientID, tagIssuer} {
		if e, ok := ds.Find(t); ok && !ascii(e.Value) {
			return true
		}
	}
	return false
}

// decoded returns the text of an attribute, where its bytes are not of the
// character set the likeliest; around is the set of the data set that d lies in.
func decoded(d dicomio.Dataset, t dicomio.Tag, around charset) string {
	e, ok := d.Find(t)
	if !ok {
		return ""
	}
	set := charsetOf(d, around)
	text, ok := set.decode(e.Value)
	if !ok {
		text = string(e.Value)
		if readings := set.readings(e.Value); len(readings) > 0 {
			text = readings[0]
		}
	}
	return trimmed(text)
}

func trimmed(text string) string { return strings.Trim(text, " \x00") }

// patientOf derives the pseudonym and the date offset: of the person that the
// links name, or of the patient ID, its issuer and the site.
func (d *Deidentifier) patientOf(id, issuer string) patient {
	labels, of := [2]string{"patient", "dates"}, []string{d.site, issuer, id}
	person, linked := d.links.person(d.site, issuer, id)
	if linked {
		labels, of = [2]string{"person", "person dates"}, []string{person}
	}
	name, days := Derive(d.key, labels[0], of...), Derive(d.key, labels[1], of...)
	return patient{
		pseudonym: hex.EncodeToString(name[:8]),
		shiftDays: -minShiftDays - int(binary.BigEndian.Uint64(days[:8])%(maxShiftDays-minShiftDays+1)),
		aliases:   d.links.ids(person),
		origin:    Origin{Issuer: issuer, PatientID: id},
	}
}
