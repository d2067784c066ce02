package nrrdio

import (
	"errors"
	"strconv"
	"strings"

	"ctcohort/io/voxelio"
)

// types are the format's names of numeric types.
var types = map[string]voxelio.Type{
	"char": voxelio.Int8, "signed char": voxelio.Int8, "int8": voxelio.Int8, "int8_t": voxelio.Int8,
	"uchar": voxelio.Uint8, "unsigned char": voxelio.Uint8, "uint8": voxelio.Uint8, "uint8_t": voxelio.Uint8,
	"short": voxelio.Int16, "short int": voxelio.Int16, "signed short": voxelio.Int16, "signed short int": voxelio.Int16,
	"int16": voxelio.Int16, "int16_t": voxelio.Int16,
	"ushort": voxelio.Uint16, "unsigned short": voxelio.Uint16, "unsigned short int": voxelio.Uint16,
	"uint16": voxelio.Uint16, "uint16_t": voxelio.Uint16,
	"int": voxelio.Int32, "signed int": voxelio.Int32, "int32": voxelio.Int32, "int32_t": voxelio.Int32,
	"uint": voxelio.Uint32, "unsigned int": voxelio.Uint32, "uint32": voxelio.Uint32, "uint32_t": voxelio.Uint32,
	"longlong": voxelio.Int64, "long long": voxelio.Int64, "long long int": voxelio.Int64, "signed long long": voxelio.Int64,
	"signed long long int": voxelio.Int64, "int64": voxelio.Int64, "int64_t": voxelio.Int64,
	"ulonglong": voxelio.Uint64, "unsigned long long": voxelio.Uint64, "unsigned long long int": voxelio.Uint64,
	"uint64": voxelio.Uint64, "uint64_t": voxelio.Uint64,
	"float": voxelio.Float32, "double": voxelio.Float64,
}

var errVector = errors.New("no vector")

// vectors returns the vectors of "(1,0,0) none (0,1,0)", nil for none.
func vectors(value string) ([][]float64, error) {
	var out [][]float64
	for rest := strings.TrimSpace(value); rest != ""; rest = strings.TrimSpace(rest) {
		if after, ok := strings.CutPrefix(rest, "none"); ok {
			out, rest = append(out, nil), after
			continue
		}
		inner, after, ok := strings.Cut(rest, ")")
		if !ok || inner == "" || inner[0] != '(' {
			return nil, errVector
		}
		rest = after
		var v []float64
		for _, s := range strings.Split(inner[1:], ",") {
			x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
			if err != nil {
				return nil, err
			}
			v = append(v, x)
		}
		out = append(out, v)
	}
	return out, nil
}

// numbers returns the numbers of "0.7 nan 2".
func numbers(value string) ([]float64, error) {
	var out []float64
	for _, s := range strings.Fields(value) {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// quoted returns the texts of `"mm" "" "s"`.
func quoted(value string) []string {
	var out []string
	for i, s := range strings.Split(value, `"`) {
		if i%2 == 1 {
			out = append(out, s)
		}
	}
	return out
}
