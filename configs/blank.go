package configs

import (
	"fmt"
	"strings"
)

// Blank says which parts of the pixels of some files are blanked. Regions are
// x, y, width and height in pixels; x and y below 0 count from the right and the
// bottom edge, a width or height of 0 reaches to the edge.
type Blank struct {
	When    BlankWhen `yaml:"when"`
	Regions [][]int   `yaml:"regions,flow"` // blanked
	Keep    [][]int   `yaml:"keep,flow"`    // where any are given, all outside them is blanked too
}

// BlankWhen says which files a rule is for: all that is given must match. In
// texts * stands for any characters and ? for one, in any case.
type BlankWhen struct {
	Modality       string `yaml:"modality"`
	Manufacturer   string `yaml:"manufacturer"`
	Model          string `yaml:"model"`
	Rows           int    `yaml:"rows"`
	Columns        int    `yaml:"columns"`
	SOPClass       string `yaml:"sop_class"`       // UID
	ImageType      string `yaml:"image_type"`      // one of its values, or all of them with \ between
	TransferSyntax string `yaml:"transfer_syntax"` // UID
}

// String says what a rule is for and what it blanks, in the configuration's words.
func (b Blank) String() string {
	var when []string
	for _, c := range []struct{ key, value string }{
		{"modality", b.When.Modality}, {"manufacturer", b.When.Manufacturer}, {"model", b.When.Model}, {"rows", number(b.When.Rows)}, {"columns", number(b.When.Columns)},
		{"sop_class", b.When.SOPClass}, {"image_type", b.When.ImageType}, {"transfer_syntax", b.When.TransferSyntax},
	} {
		if c.value != "" {
			when = append(when, c.key+" "+c.value)
		}
	}
	var what []string
	if len(b.Regions) > 0 {
		what = append(what, fmt.Sprintf("regions %d", b.Regions))
	}
	if len(b.Keep) > 0 {
		what = append(what, fmt.Sprintf("all but %d", b.Keep))
	}
	return strings.Join(when, ", ") + ": " + strings.Join(what, " and ")
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// The most that rows, columns and regions may name: Rows (0028,0010) and Columns
// (0028,0011) are 16 bits wide.
const maxPixels = 65535

// blankFaults returns what cannot be meant in the blanking rules.
func (d Deidentification) blankFaults() []fault {
	var faults []fault
	for i, rule := range d.Blank {
		at := fmt.Sprintf("deidentification.blank.%d", i)
		add := func(path, problem string, args ...any) {
			faults = append(faults, fault{Path: at + path, Problem: at + path + " " + fmt.Sprintf(problem, args...)})
		}
		if rule.When == (BlankWhen{}) {
			add("", "has an empty when, which would match every file; give at least one of modality, manufacturer, model, rows, columns, sop_class, image_type, transfer_syntax")
		}
		for key, n := range map[string]int{".when.rows": rule.When.Rows, ".when.columns": rule.When.Columns} {
			if n < 0 || n > maxPixels {
				add(key, "is %d; it must lie in 1 to %d", n, maxPixels)
			}
		}
		if n := len(rule.Regions) + len(rule.Keep); n == 0 {
			add("", "has neither regions nor keep: what is blanked, or what is kept of the whole")
		} else if n > 100 {
			add("", "has %d regions; 100 is the most", n)
		}
		for name, regions := range map[string][][]int{".regions": rule.Regions, ".keep": rule.Keep} {
			for j, r := range regions {
				path := fmt.Sprintf("%s.%d", name, j)
				switch {
				case len(r) != 4:
					add(path, "is %d; it must be four numbers: x, y, width, height", r)
				case r[2] < 0 || r[3] < 0:
					add(path, "is %d; width and height must not be negative, 0 reaches to the edge", r)
				case max(r[0], r[1], r[2], r[3]) > maxPixels || min(r[0], r[1]) < -maxPixels:
					add(path, "is %d; no image has more than %d rows or columns", r, maxPixels)
				}
			}
		}
	}
	return faults
}
