package deid

import (
	"strings"

	"ctcohort/io/dicomio"
)

// iodType is the requirement of an attribute in its IOD (PS3.5 section 7.4):
// 1 with a value, 2 may be empty, 3 may be absent. Conditional types count as
// the type without their C: an attribute that a file has fulfils its condition.
type iodType uint8

// topType and itemType are rows of types.go, which is generated from the modules
// and macros of PS3.3. It lists the attributes whose values the rules can take
// away; what it does not list is of type 3.
type topType struct {
	tag     dicomio.Tag
	typ     iodType
	classes string
}

type itemType struct {
	tag     dicomio.Tag
	typ     iodType
	parents []dicomio.Tag
}

// iod is the types at the top of one class's data sets.
type iod map[dicomio.Tag]iodType

// iods are the IODs by the storage class, after the root.
var iods = func() map[string]iod {
	out := map[string]iod{}
	for short := range kinds {
		out[short] = iod{}
	}
	for _, row := range topTypes {
		if row.classes == "" {
			for _, types := range out {
				types[row.tag] = row.typ
			}
		}
		for _, short := range strings.Fields(row.classes) {
			out[short][row.tag] = row.typ
		}
	}
	return out
}()

func iodOf(sopClass string) iod { return iods[strings.TrimPrefix(sopClass, sopClassRoot)] }

// within is an attribute in the items of a sequence.
type within struct{ parent, tag dicomio.Tag }

var typesWithin, typesAnywhere = func() (map[within]iodType, map[dicomio.Tag]iodType) {
	in, anywhere := map[within]iodType{}, map[dicomio.Tag]iodType{}
	for _, row := range itemTypes {
		if row.parents == nil {
			anywhere[row.tag] = row.typ
		}
		for _, parent := range row.parents {
			in[within{parent, row.tag}] = row.typ
		}
	}
	return in, anywhere
}()

// typeOf returns the type of an attribute in the items of the sequence parent, or
// at the top where parent is 0.
func (o iod) typeOf(t, parent dicomio.Tag) iodType {
	n := o[t]
	if parent != 0 {
		var ok bool
		if n, ok = typesWithin[within{parent, t}]; !ok {
			n = typesAnywhere[t]
		}
	}
	if n == 0 {
		return 3
	}
	return n
}
