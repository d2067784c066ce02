package transforms

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"ctcohort/configs"
	"ctcohort/schemas"
	"ctcohort/transforms/progress"
)

func init() {
	beam.RegisterFunction(seriesOfInstance)
	beam.RegisterDoFn(&patientFn{})
	beam.RegisterDoFn(&resampleFn{})
	register.Emitter2[string, schemas.Instance]()
}

// Resampling says how series become volumes.
type Resampling struct {
	In, Out       string // roots
	Journal       Journal
	SpacingMM     [3]float64
	Interpolation string
	Prefilter     string // of axes that get coarser: none or gaussian
	Format        string // of the files: nii.gz or nii
	Workers       int
	Series        configs.Series // which are used

	LabelInterpolation string                    // nearest or linear
	Labels             map[string]configs.Labels // of each cohort
}

// Resample assembles each patient's CT series and resamples them with their
// labels: PCollection<schemas.Instance> → PCollection<schemas.Series>,
// PCollection<schemas.Reject>. A patient is one element of work; its series
// are taken one after another.
func Resample(s beam.Scope, r Resampling, instances beam.PCollection) (series, rejects beam.PCollection) {
	s = s.Scope("Resample")
	bySeries := beam.GroupByKey(s, beam.ParDo(s, seriesOfInstance, instances))
	ofPatient, lost := beam.ParDo2(s, &patientFn{}, bySeries)
	series, bad := beam.ParDo2(s, &resampleFn{Resampling: r}, beam.GroupByKey(s, ofPatient))
	return series, beam.Flatten(s, lost, bad)
}

// seriesOfInstance keys what was written by its series; duplicates and rejected files have no file.
func seriesOfInstance(r schemas.Instance, emit func(string, schemas.Instance)) {
	if r.Status == "ok" {
		emit(r.Cohort+"/"+r.SeriesUID, r)
	}
}

// patientFn keys instances by patient. A NIfTI label may know its series only; it
// gets its patient from the images of that series.
type patientFn struct{}

func (f *patientFn) ProcessElement(ctx context.Context, _ string, next func(*schemas.Instance) bool, keep func(string, schemas.Instance), reject func(schemas.Reject)) {
	var rows []schemas.Instance
	var row schemas.Instance
	patient := ""
	for next(&row) {
		rows = append(rows, row)
		patient = max(patient, row.PatientID)
	}
	for _, r := range rows {
		if r.PatientID == "" && patient == "" {
			unmatched := schemas.Reject{Cohort: r.Cohort, Stage: "resample", Subject: r.SeriesUID, ReasonCode: "label_unmatched",
				Detail: "a NIfTI label whose series is not in the archive"}
			countReject(ctx, unmatched)
			reject(unmatched)
			continue
		}
		r.PatientID = patient
		keep(r.Cohort+"/"+patient, r)
	}
}

type resampleFn struct {
	Resampling Resampling

	roots   roots
	journal *journal
	pool    *pool[schemas.Series]
}

func (f *resampleFn) Setup(ctx context.Context) (err error) {
	if f.journal, err = f.Resampling.Journal.open(ctx); err != nil {
		return err
	}
	f.roots, err = openRoots(ctx, f.Resampling.In, f.Resampling.Out)
	return err
}

func (f *resampleFn) StartBundle(_ func(schemas.Series), _ func(schemas.Reject)) {
	f.pool = newPool[schemas.Series]("resample", f.Resampling.Workers)
}

func (f *resampleFn) ProcessElement(ctx context.Context, patient string, next func(*schemas.Instance) bool, keep func(schemas.Series), reject func(schemas.Reject)) error {
	var rows []schemas.Instance
	var row schemas.Instance
	for next(&row) {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b schemas.Instance) int { return strings.Compare(a.Key(), b.Key()) })
	cohort, id, _ := strings.Cut(patient, "/")
	progress.Stage("resample").Found(1)
	subject := schemas.Reject{Cohort: cohort, Stage: "resample", Subject: id}
	return f.pool.do(ctx, subject, func() outcome[schemas.Series] {
		return once(ctx, f.journal, f.journal.unit(patient, rows), func() outcome[schemas.Series] {
			work := patientWork{resampling: f.Resampling, roots: f.roots, subject: subject, rows: rows}
			return work.run(ctx)
		})
	}, keep, reject)
}

func (f *resampleFn) FinishBundle(ctx context.Context, keep func(schemas.Series), reject func(schemas.Reject)) error {
	if err := f.pool.finish(ctx, keep, reject); err != nil {
		return fmt.Errorf("resampling: %w", err)
	}
	return f.roots.out.Sync(ctx)
}
