package deid

import (
	"errors"
	"strings"

	"ctcohort/io/dicomio"
)

// Codes of Rejection; those of dicomio.Error are passed on as they are.
const (
	NoPatientID        = "no_patient_id"
	NoSOPInstanceUID   = "no_sop_instance_uid"
	BurnedInRisk       = "burned_in_risk"
	UnsupportedIOD     = "unsupported_iod"
	DICOMDIR           = "dicomdir"
	ResidualIdentifier = "residual_identifier"
)

// Rejection says why a file was not de-identified. It holds nothing of the file's values.
type Rejection struct {
	Code   string
	Detail string
}

func (r *Rejection) Error() string { return r.Code + ": " + r.Detail }

// asRejection turns what the reader found wrong into a Rejection.
func asRejection(err error) error {
	var bad *dicomio.Error
	if errors.As(err, &bad) {
		return &Rejection{Code: bad.Code, Detail: bad.Detail}
	}
	return err
}

const sopClassRoot = "1.2.840.10008.5.1.4.1.1."

const structureSet = "481.3"

// images are the storage classes that are processed, after the root.
var images = map[string]bool{
	"1": true, "1.1": true, "1.1.1": true, "1.2": true, "1.2.1": true, "1.3": true, "1.3.1": true, // CR, DX, MG, IO
	"2": true, "2.1": true, "2.2": true, // CT
	"4": true, "4.1": true, "4.3": true, "4.4": true, // MR
	"12.1": true, "12.1.1": true, "12.2": true, "12.2.1": true, "13.1.1": true, "13.1.2": true, "13.1.3": true, // XA, RF, 3D, tomosynthesis
	"20": true, "128": true, "128.1": true, "130": true, // NM, PET
	"30": true, "66.4": true, "66.7": true, // parametric map, segmentation, label map
	"481.2": true, structureSet: true, // RT dose, structure set
}

// risky are classes whose pixels or documents often show identity, after the root.
func risky(class string) bool {
	for _, c := range []string{"7", "3", "3.1", "6", "6.1", "6.2", "104", "77", "88.67"} { // SC, ultrasound, documents, visible light, dose report
		if class == c || (c == "7" || c == "104" || c == "77") && strings.HasPrefix(class, c+".") {
			return true
		}
	}
	return false
}

// refuse returns a Rejection when the object is not one to de-identify.
func refuse(f *dicomio.File) error {
	d := f.Dataset
	class := d.Text(tagSOPClassUID)
	if class == "" {
		class = f.Meta.Text(0x00020002)
	}
	if class == "1.2.840.10008.1.3.10" {
		return &Rejection{DICOMDIR, "a directory of other files"}
	}
	short, standard := strings.CutPrefix(class, sopClassRoot)
	switch {
	case standard && risky(short):
		return &Rejection{BurnedInRisk, "a secondary capture, ultrasound, photograph, document or dose report"}
	case strings.EqualFold(d.Text(0x00280301), "YES"):
		return &Rejection{BurnedInRisk, "Burned In Annotation is YES"}
	case screen(d.Texts(0x00080008)):
		return &Rejection{BurnedInRisk, "Image Type names a screen or a dose page"}
	case converted(d):
		return &Rejection{BurnedInRisk, "a digitised, drawn or captured image"}
	case overlayInPixels(d):
		return &Rejection{BurnedInRisk, "an overlay in the bits of pixel data"}
	case !standard || !images[short]:
		return &Rejection{UnsupportedIOD, "an object of a class that is not processed"}
	case f.Pixel == nil && short != structureSet:
		return &Rejection{dicomio.Truncated, "an image without pixel data"}
	}
	return nil
}

// screen reports whether Image Type names a screen save, a dose or protocol page.
func screen(imageType []string) bool {
	for _, v := range imageType {
		v = strings.ToUpper(v)
		if strings.Contains(v, "SCREEN") || strings.Contains(v, "DOSE_INFO") || strings.Contains(v, "DOSE INFO") || strings.Contains(v, "DOSEREPORT") ||
			strings.Contains(v, "DOSE_REPORT") || strings.HasSuffix(v, " PROT") || v == "PATIENT PROTOCOL" {
			return true
		}
	}
	return false
}

// converted reports whether Conversion Type tells of film, paper, video or a
// drawing, or of a workstation's picture of 8 bits. Images of 16 bits that a
// workstation made (WSD, SYN) are computed from others.
func converted(d dicomio.Dataset) bool {
	switch d.Text(0x00080064) {
	case "":
		return false
	case "DV", "DI", "DF", "SD", "SI", "DRW":
		return true
	}
	bits := d.Ints(0x00280100)
	return len(bits) == 1 && bits[0] == 8
}

// overlayInPixels reports whether an overlay plane lies in unused bits of the pixels.
func overlayInPixels(d dicomio.Dataset) bool {
	for i := range d {
		t := d[i].Tag
		if t>>24 == 0x60 && t&0xFFFF == 0x0102 {
			position := d.Ints(t)
			_, plane := d.Find(t&^0xFFFF | 0x3000)
			if !plane && len(position) > 0 && position[0] > 0 {
				return true
			}
		}
	}
	return false
}
