package parquetio

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"

	"ctcohort/schemas"
)

// fill sets the field of one column in every row.
func fill[T schemas.Record](rows []T, c schemas.Column, column file.ColumnChunkReader) error {
	switch r := column.(type) {
	case *file.BooleanColumnChunkReader:
		return fillWith(rows, c, r, r.ReadBatch, reflect.Value.SetBool, reflect.Bool)
	case *file.Int32ColumnChunkReader:
		set := func(field reflect.Value, x int32) { field.SetInt(int64(x)) }
		return fillWith(rows, c, r, r.ReadBatch, set, reflect.Int32)
	case *file.Int64ColumnChunkReader:
		return fillWith(rows, c, r, r.ReadBatch, reflect.Value.SetInt, reflect.Int64)
	case *file.Float32ColumnChunkReader:
		set := func(field reflect.Value, x float32) { field.SetFloat(float64(x)) }
		return fillWith(rows, c, r, r.ReadBatch, set, reflect.Float32)
	case *file.Float64ColumnChunkReader:
		return fillWith(rows, c, r, r.ReadBatch, reflect.Value.SetFloat, reflect.Float64)
	case *file.ByteArrayColumnChunkReader:
		set := func(field reflect.Value, x parquet.ByteArray) { field.SetString(string(x)) }
		return fillWith(rows, c, r, r.ReadBatch, set, reflect.String)
	case *file.FixedLenByteArrayColumnChunkReader:
		set := func(field reflect.Value, x parquet.FixedLenByteArray) { field.SetBytes(append([]byte(nil), x...)) }
		return fillWith(rows, c, r, r.ReadBatch, set, reflect.Slice)
	}
	return fmt.Errorf("physical type %s", column.Type())
}

// readBatch is how many values are decoded at a time. They may lie in several
// pages, each of which has a buffer of its own.
const readBatch = 1024

func fillWith[T schemas.Record, V any](
	rows []T, c schemas.Column, column file.ColumnChunkReader,
	read func(n int64, values []V, definition, repetition []int16) (int64, int, error),
	set func(reflect.Value, V), kind reflect.Kind,
) error {
	nullable := column.Descriptor().MaxDefinitionLevel() > 0
	values, definition := make([]V, min(readBatch, len(rows))), make([]int16, min(readBatch, len(rows)))
	for len(rows) > 0 {
		n := min(len(values), len(rows))
		total, present, err := read(int64(n), values, definition, nil)
		if err != nil {
			return err
		}
		if total == 0 {
			return errors.Join(errors.New("fewer values than rows"), column.Err())
		}
		if !c.Nullable && int64(present) < total {
			return errors.New("a null")
		}
		next := 0
		for i := range int(total) {
			if nullable && definition[i] == 0 {
				continue
			}
			field := reflect.ValueOf(&rows[i]).Elem().Field(c.Field)
			if c.Nullable {
				field.Set(reflect.New(field.Type().Elem()))
				field = field.Elem()
			}
			if field.Kind() != kind {
				return fmt.Errorf("physical type %s", column.Type())
			}
			set(field, values[next])
			next++
		}
		rows = rows[total:]
	}
	if column.HasNext() {
		return errors.New("more values than rows")
	}
	return column.Err()
}
