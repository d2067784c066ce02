package transforms

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms/crosswalk"
	"ctcohort/transforms/deid"
)

func init() {
	beam.RegisterDoFn(&anonymiseFn{})
}

// Deidentification says how originals become data that may be handed on.
type Deidentification struct {
	Root    string // output root
	Rules   configs.Deidentification
	Labels  map[string]configs.Labels // of each cohort
	Journal Journal
	Workers int
}

// Anonymise de-identifies each file of an archive and commits it under its new
// name: PCollection<Batch> → PCollection<schemas.Instance>,
// PCollection<schemas.Reject>. A file that cannot be de-identified comes out
// as a reject, and as an instance that is marked so, never as data.
func Anonymise(s beam.Scope, d Deidentification, batches beam.PCollection) (instances, rejects beam.PCollection) {
	return beam.ParDo2(s.Scope("Anonymise"), &anonymiseFn{Deidentification: d}, batches)
}

type anonymiseFn struct {
	Deidentification Deidentification

	key       []byte
	links     *deid.Links
	root      store.Store
	journal   *journal
	crosswalk *crosswalk.Writer // nil for none
	sites     map[string]*deid.Deidentifier
	pool      *pool[schemas.Instance]
	records   *recorder
}

func (f *anonymiseFn) Setup(ctx context.Context) (err error) {
	rules := f.Deidentification.Rules
	if f.key, err = LoadKey(ctx, rules.Key); err != nil {
		return err
	}
	if f.links, err = LoadLinks(ctx, rules.Links); err != nil {
		return err
	}
	if f.crosswalk, err = openCrosswalk(ctx, rules.Crosswalk, f.key); err != nil {
		return err
	}
	if f.journal, err = f.Deidentification.Journal.open(ctx); err != nil {
		return err
	}
	f.sites = map[string]*deid.Deidentifier{}
	f.root, err = store.OpenWith(ctx, f.Deidentification.Root, store.Options{Deferred: true})
	return err
}

func (f *anonymiseFn) StartBundle(_ func(schemas.Instance), _ func(schemas.Reject)) {
	f.pool = newPool[schemas.Instance]("anonymise", f.Deidentification.Workers)
	f.records = &recorder{root: f.root, journal: f.journal}
}

func (f *anonymiseFn) ProcessElement(ctx context.Context, b Batch, keep func(schemas.Instance), reject func(schemas.Reject)) error {
	d, err := f.site(b.Archive.Site)
	if err != nil {
		return err
	}
	work := f.newBatchWork(d, b)
	known, err := f.journal.has(ctx, work.unit)
	if err != nil {
		return err
	}
	if known {
		return f.pool.do(ctx, work.subject(0), func() outcome[schemas.Instance] { return work.whole(ctx) }, keep, f.rejectTo(keep, reject))
	}
	for i := range b.Files {
		if err := f.pool.do(ctx, work.subject(i), func() outcome[schemas.Instance] { return work.file(ctx, i) }, keep, f.rejectTo(keep, reject)); err != nil {
			return err
		}
	}
	return nil
}

func (f *anonymiseFn) file(ctx context.Context, d *deid.Deidentifier, in Input, subject schemas.Reject) outcome[schemas.Instance] {
	switch {
	case in.Archive.OfVolumes():
		return f.named(ctx, d, in, subject)
	case in.Format() != "dicom":
		return f.label(ctx, d, in, subject)
	}
	return f.instance(ctx, d, in, subject)
}

// rejectTo gives a rejected file its row among the instances too.
func (f *anonymiseFn) rejectTo(keep func(schemas.Instance), reject func(schemas.Reject)) func(schemas.Reject) {
	return func(r schemas.Reject) {
		keep(refused(f.row(r), r.ReasonCode))
		reject(r)
	}
}

// refused is what may be said of a file that nothing was made of.
func refused(r schemas.Instance, reason string) schemas.Instance {
	return schemas.Instance{InputHMAC: r.InputHMAC, Cohort: r.Cohort, Profile: r.Profile, RulesVersion: r.RulesVersion, Status: "rejected", ReasonCode: reason}
}

// row is what is known of an input before it is read.
func (f *anonymiseFn) row(subject schemas.Reject) schemas.Instance {
	return schemas.Instance{
		InputHMAC: subject.Subject, Cohort: subject.Cohort, Profile: f.Deidentification.Rules.ProfileName(), RulesVersion: deid.RulesVersion,
	}
}

func (f *anonymiseFn) FinishBundle(ctx context.Context, keep func(schemas.Instance), reject func(schemas.Reject)) error {
	if err := f.pool.finish(ctx, keep, f.rejectTo(keep, reject)); err != nil {
		return err
	}
	if err := f.records.wait(); err != nil {
		return err
	}
	if err := f.root.Sync(ctx); err != nil || f.crosswalk == nil {
		return err
	}
	return f.crosswalk.Flush(ctx)
}

func (f *anonymiseFn) site(name string) (*deid.Deidentifier, error) {
	if d, ok := f.sites[name]; ok {
		return d, nil
	}
	rules := f.Deidentification.Rules
	d, err := deid.New(deid.Options{
		Profile: rules.Profile, Options: rules.Options, MaxAgeYears: rules.MaxAgeYears,
		Key: f.key, Site: name, Links: f.links, Pixels: pixelsOf(rules),
	})
	if err != nil {
		return nil, fmt.Errorf("setting up de-identification: %w", err)
	}
	f.sites[name] = d
	return d, nil
}

// pixelsOf returns what the configuration says of pixels that may show an identity.
func pixelsOf(rules configs.Deidentification) deid.Pixels {
	p := deid.Pixels{Faces: rules.Faces, Overlays: rules.OverlaysInPixels}
	for _, b := range rules.Blank {
		rule := deid.BlankRule{When: deid.BlankWhen(b.When)}
		for _, r := range b.Regions {
			rule.Regions = append(rule.Regions, deid.Region(r)) // four numbers, as validated
		}
		for _, r := range b.Keep {
			rule.Keep = append(rule.Keep, deid.Region(r))
		}
		p.Blank = append(p.Blank, rule)
	}
	return p
}

// inputHMAC names an input file for tables: its own name may hold an identity.
func (f *anonymiseFn) inputHMAC(in Input) string {
	sum := deid.Derive(f.key, "input", in.Archive.Cohort, in.Name)
	return hex.EncodeToString(sum[:16])
}

// instance de-identifies one DICOM file.
func (f *anonymiseFn) instance(ctx context.Context, d *deid.Deidentifier, in Input, subject schemas.Reject) outcome[schemas.Instance] {
	originals, err := store.Open(ctx, in.Archive.URI)
	if err != nil {
		return outcome[schemas.Instance]{err: err}
	}
	r, err := originals.Open(ctx, in.Name)
	if err != nil {
		return unreadable(subject)
	}
	defer r.Close()
	row := f.row(subject)
	out := &output{ctx: ctx, root: f.root}
	defer out.abort()
	result, err := d.File(r, func(r deid.Result) (io.Writer, error) {
		return out, out.create(path.Join("dicom", row.Cohort, r.PatientID, r.StudyUID, r.SeriesUID, r.SOPUID+".dcm"))
	})
	if out.err != nil {
		return outcome[schemas.Instance]{err: fmt.Errorf("writing a de-identified file: %w", out.err)}
	}
	if bad := (*deid.Rejection)(nil); errors.As(err, &bad) {
		subject.ReasonCode, subject.Detail = bad.Code, bad.Detail
		return rejected[schemas.Instance](subject)
	}
	if err != nil {
		return unreadable(subject)
	}
	describe(&row, result)
	return f.recalled(ctx, in, out.commit(row), result.Origin)
}

// unreadable is the reject of a file that the system could not read. The
// system's error names the file, so it is not repeated.
func unreadable(subject schemas.Reject) outcome[schemas.Instance] {
	subject.ReasonCode, subject.Detail = "unreadable", "the file could not be opened or read; check its permissions and the storage"
	return rejected[schemas.Instance](subject)
}

// describe fills in what a file became.
func describe(row *schemas.Instance, r deid.Result) {
	row.PatientID, row.StudyUID, row.SeriesUID, row.SOPUID = r.PatientID, r.StudyUID, r.SeriesUID, r.SOPUID
	row.Format, row.SOPClass, row.Modality, row.TransferSyntax = "dicom", r.SOPClass, r.Modality, r.TransferSyntax
	row.Rows, row.Columns = int32(r.Rows), int32(r.Columns)
	row.Kept, row.Removed, row.Emptied = int32(r.Kept), int32(r.Removed), int32(r.Emptied)
	row.Replaced, row.Cleaned, row.Mapped = int32(r.Replaced), int32(r.Cleaned), int32(r.Mapped)
	row.PixelBefore, row.PixelAfter = r.PixelBefore, r.PixelAfter
	row.References = joinSorted(r.ReferencedSeriesUIDs)
}
