package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/suyashkumar/dicom/pkg/tag"

	"ctcohort/io/dicomio"
	"ctcohort/transforms/deid"
)

// standard is what highdicom carries of PS3.3: the modules of each IOD, and the
// attributes of each module with their types and the sequences that they lie in.
type standard struct {
	iodOfClass map[string]string
	modules    map[string][]struct{ Key string }
	attributes map[string][]struct {
		Keyword, Type string
		Path          []string
	}
}

func readStandard(dir string) (*standard, error) {
	if dir == "" {
		return nil, fmt.Errorf("no modules: set CTCOHORT_PS33_MODULES to the folder _standard of the Python package highdicom")
	}
	var s standard
	for name, to := range map[string]any{"sop_class_iod_map": &s.iodOfClass, "iod_module_map": &s.modules, "module_attribute_map": &s.attributes} {
		data, err := os.ReadFile(filepath.Join(dir, name+".json"))
		if err != nil {
			return nil, fmt.Errorf("reading the modules of PS3.3: %w", err)
		}
		if err := json.Unmarshal(data, to); err != nil {
			return nil, fmt.Errorf("parsing %s: %w", name, err)
		}
	}
	return &s, nil
}

// anyParent is from how many sequences on a type is taken to be that of a macro,
// which holds wherever the attribute stands.
const anyParent = 10

// place is a type of an attribute, and where it holds.
type place struct {
	tag dicomio.Tag
	typ int
}

// types collects, of the attributes that de-identification can take the value
// of, those that have to be there: at the top by class, in items by the sequence around.
func (s *standard) types(actions map[dicomio.Tag]string) (top map[place][]string, items map[place][]dicomio.Tag, err error) {
	tops := map[string]map[dicomio.Tag]int{}
	within := map[dicomio.Tag]map[dicomio.Tag]int{} // attribute → sequence → type
	for _, class := range deid.Classes() {
		iod, ok := s.iodOfClass[class]
		if !ok {
			return nil, nil, fmt.Errorf("finding the IOD of class %s: there is none", class)
		}
		tops[class] = map[dicomio.Tag]int{}
		for _, m := range s.modules[iod] {
			for _, a := range s.attributes[m.Key] {
				t, vr := lookup(a.Keyword)
				if t == 0 || !required(a.Type) || !losable(t, vr, a.Type, actions, len(a.Path) == 0) {
					continue
				}
				into := tops[class]
				if len(a.Path) > 0 {
					parent, _ := lookup(a.Path[len(a.Path)-1])
					if within[t] == nil {
						within[t] = map[dicomio.Tag]int{}
					}
					into = within[t]
					stricter(into, parent, a.Type)
					continue
				}
				stricter(into, t, a.Type)
			}
		}
	}
	top, items = map[place][]string{}, map[place][]dicomio.Tag{}
	for class, types := range tops {
		for t, typ := range types {
			top[place{t, typ}] = append(top[place{t, typ}], class)
		}
	}
	for t, parents := range within {
		for parent, typ := range parents {
			items[place{t, typ}] = append(items[place{t, typ}], parent)
		}
	}
	return top, items, nil
}

func stricter(into map[dicomio.Tag]int, t dicomio.Tag, typ string) {
	n := int(typ[0] - '0')
	if have, ok := into[t]; !ok || n < have {
		into[t] = n
	}
}

func required(typ string) bool { return typ[0] == '1' || typ[0] == '2' }

// losable reports whether the rules can take an attribute's value away: those
// of the table, text, names, dates and UIDs, and at the top also what is emptied
// when it is malformed. 2C with a plain X is for animals; without a character set
// that is known, none is better than a dummy.
func losable(t dicomio.Tag, vr, typ string, actions map[dicomio.Tag]string, top bool) bool {
	if t == dicomio.TagSpecificCharset {
		return false
	}
	if action, ok := actions[t]; ok {
		return action != "X" || typ != "2C"
	}
	switch vr {
	case "LO", "SH", "ST", "LT", "UT", "UC", "PN", "AE", "AS", "UR", "DA", "DT", "TM", "UI":
		return true
	case "CS":
		return top
	case "DS", "IS":
		return top && typ == "2"
	}
	return false
}

// lookup returns the tag and VR of a keyword; 0 for one that is not in the dictionary.
func lookup(keyword string) (dicomio.Tag, string) {
	t, ok := tags[keyword]
	if !ok {
		if info, err := tag.FindByKeyword(keyword); err == nil {
			t = dicomio.Tag(info.Tag.Group)<<16 | dicomio.Tag(info.Tag.Element)
		}
		tags[keyword] = t
	}
	entry, ok := dicomio.Lookup(t)
	if !ok || len(entry.VRs) == 0 {
		return 0, ""
	}
	return t, entry.VRs[0]
}

// tags are those of keywords that were looked up: FindByKeyword goes through the
// whole dictionary, and modules name the same attributes again and again.
var tags = map[string]dicomio.Tag{}

// writeTypes writes the Go tables.
func writeTypes(dir, out string, rows []row) error {
	s, err := readStandard(dir)
	if err != nil {
		return err
	}
	actions := map[dicomio.Tag]string{}
	for _, r := range rows {
		if m := exact.FindStringSubmatch(r.Tag); m != nil {
			var t dicomio.Tag
			fmt.Sscanf(m[1]+m[2], "%X", &t)
			actions[t] = r.BasicProfile
		}
	}
	top, items, err := s.types(actions)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprint(&b, "// Code generated by gen from the modules of PS3.3; DO NOT EDIT.\n\npackage deid\n\nimport \"ctcohort/io/dicomio\"\n\n")
	fmt.Fprint(&b, "// topTypes are the types of attributes at the top of a data set, in the named\n// classes (after the root), or in all that are processed.\nvar topTypes = []topType{\n")
	for _, p := range sorted(top) {
		classes := top[p]
		slices.Sort(classes)
		list := ""
		if len(classes) < len(deid.Classes()) {
			for i := range classes {
				classes[i] = strings.TrimPrefix(classes[i], "1.2.840.10008.5.1.4.1.1.")
			}
			list = strings.Join(classes, " ")
		}
		fmt.Fprintf(&b, "{0x%08X, %d, %q}, // %s\n", uint32(p.tag), p.typ, list, keyword(p.tag))
	}
	fmt.Fprint(&b, "}\n\n// itemTypes are the types of attributes within items: of the named sequences, or of any.\nvar itemTypes = []itemType{\n")
	for _, p := range sorted(items) {
		parents := items[p]
		slices.Sort(parents)
		list := "nil"
		if len(parents) < anyParent {
			list = "[]dicomio.Tag{"
			for i, parent := range parents {
				if i > 0 {
					list += ", "
				}
				list += fmt.Sprintf("0x%08X", uint32(parent))
			}
			list += "}"
		}
		fmt.Fprintf(&b, "{0x%08X, %d, %s}, // %s\n", uint32(p.tag), p.typ, list, keyword(p.tag))
	}
	fmt.Fprint(&b, "}\n")
	source, err := format.Source(b.Bytes())
	if err != nil {
		return fmt.Errorf("formatting the types: %w", err)
	}
	return os.WriteFile(out, source, 0o644)
}

func keyword(t dicomio.Tag) string {
	entry, _ := dicomio.Lookup(t)
	return entry.Keyword
}

func sorted[V any](m map[place]V) []place {
	keys := make([]place, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].tag < keys[j].tag || keys[i].tag == keys[j].tag && keys[i].typ < keys[j].typ
	})
	return keys
}
