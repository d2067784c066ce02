package deid

import (
	"slices"
	"strings"

	"ctcohort/io/dicomio"
)

const sopClassRoot = "1.2.840.10008.5.1.4.1.1."

const structureSet = "481.3"

// kind is what objects of a storage class are, as far as the rules differ.
type kind uint8

const (
	unsupported  kind = iota
	image             // has pixel data
	dose              // has pixel data, unless it holds histograms alone
	geometry          // plans, structures, registrations, value mappings: no pixel data
	report            // a content tree
	presentation      // how to show other images, with graphics on them
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
	structureSet: geometry, "481.5": geometry, "481.8": geometry, // RT structure set, plan, ion plan
	"481.4": geometry, "481.6": geometry, "481.7": geometry, "481.9": geometry, // RT treatment records
	"66.1": geometry, "66.2": geometry, "66.3": geometry, "66.5": geometry, "67": geometry, // registration, fiducials, surfaces, real-world values
	"88.11": report, "88.22": report, "88.33": report, "88.34": report, "88.35": report, // structured reports
	"88.50": report, "88.59": report, "88.65": report, "88.69": report, "88.71": report, // CAD, key objects, acquisition context
	"11.1": presentation, "11.2": presentation, "11.3": presentation, "11.4": presentation, "11.5": presentation, "11.6": presentation,
	"11.7": presentation, "11.8": presentation, "11.9": presentation, "11.10": presentation, "11.11": presentation, "11.12": presentation,
}

// Classes returns the UIDs of the storage classes that are processed, sorted.
func Classes() []string {
	var out []string
	for short := range kinds {
		out = append(out, sopClassRoot+short)
	}
	slices.Sort(out)
	return out
}

// sopClassOf returns the SOP class of a file, from its meta information where
// the data set does not say.
func sopClassOf(f *dicomio.File) string {
	if class := f.Dataset.Text(tagSOPClassUID); class != "" {
		return class
	}
	return f.Meta.Text(0x00020002)
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
