package deid

import "ctcohort/io/dicomio"

// iodType is the requirement of an attribute in its IOD (PS3.5 section 7.4):
// 1 with a value, 2 may be empty, 3 may be absent. Conditional types count as
// the type without their C where they are in this list.
type iodType uint8

// topTypes are the types in the modules of CT and related image IODs (PS3.3
// A.3) at the top of the data set; what is not listed is of type 3.
var topTypes = map[dicomio.Tag]iodType{
	0x00080008: 1, // Image Type
	0x00080016: 1, // SOP Class UID
	0x00080018: 1, // SOP Instance UID
	0x00080020: 2, // Study Date
	0x00080030: 2, // Study Time
	0x00080050: 2, // Accession Number
	0x00080060: 1, // Modality
	0x00080070: 2, // Manufacturer
	0x00080090: 2, // Referring Physician's Name
	0x00100010: 2, // Patient's Name
	0x00100020: 2, // Patient ID
	0x00100030: 2, // Patient's Birth Date
	0x00100040: 2, // Patient's Sex
	0x00180050: 2, // Slice Thickness
	0x00180060: 2, // KVP
	0x0020000D: 1, // Study Instance UID
	0x0020000E: 1, // Series Instance UID
	0x00200010: 2, // Study ID
	0x00200011: 2, // Series Number
	0x00200012: 2, // Acquisition Number
	0x00200013: 2, // Instance Number
	0x00200032: 1, // Image Position (Patient)
	0x00200037: 1, // Image Orientation (Patient)
	0x00200052: 1, // Frame of Reference UID
	0x00201040: 2, // Position Reference Indicator
	0x00280002: 1, // Samples per Pixel
	0x00280004: 1, // Photometric Interpretation
	0x00280010: 1, // Rows
	0x00280011: 1, // Columns
	0x00280030: 1, // Pixel Spacing
	0x00280100: 1, // Bits Allocated
	0x00280101: 1, // Bits Stored
	0x00280102: 1, // High Bit
	0x00280103: 1, // Pixel Representation
	0x00281052: 1, // Rescale Intercept
	0x00281053: 1, // Rescale Slope
}

// segmentationTypes are those that differ in segmentations and the other
// enhanced IODs (PS3.3 A.51, C.7.5.2, C.8.20).
var segmentationTypes = map[dicomio.Tag]iodType{
	0x00080023: 1, // Content Date
	0x00080033: 1, // Content Time
	0x00080070: 1, // Manufacturer
	0x00081090: 1, // Manufacturer's Model Name
	0x00181000: 1, // Device Serial Number
	0x00181020: 1, // Software Versions
	0x00620001: 1, // Segmentation Type
	0x00700080: 1, // Content Label
	0x00700081: 2, // Content Description
	0x00700084: 2, // Content Creator's Name
}

// structureSetTypes are those of RT structure sets (PS3.3 C.8.8.5).
var structureSetTypes = map[dicomio.Tag]iodType{
	0x30060002: 1, // Structure Set Label
	0x30060008: 2, // Structure Set Date
	0x30060009: 2, // Structure Set Time
}

// itemTypes are types within sequence items: the code macro, references,
// segments and structures.
var itemTypes = map[dicomio.Tag]iodType{
	0x00080100: 1, // Code Value
	0x00080102: 1, // Coding Scheme Designator
	0x00080104: 1, // Code Meaning
	0x00081150: 1, // Referenced SOP Class UID
	0x00081155: 1, // Referenced SOP Instance UID
	0x0020000D: 1, // Study Instance UID
	0x0020000E: 1, // Series Instance UID
	0x00620004: 1, // Segment Number
	0x00620005: 1, // Segment Label
	0x00620008: 1, // Segment Algorithm Type
	0x00620009: 1, // Segment Algorithm Name
	0x30060026: 2, // ROI Name
	0x300600A4: 2, // RT ROI Interpreted Type
	0x300600A6: 2, // ROI Interpreter
}

// iod is the list of an object's types, by its SOP class.
type iod struct{ special map[dicomio.Tag]iodType }

func iodOf(sopClass string) iod {
	switch sopClass {
	case sopClassRoot + "66.4", sopClassRoot + "66.7", sopClassRoot + "30":
		return iod{segmentationTypes}
	case sopClassRoot + structureSet:
		return iod{structureSetTypes}
	}
	return iod{}
}

func (o iod) typeOf(t dicomio.Tag, top bool) iodType {
	list := itemTypes
	if top {
		if n, ok := o.special[t]; ok {
			return n
		}
		list = topTypes
	}
	if n, ok := list[t]; ok {
		return n
	}
	return 3
}
