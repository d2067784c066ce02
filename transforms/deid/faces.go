package deid

import (
	"slices"
	"strings"

	"ctcohort/io/dicomio"
)

// faceClasses are the storage classes, after sopClassRoot, from which a face can
// be rendered: slices, volumes, and the outlines and masks drawn on them.
var faceClasses = storage("2", "2.*", "4", "4.*", "128", "128.*", "130", "13.1.1", "13.1.2", "66.4", "66.7", "30", structureSet)

// headCodes are regions and structures of the head in Anatomic Region Sequence:
// SNOMED CT, with its older SRT code where it has one (PS3.16 CID 4, 4009, 4030, 4031).
var headCodes = folded(`69536005 T-D1100 774007 T-D1000 89546000 T-11100 12738006 T-A0100 89545001 T-D1200 91397008 T-11196 1101003 T-D1400 128320002 T-A0191
	363654007 T-D14AE 81745001 T-AA000 371398005 T-D0801 80243003 T-AA810 117590005 T-AB001 84301002 T-AB200 361078006 T-AB959
	2095001 T-22000 45206002 T-21000 74386004 T-11149 53342003 T-21300 360955006 T-2300C 18962004 T-23050
	91609006 T-11180 70925003 T-11170 661005 T-D1213 53620006 T-15290 13881006 T-11166 60819002 T-D1206 123851003 T-D0662
	59066005 T-11133 42575006 T-D1460 79361005 T-15200 45289007 T-61100 54019009 T-61300 5713008 T-D1603 88556005 T-45510`)

// headIn returns the name of the attribute that says that the head is imaged,
// "" where none does. What is said of the series itself decides. What is said of
// its protocol, or of the study and its request, holds for the series unless the
// series is described as one of the trunk; and where only Body Part Examined,
// often a default of the scanner, says so, the study must name the trunk too.
func headIn(o object) string {
	if modality := o.Text(0x00080060); !faceClasses(o) && modality != "CT" && modality != "MR" && modality != "PT" {
		return ""
	}
	if headRegion(o.Dataset) {
		return "Anatomic Region Sequence"
	}
	part, series := describes(o.described(0x00180015)), anatomy{}
	if part.head {
		return "Body Part Examined"
	}
	for _, t := range []dicomio.Tag{tagSeriesDescription, 0x30060002} {
		a := describes(o.described(t))
		if a.head {
			return nameOf(t)
		}
		series.trunk = series.trunk || a.trunk
	}
	for _, t := range []dicomio.Tag{0x00181030, 0x00081030, 0x00321060, 0x00400254, 0x00081032, 0x00321064, 0x00400260, 0x00400275} {
		if a := describes(o.described(t)); a.head && !series.trunk && !(part.trunk && a.trunk) {
			return nameOf(t)
		}
	}
	return ""
}

func nameOf(t dicomio.Tag) string {
	e, _ := dicomio.Lookup(t)
	return e.Keyword
}

// described returns the text of an attribute; of a sequence, the meanings of
// its codes and the descriptions in its items.
func (o object) described(t dicomio.Tag) string {
	e, ok := o.Find(t)
	if !ok {
		return ""
	}
	texts := []string{o.decode(e.Value)}
	for _, item := range o.Items(t) {
		inner := object{Dataset: item}
		if _, ok := item.Find(tagCharset); !ok {
			if set, ok := o.Find(tagCharset); ok {
				inner.Dataset = append(slices.Clone(item), *set)
			}
		}
		for _, t := range []dicomio.Tag{0x00080104, 0x00321060, 0x00400007, 0x00321064, 0x00400008} {
			if text := inner.described(t); text != "" {
				texts = append(texts, text)
			}
		}
	}
	return strings.Join(texts, "; ")
}

// headRegion reports whether Anatomic Region Sequence, of the image or of a
// frame (PS3.3 C.7.6.16.2.8), holds a code of the head.
func headRegion(d dicomio.Dataset) bool {
	for _, region := range d.Items(0x00082218) {
		if headCodes[region.Text(0x00080100)] {
			return true
		}
	}
	for _, t := range []dicomio.Tag{0x52009229, 0x52009230, 0x00209071} {
		if slices.ContainsFunc(d.Items(t), headRegion) {
			return true
		}
	}
	return false
}
