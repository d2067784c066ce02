package deid

import "ctcohort/io/dicomio"

// VolumeIDs are what the names of a volume's file turn into.
type VolumeIDs struct {
	PatientID, StudyUID, SeriesUID string
	Origin                         Origin
}

// Volume returns the new identifiers of a volume that is no DICOM file and that
// its file names by patient and series, which may be empty. The patient's
// pseudonym is the one that a DICOM file with that Patient ID and no issuer has;
// the UIDs, which no file gives, depend on site, cohort, patient and series. Each
// volume is a study of its own, as nothing says which belong together.
func (d *Deidentifier) Volume(cohort, patient, series string) VolumeIDs {
	who := d.patientOf(patient, "")
	who.origin.SeriesUID = series
	uid := func(label string) string {
		sum := Derive(d.key, label, d.site, cohort, patient, series)
		return dicomio.DerivedUID(sum[:])
	}
	return VolumeIDs{PatientID: who.pseudonym, StudyUID: uid("volume study"), SeriesUID: uid("volume series"), Origin: who.origin}
}
