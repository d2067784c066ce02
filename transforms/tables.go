package transforms

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
)

func init() {
	beam.RegisterFunction(keepUsed)
	registerTable[schemas.Instance]()
	registerTable[schemas.Series]()
	registerTable[schemas.Patient]()
	registerTable[schemas.Prediction]()
	registerTable[schemas.Metric]()
	registerTable[schemas.Histogram]()
	registerTable[schemas.Reject]()
}

func registerTable[T schemas.Record]() {
	registerElement[T]()
	beam.RegisterDoFn(&partFn[T]{})
	beam.RegisterDoFn(&writeTableFn[T]{})
	beam.RegisterDoFn(&readTableFn[T]{})
	register.Emitter1[T]()
	register.Iter1[T]()
}

// ReadTable reads the committed parts, given by name, of a table under the
// root: PCollection<T>.
func ReadTable[T schemas.Record](s beam.Scope, root string, parts []string) beam.PCollection {
	s = s.Scope("ReadTable")
	names := beam.Reshuffle(s, beam.CreateList(s, parts))
	return beam.ParDo(s, &readTableFn[T]{Root: root}, names)
}

// ReadSeries reads the rows of table series that have a volume:
// PCollection<schemas.Series>.
func ReadSeries(s beam.Scope, root string, parts []string) beam.PCollection {
	s = s.Scope("ReadSeries")
	return beam.ParDo(s, keepUsed, ReadTable[schemas.Series](s, root, parts))
}

func keepUsed(r schemas.Series, emit func(schemas.Series)) {
	if r.Used() {
		emit(r)
	}
}

type readTableFn[T schemas.Record] struct {
	Root string
}

func (f *readTableFn[T]) ProcessElement(ctx context.Context, part string, emit func(T)) error {
	root, err := store.Open(ctx, f.Root)
	if err != nil {
		return err
	}
	data, err := store.ReadAll(ctx, root, part)
	if err != nil {
		return fmt.Errorf("reading a part of a table: %w", err)
	}
	rows, err := parquetio.Read[T](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fmt.Errorf("reading %s: %w", part, err)
	}
	for _, row := range rows {
		emit(row)
	}
	return nil
}

// WriteTable writes the rows, PCollection<T>, as
// tables/<table>/cohort=<cohort>/<prefix>-<shard>.parquet. Parts are sorted by
// key and spread by its hash, so that their bytes depend on the rows alone.
func WriteTable[T schemas.Record](s beam.Scope, root, prefix string, shards int, rows beam.PCollection) {
	s = s.Scope("WriteTable")
	parted := beam.ParDo(s, &partFn[T]{Prefix: prefix, Shards: shards}, rows)
	written := beam.ParDo(s, &writeTableFn[T]{Root: root}, beam.GroupByKey(s, parted))
	// Prism (2.77) occupies a core for as long as a stage works that nothing follows.
	beam.GroupByKey(s, written)
}

type partFn[T schemas.Record] struct {
	Prefix string
	Shards int
}

func (f *partFn[T]) ProcessElement(row T) (string, T) {
	hash := fnv.New32a()
	io.WriteString(hash, row.Key())
	return PartName[T](row.Partition(), f.Prefix, int(hash.Sum32()%uint32(f.Shards))), row
}

// PartName is the name of one part of the table of T.
func PartName[T schemas.Record](cohort, prefix string, shard int) string {
	var row T
	return fmt.Sprintf("tables/%s/cohort=%s/%s-%05d.parquet", row.Table(), cohort, prefix, shard)
}

type writeTableFn[T schemas.Record] struct {
	Root string
}

// ProcessElement writes a part and returns its name and how many rows it has.
func (f *writeTableFn[T]) ProcessElement(ctx context.Context, part string, next func(*T) bool) (string, int, error) {
	var rows []T
	var row T
	for next(&row) {
		rows = append(rows, row)
	}
	root, err := store.Open(ctx, f.Root)
	if err != nil {
		return "", 0, err
	}
	return part, len(rows), parquetio.Commit(ctx, root, part, rows)
}
