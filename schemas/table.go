package schemas

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
)

// Record is a row of one of the tables.
type Record interface {
	Instance | Series | Patient | Patch | Prediction | Metric | Histogram | Summary | Comparison | Reject | Run
	// Table is the table's name, as in tables/<name>/cohort=….
	Table() string
	// Partition is the cohort whose part of the table the row belongs to.
	Partition() string
	// Key orders the rows of a table totally: two rows with equal keys are equal rows.
	Key() string
}

// Column describes one column: its name, Go field, unit and meaning.
type Column struct {
	Name, Unit, Doc string
	Field           int
	Type            arrow.DataType
	Nullable        bool
}

// Columns returns the columns of the table of T, in order.
func Columns[T Record]() []Column {
	return columnsOf(reflect.TypeFor[T]())
}

func columnsOf(t reflect.Type) []Column {
	var columns []Column
	for i := range t.NumField() {
		field := t.Field(i)
		name := field.Tag.Get("col")
		if name == "" {
			continue
		}
		typ, nullable := arrowType(field.Type)
		columns = append(columns, Column{
			Name: name, Unit: field.Tag.Get("unit"), Doc: field.Tag.Get("doc"),
			Field: i, Type: typ, Nullable: nullable,
		})
	}
	return columns
}

func arrowType(t reflect.Type) (typ arrow.DataType, nullable bool) {
	if t.Kind() == reflect.Pointer {
		typ, _ = arrowType(t.Elem())
		return typ, true
	}
	switch t.Kind() {
	case reflect.String:
		return arrow.BinaryTypes.String, false
	case reflect.Bool:
		return arrow.FixedWidthTypes.Boolean, false
	case reflect.Int32:
		return arrow.PrimitiveTypes.Int32, false
	case reflect.Int64:
		return arrow.PrimitiveTypes.Int64, false
	case reflect.Float32:
		return arrow.PrimitiveTypes.Float32, false
	case reflect.Float64:
		return arrow.PrimitiveTypes.Float64, false
	case reflect.Slice:
		return arrow.BinaryTypes.Binary, false
	}
	panic(fmt.Sprintf("schemas: no Arrow type for %s", t))
}

// Arrow returns the Arrow schema of the table of T. Unit and description stand
// in each field's metadata under "unit" and "description".
func Arrow[T Record]() *arrow.Schema {
	var zero T
	return arrowSchema(Columns[T](), map[string]string{"table": zero.Table()})
}

func arrowSchema(columns []Column, metadata map[string]string) *arrow.Schema {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		notes := map[string]string{"description": c.Doc}
		if c.Unit != "" {
			notes["unit"] = c.Unit
		}
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type, Nullable: c.Nullable, Metadata: arrow.MetadataFrom(notes)}
	}
	notes := arrow.MetadataFrom(metadata)
	return arrow.NewSchema(fields, &notes)
}

// key joins the parts of a total key; the separator sorts before every printable character.
func key(parts ...any) string {
	text := make([]string, len(parts))
	for i, p := range parts {
		switch v := p.(type) {
		case int32:
			text[i] = fmt.Sprintf("%011d", v)
		default:
			text[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(text, "\x00")
}
