package parquetio

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"ctcohort/io/store"
	"ctcohort/schemas"
)

const (
	// createdBy stands in every file instead of a library's version.
	createdBy = "ctcohort version 1"
	// groupRows is the number of rows of a row group of a table.
	groupRows = 1 << 16
)

// Write writes rows as one Parquet file, sorted by Key. The order in which rows
// are given, which stays as it is, does not change the bytes.
func Write[T schemas.Record](w io.Writer, rows []T) error {
	var row T
	if err := write(w, rows); err != nil {
		return fmt.Errorf("writing table %s: %w", row.Table(), err)
	}
	return nil
}

// Commit writes rows, as Write does, as one committed object.
func Commit[T schemas.Record](ctx context.Context, s store.Store, name string, rows []T) error {
	w, err := s.Create(ctx, name)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := Write(w, rows); err != nil {
		return err
	}
	return w.Commit()
}

func write[T schemas.Record](w io.Writer, rows []T) error {
	out, err := newFile(w, schemas.Arrow[T](),
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1), parquet.WithMaxRowGroupLength(groupRows))
	if err != nil {
		return err
	}
	columns := schemas.Columns[T]()
	for group := range slices.Chunk(sorted(rows, columns), groupRows) {
		if err := appendGroup(out, columns, group); err != nil {
			return err
		}
	}
	return out.Close()
}

// newFile starts a Parquet file with the fixed properties of all.
func newFile(w io.Writer, schema *arrow.Schema, options ...parquet.WriterProperty) (*pqarrow.FileWriter, error) {
	options = append(options, parquet.WithCreatedBy(createdBy), parquet.WithVersion(parquet.V2_LATEST), parquet.WithDataPageVersion(parquet.DataPageV1))
	// The writer closes what can be closed, which is the caller's business.
	return pqarrow.NewFileWriter(schema, struct{ io.Writer }{w}, parquet.NewWriterProperties(options...),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
}

// sorted returns pointers to the rows in the order of their keys. Rows that
// share a key should be equal; where they are not, their columns decide.
func sorted[T schemas.Record](rows []T, columns []schemas.Column) []reflect.Value {
	type keyed struct {
		key string
		row reflect.Value
	}
	order := make([]keyed, len(rows))
	for i := range rows {
		order[i] = keyed{rows[i].Key(), reflect.ValueOf(&rows[i]).Elem()}
	}
	slices.SortStableFunc(order, func(a, b keyed) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(text(a.row, columns), text(b.row, columns))
	})
	values := make([]reflect.Value, len(rows))
	for i := range order {
		values[i] = order[i].row
	}
	return values
}

func text(row reflect.Value, columns []schemas.Column) string {
	var all strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&all, "%q,", fmt.Sprint(reflect.Indirect(row.Field(c.Field))))
	}
	return all.String()
}

// appendGroup writes rows as one row group.
func appendGroup(out *pqarrow.FileWriter, columns []schemas.Column, rows []reflect.Value) error {
	out.NewRowGroup()
	for _, c := range columns {
		builder := array.NewBuilder(memory.DefaultAllocator, c.Type)
		builder.Reserve(len(rows))
		for _, row := range rows {
			appendValue(builder, row.Field(c.Field))
		}
		if err := out.WriteColumnData(builder.NewArray()); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return nil
}

func appendValue(builder array.Builder, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			builder.AppendNull()
			return
		}
		v = v.Elem()
	}
	switch b := builder.(type) {
	case *array.StringBuilder:
		b.Append(v.String())
	case *array.BooleanBuilder:
		b.Append(v.Bool())
	case *array.Int32Builder:
		b.Append(int32(v.Int()))
	case *array.Int64Builder:
		b.Append(v.Int())
	case *array.Float32Builder:
		b.Append(float32(v.Float()))
	case *array.Float64Builder:
		b.Append(v.Float())
	case *array.BinaryBuilder:
		b.Append(v.Bytes())
	case *array.FixedSizeBinaryBuilder:
		b.Append(v.Bytes())
	default:
		panic(fmt.Sprintf("parquetio: no column of type %s", builder.Type()))
	}
}
