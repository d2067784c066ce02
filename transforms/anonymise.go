package transforms

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms/deid"
)

func init() {
	beam.RegisterDoFn(&anonymiseFn{})
}

// Deidentification says how originals become data that may be handed on.
type Deidentification struct {
	Root    string // output root
	Rules   configs.Deidentification
	Workers int
}

// Anonymise de-identifies each file of an archive and commits it under its new
// name: PCollection<Input> → PCollection<schemas.Instance>,
// PCollection<schemas.Reject>. A file that cannot be de-identified comes out
// as a reject, never as data.
func Anonymise(s beam.Scope, d Deidentification, inputs beam.PCollection) (instances, rejects beam.PCollection) {
	return beam.ParDo2(s.Scope("Anonymise"), &anonymiseFn{Deidentification: d}, inputs)
}

type anonymiseFn struct {
	Deidentification Deidentification

	key   []byte
	root  store.Store
	sites map[string]*deid.Deidentifier
	pool  *pool[schemas.Instance]
}

func (f *anonymiseFn) Setup(ctx context.Context) (err error) {
	if f.key, err = LoadKey(f.Deidentification.Rules.Key); err != nil {
		return err
	}
	f.sites = map[string]*deid.Deidentifier{}
	f.root, err = store.OpenWith(ctx, f.Deidentification.Root, store.Options{Deferred: true})
	return err
}

func (f *anonymiseFn) StartBundle(_ func(schemas.Instance), _ func(schemas.Reject)) {
	f.pool = newPool[schemas.Instance]("anonymise", f.Deidentification.Workers)
}

func (f *anonymiseFn) ProcessElement(ctx context.Context, in Input, keep func(schemas.Instance), reject func(schemas.Reject)) error {
	d, err := f.site(in.Archive.Site)
	if err != nil {
		return err
	}
	subject := schemas.Reject{Cohort: in.Archive.Cohort, Stage: "anonymise", Subject: f.inputHMAC(in)}
	return f.pool.do(ctx, subject, func() outcome[schemas.Instance] {
		if in.IsLabel() {
			return f.label(ctx, d, in, subject)
		}
		return f.instance(ctx, d, in, subject)
	}, keep, reject)
}

func (f *anonymiseFn) FinishBundle(ctx context.Context, keep func(schemas.Instance), reject func(schemas.Reject)) error {
	if err := f.pool.finish(ctx, keep, reject); err != nil {
		return err
	}
	return f.root.Sync(ctx)
}

func (f *anonymiseFn) site(name string) (*deid.Deidentifier, error) {
	if d, ok := f.sites[name]; ok {
		return d, nil
	}
	rules := f.Deidentification.Rules
	d, err := deid.New(deid.Options{
		Profile: rules.Profile, Options: rules.Options, MaxAgeYears: rules.MaxAgeYears,
		Key: f.key, Site: name,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up de-identification: %w", err)
	}
	f.sites[name] = d
	return d, nil
}

// inputHMAC names an input file for tables: its own name may hold an identity.
func (f *anonymiseFn) inputHMAC(in Input) string {
	mac := hmac.New(sha256.New, f.key)
	mac.Write([]byte("input\x00" + in.Archive.Cohort + "\x00" + in.Name))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// instance de-identifies one DICOM file.
func (f *anonymiseFn) instance(ctx context.Context, d *deid.Deidentifier, in Input, subject schemas.Reject) outcome[schemas.Instance] {
	originals, err := store.Open(ctx, in.Archive.URI)
	if err != nil {
		return outcome[schemas.Instance]{err: err}
	}
	r, err := originals.Open(ctx, in.Name)
	if err != nil {
		return unreadable[schemas.Instance](subject)
	}
	defer r.Close()
	var file bytes.Buffer
	file.Grow(int(min(in.Bytes, 8<<20)) + 8<<10)
	result, err := d.File(r, &file)
	if bad := (*deid.Rejection)(nil); errors.As(err, &bad) {
		subject.ReasonCode, subject.Detail = bad.Code, bad.Detail
		return rejected[schemas.Instance](subject)
	}
	if err != nil {
		return unreadable[schemas.Instance](subject)
	}
	row := instanceOf(result, in.Archive.Cohort, subject.Subject, f.Deidentification.Rules.ProfileName())
	row.URI = path.Join("dicom", row.Cohort, row.PatientID, row.StudyUID, row.SeriesUID, row.SOPUID+".dcm")
	return f.commit(ctx, row, file.Bytes())
}

// commit writes the de-identified bytes and completes the row.
func (f *anonymiseFn) commit(ctx context.Context, row schemas.Instance, data []byte) outcome[schemas.Instance] {
	if err := store.WriteAll(ctx, f.root, row.URI, data); err != nil {
		return outcome[schemas.Instance]{err: fmt.Errorf("writing a de-identified file: %w", err)}
	}
	sum := sha256.Sum256(data)
	row.Bytes, row.SHA256, row.Status = int64(len(data)), hex.EncodeToString(sum[:]), "ok"
	return outcome[schemas.Instance]{rows: []schemas.Instance{row}}
}

// unreadable is the reject of a file that the system could not read. The
// system's error names the file, so it is not repeated.
func unreadable[T any](subject schemas.Reject) outcome[T] {
	subject.ReasonCode, subject.Detail = "unreadable", "the file could not be opened or read; check its permissions and the storage"
	return rejected[T](subject)
}

func instanceOf(r deid.Result, cohort, inputHMAC, profile string) schemas.Instance {
	return schemas.Instance{
		InputHMAC: inputHMAC, Cohort: cohort, PatientID: r.PatientID, StudyUID: r.StudyUID, SeriesUID: r.SeriesUID, SOPUID: r.SOPUID,
		SOPClass: r.SOPClass, Modality: r.Modality, TransferSyntax: r.TransferSyntax, Rows: int32(r.Rows), Columns: int32(r.Columns),
		Kept: int32(r.Kept), Removed: int32(r.Removed), Emptied: int32(r.Emptied), Replaced: int32(r.Replaced), Cleaned: int32(r.Cleaned), Mapped: int32(r.Mapped),
		Profile: profile, PixelSHA256: r.PixelSHA256, References: joinSorted(r.ReferencedSeriesUIDs),
	}
}
