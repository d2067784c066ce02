package deid

import (
	"math"
	"slices"
	"strconv"

	"ctcohort/io/dicomio"
)

// Attributes of content items (PS3.3 Tables 10-2, C.17-5 and C.18).
const (
	tagValueType          dicomio.Tag = 0x0040A040
	tagConceptName        dicomio.Tag = 0x0040A043
	tagVerifyingObservers dicomio.Tag = 0x0040A073
	tagContentDateTime    dicomio.Tag = 0x0040A120
	tagContentDate        dicomio.Tag = 0x0040A121
	tagContentTime        dicomio.Tag = 0x0040A122
	tagContentPersonName  dicomio.Tag = 0x0040A123
	tagContentUID         dicomio.Tag = 0x0040A124
	tagTextValue          dicomio.Tag = 0x0040A160
	tagConceptCode        dicomio.Tag = 0x0040A168
	tagMeasuredValue      dicomio.Tag = 0x0040A300
	tagNumericValue       dicomio.Tag = 0x0040A30A
	tagVerificationFlag   dicomio.Tag = 0x0040A493
	tagContentSequence    dicomio.Tag = 0x0040A730
	tagShutterShape       dicomio.Tag = 0x00181600
	tagMeasurementUnits   dicomio.Tag = 0x004008EA
	tagPatientAge         dicomio.Tag = 0x00101010
	tagCodeValue          dicomio.Tag = 0x00080100
	tagCodingScheme       dicomio.Tag = 0x00080102
	tagCodeMeaning        dicomio.Tag = 0x00080104
	tagPersonCodes        dicomio.Tag = 0x00401101
	tagInstitutionCodes   dicomio.Tag = 0x00080082
)

// item is a content item: a concept's name and a value, by a value type.
type item struct {
	stands dicomio.Tag // the attribute that says the same elsewhere; 0 for none
}

// standsFor are concepts that say what an attribute says (PS3.16 TID 1002 to
// 1010 and 4xxx): Clean Structured Content leaves of them what the profile
// leaves of the attribute (PS3.15 section E.3.4).
var standsFor = map[string]dicomio.Tag{
	"DCM 121009": 0x00080080,                           // Person Observer's Organization Name: Institution Name
	"DCM 121013": 0x00081010,                           // Device Observer Name: Station Name
	"DCM 121014": 0x00080070, "DCM 121015": 0x00081090, // its manufacturer and model
	"DCM 121016": 0x00181000,                                                     // Device Observer Serial Number
	"DCM 121017": 0x00400011,                                                     // its location: Scheduled Procedure Step Location
	"DCM 121020": 0x00402016, "DCM 121021": 0x00402017, "DCM 121022": 0x00080050, // order and accession numbers
	"DCM 121029": tagPatientName, "DCM 121030": tagPatientID, "DCM 121031": 0x00100030, "DCM 121032": 0x00100040, "DCM 121033": tagPatientAge,
	"DCM 121036":   0x00100010,                                                                              // Mother of fetus
	"SCT 50373000": 0x00101020, "SRT F-01E04": 0x00101020, "LN 8302-2": 0x00101020, "LN 3137-7": 0x00101020, // height
	"SCT 27113001": 0x00101030, "SRT F-01860": 0x00101030, "LN 29463-7": 0x00101030, "LN 3141-9": 0x00101030, // weight
}

// itemOf returns the content item that a data set is; nil when it is none, or
// when the profile does not clean content.
func (w *walk) itemOf(ds dicomio.Dataset) *item {
	if !w.d.profile.has(cleanStructuredContent) || ds.Text(tagValueType) == "" {
		return nil
	}
	it := &item{}
	if name := ds.Items(tagConceptName); len(name) == 1 {
		it.stands = standsFor[name[0].Text(tagCodingScheme)+" "+name[0].Text(tagCodeValue)]
	}
	return it
}

// itemTags are the attributes of a content item whose codes are part of it.
var itemTags = []dicomio.Tag{tagConceptName, tagConceptCode, tagMeasuredValue, tagContentSequence, 0x00081199}

// value applies the rules to the value of a content item, at which no attribute
// of its own says what it is. The second result is false for other elements.
func (w *walk) value(e *dicomio.Element, vr string) (stays, done bool) {
	if w.item == nil {
		return false, false
	}
	switch e.Tag {
	case tagTextValue, tagContentDate, tagContentTime, tagContentDateTime, tagContentPersonName, tagContentUID:
		l, listed := w.d.actions[w.item.stands]
		switch {
		case listed:
			return w.listed(e, vr, 1, l), true
		case verbatim[w.item.stands] && plain("LO", string(e.Value)) && !w.identifies("LO", string(e.Value)):
			return w.keep(), true
		case e.Tag == tagTextValue:
			return w.text(e, vr, 1), true
		}
	case tagConceptCode, tagMeasuredValue:
		if l, listed := w.d.actions[w.item.stands]; listed && !l.retained() || w.item.stands == tagPatientAge && w.beyondBound(e) {
			if e.Tag == tagConceptCode {
				return w.unknown(e), true
			}
			return w.empty(e, "SQ"), true // of type 2: a measurement that was not made
		}
	}
	return false, false
}

// beyondBound reports whether a measured age is, or may be, above the bound for ages.
func (w *walk) beyondBound(e *dicomio.Element) bool {
	if w.d.maxAgeYears == 0 {
		return false
	}
	return slices.ContainsFunc(e.Items, func(measured dicomio.Item) bool {
		value, err := strconv.ParseFloat(measured.Dataset.Text(tagNumericValue), 64)
		units := measured.Dataset.Items(tagMeasurementUnits)
		return err != nil || math.IsNaN(value) || len(units) != 1 || units[0].Text(tagCodeValue) != "a" || value >= float64(w.d.maxAgeYears+1)
	})
}

// agree makes what is left agree with what went: a report without a verifying
// observer is not verified (PS3.3 Table C.17-2), and a shutter of a bitmap is none
// without the overlay that was its bitmap.
func (w *walk) agree(ds *dicomio.Dataset) {
	if ds.Text(tagVerificationFlag) == "VERIFIED" && len(ds.Items(tagVerifyingObservers)) == 0 {
		ds.Put(dicomio.TextElement(tagVerificationFlag, "CS", "UNVERIFIED"))
		w.result.Replaced++
	}
	if slices.Contains(ds.Texts(tagShutterShape), "BITMAP") {
		*ds = slices.DeleteFunc(*ds, func(e dicomio.Element) bool { return e.Tag >= tagShutterShape && e.Tag <= 0x00181624 })
	}
}
