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
	FaceRisk           = "face_risk"
	UnknownCharset     = "charset"
	UnsupportedIOD     = "unsupported_iod"
	InvalidIOD         = "invalid_iod"
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

// admit returns what is done to the file's pixels, or a Rejection when the
// object is not one to de-identify.
func (d *Deidentifier) admit(f *dicomio.File) (*pixelWork, error) {
	class := sopClassOf(f)
	if class == "1.2.840.10008.1.3.10" {
		return nil, &Rejection{DICOMDIR, "a directory of other files"}
	}
	o := object{Dataset: f.Dataset}
	if short, standard := strings.CutPrefix(class, sopClassRoot); standard {
		o.class = short
	}
	rule := d.blankRuleOf(f, o)
	if r := d.quarantine(o, rule != nil); r != nil {
		return nil, r
	}
	k := kindOf(class)
	if k == unsupported && rule != nil && pictures(o) {
		k = image
	}
	switch {
	case k == unsupported:
		return nil, &Rejection{UnsupportedIOD, unsupportedDetail(class)}
	case k == report && !d.profile.has(cleanStructuredContent):
		return nil, &Rejection{UnsupportedIOD, "a report or a selection of key objects, of which only the option " + cleanStructuredContent.Name + " leaves something"}
	}
	if d.pixels.Faces != Allow {
		if where := headIn(o); where != "" {
			return nil, &Rejection{FaceRisk, "the head is imaged, by its " + where + "; faces: allow lets it through"}
		}
	}
	if err := usable(f, k); err != nil {
		return nil, err
	}
	return d.pixelWorkOf(f, o, rule)
}

// blankRuleOf returns the first blanking rule that matches the file; nil for none.
func (d *Deidentifier) blankRuleOf(f *dicomio.File, o object) *blankRule {
	for i := range d.blank {
		if d.blank[i].matches(o, f.Syntax.UID) {
			return &d.blank[i]
		}
	}
	return nil
}
