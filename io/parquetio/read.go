package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"

	"github.com/apache/arrow/go/v15/parquet/file"

	"ctcohort/io/store"
	"ctcohort/schemas"
)

// ErrFormat is returned for a file that is not a Parquet file, is broken, or
// lacks a column of the record.
var ErrFormat = errors.New("not a Parquet file of this table")

// maxGroup bounds what a broken file can have allocated.
const maxGroup = 1 << 20

// Read returns the rows of one Parquet file of size bytes, in the file's order.
// Columns are found by name; those that the record does not know are left out.
func Read[T schemas.Record](r io.ReaderAt, size int64) ([]T, error) {
	var rows []T
	for group, err := range groups[T](r, size) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, group...)
	}
	return rows, nil
}

// ReadTable returns the rows of all committed parts of a table, those of
// tables/<table>/cohort=…/part-*.parquet, in the order of the parts' names.
func ReadTable[T schemas.Record](ctx context.Context, s store.Store, table string) ([]T, error) {
	var rows []T
	prefix := "tables/" + table + "/cohort="
	for o, err := range s.List(ctx, prefix) {
		if err != nil {
			return nil, fmt.Errorf("listing table %s: %w", table, err)
		}
		base := path.Base(o.Name)
		if strings.Count(o.Name, "/") != 3 || !strings.HasPrefix(base, "part-") || !strings.HasSuffix(base, ".parquet") {
			continue
		}
		part, err := Read[T](store.At(ctx, s, o), o.Size)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", o.Name, err)
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

// Rows yields the rows of one Parquet object, a row group at a time.
func Rows[T schemas.Record](ctx context.Context, s store.Store, name string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		o, err := s.Stat(ctx, name)
		if err != nil {
			yield(none, err)
			return
		}
		for rows, err := range groups[T](store.At(ctx, s, o), o.Size) {
			if err != nil {
				yield(none, fmt.Errorf("reading %s: %w", name, err))
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// Count returns the number of rows of a Parquet object, reading only its end.
func Count(ctx context.Context, s store.Store, name string) (n int, err error) {
	defer guard(&err)
	o, err := s.Stat(ctx, name)
	if err != nil {
		return 0, err
	}
	f, err := openFile(store.At(ctx, s, o), o.Size)
	if err != nil {
		return 0, err
	}
	return int(f.NumRows()), nil
}

// groups yields the rows of one row group after another.
func groups[T schemas.Record](r io.ReaderAt, size int64) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		read, n, err := groupReader[T](r, size)
		for i := 0; i < n && err == nil; i++ {
			var rows []T
			if rows, err = read(i); err == nil && !yield(rows, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// groupReader returns how to read the row groups of a file, and their number.
func groupReader[T schemas.Record](r io.ReaderAt, size int64) (read func(int) ([]T, error), n int, err error) {
	defer guard(&err)
	f, err := openFile(r, size)
	if err != nil {
		return nil, 0, err
	}
	columns := schemas.Columns[T]()
	indices := make([]int, len(columns))
	for i, c := range columns {
		if indices[i] = f.MetaData().Schema.ColumnIndexByName(c.Name); indices[i] < 0 {
			return nil, 0, fmt.Errorf("%w: no column %s", ErrFormat, c.Name)
		}
	}
	return func(i int) (rows []T, err error) {
		defer guard(&err)
		group := f.RowGroup(i)
		if group.NumRows() < 0 || group.NumRows() > maxGroup {
			return nil, fmt.Errorf("%w: %d rows in a row group", ErrFormat, group.NumRows())
		}
		rows = make([]T, group.NumRows())
		for i, c := range columns {
			column, err := group.Column(indices[i])
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrFormat, err)
			}
			if err := fill(rows, c, column); err != nil {
				return nil, fmt.Errorf("%w: column %s: %w", ErrFormat, c.Name, err)
			}
		}
		return rows, nil
	}, f.NumRowGroups(), nil
}

func openFile(r io.ReaderAt, size int64) (*file.Reader, error) {
	f, err := file.NewParquetReader(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return f, nil
}

// guard turns a panic, which Arrow has for many a broken file, into ErrFormat.
// Columns are read in turn, for a panic in a goroutine of Arrow's own, as
// package pqarrow starts them, would end the process.
func guard(err *error) {
	if recover() != nil {
		*err = ErrFormat
	}
}
