package transforms

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/io/store"
	"ctcohort/schemas"
)

func init() {
	beam.RegisterFunction(instanceKey)
	beam.RegisterDoFn(&resolveFn{})
}

// Resolve settles files that claim to be one object: PCollection<schemas.Instance>
// → PCollection<schemas.Instance>, PCollection<schemas.Reject>. Equal ones are
// one object, and the others are marked duplicate; different ones are all
// rejected and their common file removed, for nobody can say which is true.
func Resolve(s beam.Scope, root string, instances beam.PCollection) (resolved, rejects beam.PCollection) {
	s = s.Scope("Resolve")
	byKey := beam.GroupByKey(s, beam.ParDo(s, instanceKey, instances))
	return beam.ParDo2(s, &resolveFn{Root: root}, byKey)
}

// instanceKey is the file that the instance became; what became none is alone.
func instanceKey(r schemas.Instance) (string, schemas.Instance) {
	if r.URI == "" {
		return r.Cohort + "/" + r.InputHMAC, r
	}
	return r.URI, r
}

const uidCollision = "uid_collision"

type resolveFn struct {
	Root string
}

func (f *resolveFn) ProcessElement(ctx context.Context, uri string, next func(*schemas.Instance) bool, keep func(schemas.Instance), reject func(schemas.Reject)) error {
	var rows []schemas.Instance
	var row schemas.Instance
	for next(&row) {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b schemas.Instance) int { return strings.Compare(a.InputHMAC, b.InputHMAC) })
	if contradictory(rows) {
		root, err := store.Open(ctx, f.Root)
		if err != nil {
			return err
		}
		if err := root.Remove(ctx, uri); err != nil {
			return err
		}
		for _, r := range rows {
			keep(refused(r, uidCollision))
			collision := schemas.Reject{Cohort: r.Cohort, Stage: "anonymise", Subject: r.InputHMAC, ReasonCode: uidCollision,
				Detail: "several files with different contents claim this SOP Instance UID, or are one volume by their names; all are rejected"}
			countReject(ctx, collision)
			reject(collision)
		}
		return nil
	}
	for i, r := range rows {
		if i > 0 && r.Status == "ok" {
			r.Status = "duplicate"
		}
		keep(r)
	}
	return nil
}

func contradictory(rows []schemas.Instance) bool {
	return slices.ContainsFunc(rows, func(r schemas.Instance) bool { return r.SHA256 != rows[0].SHA256 })
}
