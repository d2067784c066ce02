package series

import (
	"strings"

	"ctcohort/io/dicomio"
)

// CT image SOP classes (PS3.4 B.5): classic, enhanced, legacy converted.
var ctClasses = map[string]bool{
	"1.2.840.10008.5.1.4.1.1.2": true, "1.2.840.10008.5.1.4.1.1.2.1": true, "1.2.840.10008.5.1.4.1.1.2.2": true,
}

// derivedWords are Image Type values of images that are computed from a
// reconstruction (PS3.3 C.8.2.1.1.1, C.8.15.2.1, and vendors' usage).
// AXIAL images that only call themselves DERIVED, as Siemens' "SPI" and
// recompressed ones do, are not among them.
var derivedWords = []string{
	"MPR", "CSA MPR", "MIP", "MINIP", "MIN IP", "MAX IP", "PROJECTION IMAGE", "REFORMATTED", "CURVED", "CPR",
	"VRT", "SSD", "3D", "VOLREN", "SCREEN SAVE", "SUBTRACTION", "FUSION", "PERFUSION", "RCBF", "RCBV", "MTT", "TTP",
	"COLOR", "CALCULATED",
}

// otherUnits are Rescale Types that are not attenuation (PS3.3 C.11.1.1.2).
var otherUnits = map[string]bool{"OD": true, "MGML": true, "Z_EFF": true, "ED": true, "EDW": true, "PCT": true}

// unusable returns why a slice cannot be part of a volume, or an empty code.
func unusable(h *dicomio.SliceHeader) (code, detail string) {
	switch {
	case h.Modality != "CT":
		return WrongModality, "the modality is not CT"
	case h.SOPClassUID != "" && !ctClasses[h.SOPClassUID]:
		return WrongModality, "the SOP class is not a CT image"
	case typed(h, "LOCALIZER") || typed(h, "SCOUT") || typed(h, "TOPOGRAM"):
		return Localizer, "the image type is a localizer"
	case otherUnits[h.RescaleType]:
		return NotHU, "the rescale type is " + h.RescaleType
	case !h.HasGeometry:
		return MissingGeometry, "position, orientation or pixel spacing is missing or unsound"
	}
	for _, word := range derivedWords {
		if typed(h, word) {
			return Derived, "the image type holds " + word
		}
	}
	if typed(h, "DERIVED") && typed(h, "SECONDARY") && !typed(h, "AXIAL") {
		return Derived, "the image type is derived, secondary and not axial"
	}
	return "", ""
}

func typed(h *dicomio.SliceHeader, word string) bool {
	for _, v := range h.ImageType {
		if strings.EqualFold(strings.TrimSpace(v), word) {
			return true
		}
	}
	return false
}
