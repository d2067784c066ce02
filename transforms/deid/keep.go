package deid

import (
	"regexp"
	"strconv"
	"strings"

	"ctcohort/io/dicomio"
)

// verbatim are text attributes outside the table whose values may stay as they
// are: the make and settings of the scanner, and codes. A value with anything
// but ASCII, or with an identifier of the patient, goes.
var verbatim = map[dicomio.Tag]bool{
	0x00080070: true, // Manufacturer
	0x00080100: true, // Code Value
	0x00080102: true, // Coding Scheme Designator
	0x00080103: true, // Coding Scheme Version
	0x00080119: true, // Long Code Value
	0x00081090: true, // Manufacturer's Model Name
	0x00180024: true, // Sequence Name
	0x00181020: true, // Software Versions
	0x00181160: true, // Filter Type
	0x00181210: true, // Convolution Kernel
	0x00181250: true, // Receive Coil Name
	0x00189005: true, // Pulse Sequence Name
	0x00201040: true, // Position Reference Indicator
	0x00281054: true, // Rescale Type
	0x00283004: true, // Modality LUT Type
	0x00541101: true, // Attenuation Correction Method
	0x00541103: true, // Reconstruction Method
	0x00541105: true, // Scatter Correction Method
	0x00660031: true, // Algorithm Version
}

// descriptive are text attributes outside the table that stay word by word.
var descriptive = map[dicomio.Tag]bool{
	0x00080104: true, // Code Meaning
	0x00180031: true, // Radiopharmaceutical
	0x00181040: true, // Contrast/Bolus Route
	0x00209056: true, // Stack ID
	0x00209421: true, // Dimension Description Label
	0x00281055: true, // Window Center & Width Explanation
	0x00283003: true, // LUT Explanation
	0x00409210: true, // LUT Label
	0x00620005: true, // Segment Label
	0x00620006: true, // Segment Description
	0x00620009: true, // Segment Algorithm Name
	0x00620020: true, // Tracking ID
	0x00660036: true, // Algorithm Name
	0x00660004: true, // Surface Comments
	0x00700006: true, // Unformatted Text Value
	0x00700068: true, // Graphic Layer Description
	0x00700081: true, // Content Description
	0x00700207: true, // Graphic Group Label
	0x00700208: true, // Graphic Group Description
	0x00700289: true, // Tick Label
	0x0070030F: true, // Fiducial Description
	0x00700310: true, // Fiducial Identifier
	0x300A0043: true, // Tolerance Table Label
	0x300A00C2: true, // Beam Name
	0x300A00FE: true, // Block Name
	0x300A0183: true, // Patient Setup Label
	0x300A0194: true, // Fixation Device Label
	0x300A01B8: true, // Setup Device Label
}

// characteristics are the values that those of a patient may have which are
// retained: words, where the standard has defined terms or, of ethnic groups, none.
var characteristics = map[dicomio.Tag]map[string]bool{
	0x00100040: wordSet(`m f o u`),           // Patient's Sex
	0x001021A0: wordSet(`yes no unknown`),    // Smoking Status
	0x00102203: wordSet(`altered unaltered`), // Patient's Sex Neutered
	0x00102160: wordSet(`group white caucasian european black african afro american asian east south southeast west north central hispanic latino latina non not or and of the
		native indian alaska alaskan hawaiian pacific islander other mixed multiple race races ethnic ethnicity declined unknown unspecified unavailable patient refused
		arab arabic jewish chinese han japanese korean filipino vietnamese thai malay turkish mestizo aboriginal maori 汉族 汉 漢族`), // Ethnic Group
}

// characteristic reports whether a retained value is one that such an attribute has.
func characteristic(t dicomio.Tag, text string) bool {
	allowed, ok := characteristics[t]
	if !ok {
		return true
	}
	for _, w := range wordsOf(strings.ToLower(text)) {
		if !allowed[w] && !short.MatchString(w) {
			return false
		}
	}
	return true
}

// displayed are attributes of byte VRs that stay: what images are displayed with,
// and the places of frames.
var displayed = map[dicomio.Tag]bool{
	0x00281101: true, 0x00281102: true, 0x00281103: true, // palette descriptors
	0x00281201: true, 0x00281202: true, 0x00281203: true, 0x00281204: true, // palette data
	0x00281221: true, 0x00281222: true, 0x00281223: true, // segmented palette data
	0x00283002: true, 0x00283006: true, // LUT descriptor and data
	0x00640009: true,                   // Vector Grid Data
	0x00660016: true, 0x00660021: true, // point coordinates, vectors of surfaces
	0x00660023: true, 0x00660024: true, 0x00660025: true, // the same, as they were before 2011: retired
	0x00660040: true, 0x00660041: true, 0x00660042: true, 0x00660043: true, // point indices of surfaces
	0x7FE00001: true, 0x7FE00002: true, // extended offset table
}

// class groups VRs by what their values can hold.
type class uint8

const (
	classOther class = iota
	classText
	classCode
	classNumberText
	classNumber
	classUID
	classDate
	classTime
	classBytes
	classSequence
)

func classOf(vr string) class {
	switch vr {
	case "LO", "SH", "ST", "LT", "UT", "UC":
		return classText
	case "CS":
		return classCode
	case "DS", "IS":
		return classNumberText
	case "US", "SS", "UL", "SL", "FL", "FD", "AT", "SV", "UV":
		return classNumber
	case "UI":
		return classUID
	case "DA", "DT":
		return classDate
	case "TM":
		return classTime
	case "OB", "OW", "OF", "OD", "OL", "OV":
		return classBytes
	case "SQ":
		return classSequence
	}
	return classOther // PN, AE, AS, UR, UN
}

func numberSize(vr string) int {
	switch vr {
	case "US", "SS":
		return 2
	case "FD", "SV", "UV":
		return 8
	}
	return 4
}

// numbersFit reports whether a binary value has the number of values that the dictionary says.
func numbersFit(n int, vr, multiplicity string) bool {
	size := numberSize(vr)
	if n%size != 0 {
		return false
	}
	fixed, err := strconv.Atoi(multiplicity)
	return err != nil || n == 0 || n == fixed*size
}

// telling reports whether text that would stay as it is announces a person or
// tells where to reach one.
func telling(text string) bool {
	lower := strings.ToLower(text)
	for _, sign := range []string{"@", "://", "www."} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	for _, w := range wordsOf(lower) {
		if addressed[w] {
			return true
		}
	}
	return false
}

var addressed = wordSet(`dr prof mrs herr frau mme doctor physician tel fax phone`)

// written reports whether bytes in place of binary numbers are text: printable
// ones throughout, most of them letters, digits and spaces, with three different
// letters side by side. Numbers may be printable by chance: 19.2 is "3333333@",
// 0.9 as a float "fff?".
func written(vr string, value []byte) bool {
	if vr == "FL" || vr == "FD" || len(value) < 8 {
		return false
	}
	usual, word := 0, false
	for i, b := range value {
		if b < ' ' || b > '~' {
			return false
		}
		if letter(b) || b == ' ' || b >= '0' && b <= '9' {
			usual++
		}
		word = word || i > 1 && letter(b) && letter(value[i-1]) && letter(value[i-2]) && b != value[i-1] && b != value[i-2] && value[i-1] != value[i-2]
	}
	return word && usual*10 >= len(value)*7
}

var (
	decimals = regexp.MustCompile(`^[0-9+\-.eE \x00\\]*$`)
	code     = regexp.MustCompile(`^[A-Za-z0-9_ ./+\-\x00\\]*$`)
	printed  = regexp.MustCompile(`^[\x20-\x7E\x00]*$`)
	age      = regexp.MustCompile(`^\d{3}[DWMY]$`)
	fraction = regexp.MustCompile(`^[+-]?\d{0,7}\.\d{1,20}([eE][+-]?\d{1,3})?$`)
)

// shortValues reports whether each value has at most n bytes, padding aside.
func shortValues(text string, n int) bool {
	for v := range strings.SplitSeq(text, `\`) {
		if len(trimmed(v)) > n {
			return false
		}
	}
	return true
}

// measures reports whether each value has at most the 16 bytes of a DS, or is a
// decimal fraction with the digits of a binary number, as much software writes
// positions and contours.
func measures(text string) bool {
	for v := range strings.SplitSeq(text, `\`) {
		if v = trimmed(v); len(v) > 16 && !fraction.MatchString(v) {
			return false
		}
	}
	return true
}

// plain reports whether the value is of a form that its VR allows and that is
// safe to keep as it is: no free text among codes and numbers.
func plain(vr, text string) bool {
	switch classOf(vr) {
	case classCode:
		return code.MatchString(text) && shortValues(text, 16)
	case classNumberText:
		return decimals.MatchString(text) && measures(text)
	case classTime:
		return timesValid(text)
	case classText:
		return printed.MatchString(text)
	}
	return vr == "AS" && (age.MatchString(strings.TrimSpace(text)) || text == "")
}
