package transforms

import (
	"reflect"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"ctcohort/schemas"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Volume]())
	beam.RegisterFunction(patientOfSeries)
	beam.RegisterFunction(patientKey)
	beam.RegisterDoFn(&joinFn{})
	register.Emitter1[Volume]()
}

// A Volume is a resampled series and the side of the split that it is on.
type Volume struct {
	Cohort, Split, PatientID, SeriesUID string
	VolumeURI, LabelURI                 string // LabelURI is empty where there is no reference
}

// Volumes joins series and patients, PCollection<schemas.Series> and
// PCollection<schemas.Patient>, into PCollection<Volume>. splits says which
// sides; none is all.
func Volumes(s beam.Scope, splits []string, series, patients beam.PCollection) beam.PCollection {
	s = s.Scope("Volumes")
	joined := beam.CoGroupByKey(s, beam.ParDo(s, patientOfSeries, series), beam.ParDo(s, patientKey, patients))
	return beam.ParDo(s, &joinFn{Splits: splits}, joined)
}

func patientOfSeries(r schemas.Series) (string, schemas.Series) {
	return r.Cohort + "/" + r.PatientID, r
}

func patientKey(r schemas.Patient) (string, schemas.Patient) { return r.Cohort + "/" + r.PatientID, r }

type joinFn struct {
	Splits []string
}

func (f *joinFn) ProcessElement(_ string, series func(*schemas.Series) bool, patients func(*schemas.Patient) bool, emit func(Volume)) {
	var patient schemas.Patient
	if !patients(&patient) || !f.wanted(patient.Split) {
		return
	}
	var row schemas.Series
	for series(&row) {
		emit(Volume{
			Cohort: row.Cohort, Split: patient.Split, PatientID: row.PatientID, SeriesUID: row.SeriesUID,
			VolumeURI: row.VolumeURI, LabelURI: row.LabelURI,
		})
	}
}

func (f *joinFn) wanted(split string) bool {
	return len(f.Splits) == 0 || slices.Contains(f.Splits, split)
}
