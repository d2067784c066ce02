package deid

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"ctcohort/io/dicomio"
)

// BlankRule says which parts of the pixels of some files are blanked (PS3.15
// Clean Pixel Data Option).
type BlankRule struct {
	When    BlankWhen
	Regions []Region // blanked
	Keep    []Region // where any are given, all outside them is blanked too
}

// BlankWhen says which files a rule is for: all that is given must match. Texts
// match in any case; * stands for any characters, ? for one.
type BlankWhen struct {
	Modality, Manufacturer, Model string
	Rows, Columns                 int
	SOPClass                      string // UID
	ImageType                     string // one of its values, or all of them with \ between
	TransferSyntax                string // UID
}

// Region is x, y, width and height in pixels: x to the right from the left
// edge, y down from the top edge, both 0 in the corner; below 0 they count from
// the right and the bottom edge. A width or height of 0 reaches to the edge.
type Region [4]int

// maxPixelEdge bounds what a region may name: Rows and Columns are 16 bits wide.
const maxPixelEdge = 65535

// Faults returns all that cannot be meant in a rule.
func (r BlankRule) Faults() (faults []error) {
	if r.When == (BlankWhen{}) {
		faults = append(faults, errors.New("when is empty, which would match every file; give at least one of modality, manufacturer, model, rows, columns, sop_class, image_type, transfer_syntax"))
	}
	if r.When.Rows < 0 || r.When.Rows > maxPixelEdge || r.When.Columns < 0 || r.When.Columns > maxPixelEdge {
		faults = append(faults, fmt.Errorf("rows and columns must lie in 1 to %d, or be left out", maxPixelEdge))
	}
	if len(r.Regions)+len(r.Keep) == 0 {
		faults = append(faults, errors.New("neither regions nor keep: a rule blanks something"))
	}
	if len(r.Regions)+len(r.Keep) > 100 {
		faults = append(faults, errors.New("more than 100 regions"))
	}
	for _, region := range append(append([]Region(nil), r.Regions...), r.Keep...) {
		for i, n := range region {
			if n > maxPixelEdge || n < -maxPixelEdge || i > 1 && n < 0 {
				faults = append(faults, fmt.Errorf("region %v is not x, y, width, height in pixels: a width or height is negative, or something exceeds %d", region, maxPixelEdge))
				break
			}
		}
	}
	return faults
}

// blankRule is a rule with its texts compiled.
type blankRule struct {
	BlankRule
	texts []matchText
}

type matchText struct {
	tag  dicomio.Tag // 0 for the transfer syntax
	glob *regexp.Regexp
}

func compileBlank(rules []BlankRule) []blankRule {
	out := make([]blankRule, len(rules))
	for i, r := range rules {
		out[i].BlankRule = r
		for tag, text := range map[dicomio.Tag]string{
			0x00080060: r.When.Modality, 0x00080070: r.When.Manufacturer, 0x00081090: r.When.Model,
			tagSOPClassUID: r.When.SOPClass, 0x00080008: r.When.ImageType, 0: r.When.TransferSyntax,
		} {
			if text != "" {
				out[i].texts = append(out[i].texts, matchText{tag, glob(text)})
			}
		}
	}
	return out
}

// glob compiles a pattern with * and ?.
func glob(pattern string) *regexp.Regexp {
	quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?is)^` + quoted + `$`)
}

func (r *blankRule) matches(o object, syntax string) bool {
	for _, m := range r.texts {
		if !m.matches(o, syntax) {
			return false
		}
	}
	for tag, want := range map[dicomio.Tag]int{0x00280010: r.When.Rows, 0x00280011: r.When.Columns} {
		if got := o.Ints(tag); want != 0 && (len(got) == 0 || got[0] != want) {
			return false
		}
	}
	return true
}

func (m matchText) matches(o object, syntax string) bool {
	switch m.tag {
	case 0:
		return m.glob.MatchString(syntax)
	case tagSOPClassUID:
		return m.glob.MatchString(sopClassRoot + o.class)
	}
	e, ok := o.Find(m.tag)
	if !ok {
		return m.glob.MatchString("")
	}
	values := strings.Split(o.decode(e.Value), `\`)
	for i, v := range values {
		if values[i] = trimmed(v); m.glob.MatchString(values[i]) {
			return true
		}
	}
	return m.glob.MatchString(strings.Join(values, `\`))
}

// rectangle is a region within an image: columns x0 to x1, rows y0 to y1, the ends excluded.
type rectangle struct{ x0, y0, x1, y1 int }

// within places a region in an image; false when it is not wholly inside.
func (r Region) within(rows, columns int) (rectangle, bool) {
	x0, x1, okX := extent(r[0], r[2], columns)
	y0, y1, okY := extent(r[1], r[3], rows)
	return rectangle{x0, y0, x1, y1}, okX && okY
}

func extent(from, length, size int) (start, end int, ok bool) {
	if from < 0 {
		from += size
	}
	if length == 0 {
		length = size - from
	}
	return from, from + length, from >= 0 && length > 0 && from+length <= size
}
