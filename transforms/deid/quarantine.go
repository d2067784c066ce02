package deid

import (
	"regexp"
	"slices"
	"strings"

	"ctcohort/io/dicomio"
)

// Quarantine rules are kinds of files whose pixels may hold an identity
// although no attribute does. The first that matches makes the file a reject
// with its reason; what lifts it is a choice of the configuration.
var quarantineRules = []quarantineRule{
	{"secondary capture", storage("7", "7.*"), byBlanking, "a secondary capture: a screen or a scanned page"},
	{"ultrasound", storage("3", "3.1", "6", "6.1", "6.2"), byBlanking, "ultrasound, which shows names in its frame"},
	{"visible light", storage("77", "77.*"), byBlanking, "a photograph, video or slide"},
	{"document", storage("104", "104.*"), never, "an encapsulated document"},
	{"dose report", storage("88.67", "88.68", "88.73", "88.76"), never, "a dose report"},
	{"burned in", text(tagBurnedIn, "YES"), byBlanking, "Burned In Annotation is YES"},
	{"visual features", text(0x00280302, "YES"), byFaces, "Recognizable Visual Features is YES"},
	{"screen save", screen, byBlanking, "Image Type names a screen, a dose page or a protocol page"},
	{"page", page, byBlanking, "Series Description names a dose page, a protocol page or a screenshot"},
	{"digitised", text(0x00080064, "DV", "DI", "DF", "SD", "SI", "DRW"), byBlanking, "digitised film or paper, a scan or a drawing (Conversion Type)"},
	{"workstation picture", pictureOfWorkstation, byBlanking, "a workstation's picture of 8 bits (Conversion Type)"},
	{"overlay in pixels", overlayInPixels, byClearing, "an overlay in the bits of pixel data; overlays_in_pixels: clear clears them"},
}

type quarantineRule struct {
	name    string
	matches func(object) bool
	lifted  lift
	reason  string
}

// object is a file as rules see it.
type object struct {
	dicomio.Dataset
	class string // SOP class after sopClassRoot; "" for others
}

// lift is what lets a file through that a rule would quarantine.
type lift uint8

const (
	never      lift = iota
	byBlanking      // a blanking rule that matches the file
	byFaces         // Pixels.Faces is Allow
	byClearing      // Pixels.Overlays is Clear
)

// pictures are the classes that are processed where a blanking rule matches, and
// only there: pictures of screens, ultrasound and visible light.
var pictures = storage("7", "7.*", "3", "3.1", "6", "6.1", "6.2", "77", "77.*")

// quarantine returns the first rule that keeps the file back.
func (d *Deidentifier) quarantine(o object, blanked bool) *Rejection {
	lifted := map[lift]bool{byBlanking: blanked, byFaces: d.pixels.Faces == Allow, byClearing: d.pixels.Overlays == Clear}
	for _, r := range quarantineRules {
		if !lifted[r.lifted] && r.matches(o) {
			return &Rejection{BurnedInRisk, r.reason}
		}
	}
	return nil
}

// storage matches storage classes, named after sopClassRoot; "7.*" is all below 7.
func storage(names ...string) func(object) bool {
	return func(o object) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			above, below := strings.CutSuffix(name, "*")
			return o.class == name || below && strings.HasPrefix(o.class, above)
		})
	}
}

// text matches an attribute with one of the values, in any case.
func text(t dicomio.Tag, values ...string) func(object) bool {
	return func(o object) bool {
		got := o.Text(t)
		return got != "" && slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, got) })
	}
}

// screen matches screen saves, and the dose and protocol pages of scanners, by Image Type.
func screen(o object) bool {
	for _, v := range o.Texts(0x00080008) {
		v = strings.ToUpper(v)
		if strings.HasSuffix(v, " PROT") || v == "PATIENT PROTOCOL" {
			return true
		}
		for _, page := range []string{"SCREEN", "DOSE_INFO", "DOSE INFO", "DOSEREPORT", "DOSE_REPORT"} {
			if strings.Contains(v, page) {
				return true
			}
		}
	}
	return false
}

var pageTitle = regexp.MustCompile(`(?i)\b(dose (report|info|record|summary|sheet|page)|(patient|exam|examination) protocol|exam summary|screen ?(save|shot|capture)s?|dosis(protokoll|bericht))\b|剂量报告|剂量信息`)

// page matches the pages of text that scanners store as images of the study.
func page(o object) bool {
	e, ok := o.Find(tagSeriesDescription)
	return ok && pageTitle.MatchString(o.decode(e.Value))
}

// decode returns a value as text; bytes that are not of the character set count
// as Latin 1, so that words of ASCII are seen whatever stands beside them.
func (o object) decode(value []byte) string {
	if s, ok := charsetOf(o.Dataset, nil).decode(value); ok {
		return s
	}
	s, _ := charset{"ISO_IR 100"}.decode(value)
	return s
}

// pictureOfWorkstation matches images of 8 bits with a Conversion Type. Those of
// 16 bits that a workstation made (WSD, SYN) are computed from others.
func pictureOfWorkstation(o object) bool {
	bits := o.Ints(0x00280100)
	return o.Text(0x00080064) != "" && len(bits) == 1 && bits[0] == 8
}

// overlayInPixels matches an overlay plane without data of its own, which lies
// in unused bits of the pixels (PS3.3 C.9.2, retired).
func overlayInPixels(o object) bool {
	for i := range o.Dataset {
		t := o.Dataset[i].Tag
		if t>>24 == 0x60 && t&0xFFFF == 0x0102 {
			position := o.Ints(t)
			_, plane := o.Find(t&^0xFFFF | 0x3000)
			if !plane && len(position) > 0 && position[0] > 0 {
				return true
			}
		}
	}
	return false
}
