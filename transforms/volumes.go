package transforms

import (
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"ctcohort/schemas"
	"ctcohort/transforms/series"
)

func init() {
	registerElement[Volume]()
	beam.RegisterFunction(patientOfSeries)
	beam.RegisterFunction(patientKey)
	beam.RegisterDoFn(&joinFn{})
	register.Emitter1[Volume]()
}

// A Volume is a resampled series and the side of the split that it is on.
type Volume struct {
	Cohort, Split, PatientID, SeriesUID string
	VolumeURI, LabelURI                 string    // LabelURI is empty where there is no reference
	SourceURI                           string    // where the volume came from, series.Source
	SHA256                              [3]string // of the three files
	LabelClasses                        string    // which of lung and infection the reference tells of, as schemas.Series has it
}

// Tells says whether the volume's reference tells of a class.
func (v Volume) Tells(class uint8) bool {
	return slices.Contains(strings.Fields(v.LabelClasses), series.ClassNames[class])
}

// Volumes joins series and patients, PCollection<schemas.Series> and
// PCollection<schemas.Patient>, into PCollection<Volume>. splits says which
// sides; none is all.
func Volumes(s beam.Scope, splits []string, rows, patients beam.PCollection) beam.PCollection {
	s = s.Scope("Volumes")
	joined := beam.CoGroupByKey(s, beam.ParDo(s, patientOfSeries, rows), beam.ParDo(s, patientKey, patients))
	return beam.ParDo(s, &joinFn{Splits: splits}, joined)
}

func patientOfSeries(r schemas.Series) (string, schemas.Series) {
	return r.Cohort + "/" + r.PatientID, r
}

func patientKey(r schemas.Patient) (string, schemas.Patient) { return r.Cohort + "/" + r.PatientID, r }

type joinFn struct {
	Splits []string
}

func (f *joinFn) ProcessElement(_ string, rows func(*schemas.Series) bool, patients func(*schemas.Patient) bool, emit func(Volume)) {
	var patient schemas.Patient
	if !patients(&patient) || !f.wanted(patient.Split) {
		return
	}
	var row schemas.Series
	for rows(&row) {
		emit(Volume{
			Cohort: row.Cohort, Split: patient.Split, PatientID: row.PatientID, SeriesUID: row.SeriesUID,
			VolumeURI: row.VolumeURI, LabelURI: row.LabelURI, LabelClasses: row.LabelClasses, SourceURI: row.SourceURI,
			SHA256: [3]string{row.VolumeSHA256, row.LabelSHA256, row.SourceSHA256},
		})
	}
}

func (f *joinFn) wanted(split string) bool {
	return len(f.Splits) == 0 || slices.Contains(f.Splits, split)
}
