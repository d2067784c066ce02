package schemas

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"
)

// WriteCSV writes rows, in their order, under a line of column names. An empty
// field is null or an empty text; numbers are exact, +Inf and -Inf infinite.
func WriteCSV[T Record](w io.Writer, rows []T) error {
	columns := Columns[T]()
	line := make([]string, len(columns))
	out := csv.NewWriter(w)
	for i, c := range columns {
		line[i] = c.Name
	}
	out.Write(line) // its error comes back from Flush
	for _, row := range rows {
		of := reflect.ValueOf(row)
		for i, c := range columns {
			line[i] = field(of.Field(c.Field))
		}
		out.Write(line)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

func field(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	if v.Kind() == reflect.Float64 {
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return fmt.Sprint(v)
}
