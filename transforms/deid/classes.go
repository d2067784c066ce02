package deid

import "strings"

const sopClassRoot = "1.2.840.10008.5.1.4.1.1."

const structureSet = "481.3"

// kind is what objects of a storage class are, as far as the rules differ.
type kind uint8

const (
	unsupported kind = iota
	image            // has pixel data
	dose             // has pixel data, unless it holds histograms alone
	geometry         // no pixel data
)

// kinds are the storage classes that are processed, after the root (PS3.4 Annex B.5).
var kinds = map[string]kind{
	"1": image, "1.1": image, "1.1.1": image, "1.2": image, "1.2.1": image, "1.3": image, "1.3.1": image, // CR, DX, MG, IO
	"2": image, "2.1": image, "2.2": image, // CT
	"4": image, "4.1": image, "4.3": image, "4.4": image, // MR
	"12.1": image, "12.1.1": image, "12.2": image, "12.2.1": image, "13.1.1": image, "13.1.2": image, "13.1.3": image, // XA, RF, 3D, tomosynthesis
	"20": image, "128": image, "128.1": image, "130": image, // NM, PET
	"30": image, "66.4": image, "66.7": image, // parametric map, segmentation, label map
	"481.1": image, "481.2": dose, // RT image, dose
	structureSet: geometry,
}

// kindOf returns what objects of a SOP class are.
func kindOf(sopClass string) kind {
	short, standard := strings.CutPrefix(sopClass, sopClassRoot)
	if !standard {
		return unsupported
	}
	return kinds[short]
}

// unsupportedDetail says of which class an object is that is not processed; of
// classes that the standard does not register, no more than that.
func unsupportedDetail(sopClass string) string {
	switch {
	case sopClass == "":
		return "an object without a SOP class"
	case wellKnown(sopClass):
		return "an object of class " + sopClass + ", which is not processed"
	}
	return "an object of a private class"
}
