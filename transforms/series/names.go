package series

import (
	"regexp"
	"slices"
	"strings"

	"ctcohort/io/dicomio"
)

// Classes of label volumes.
const (
	Background uint8 = 0
	Lung       uint8 = 1
	Infection  uint8 = 2
)

// ClassNames are the classes as configurations name them, by class.
var ClassNames = []string{"background", "lung", "infection"}

// Names says which segments and regions are which class. An entry is a whole
// name, in which * stands for any characters and ? for one, whatever the case and
// with _, -, . and spaces the same; or a code as SCHEME:VALUE, such as
// SCT:39607008. Names are compared with a segment's label and description and with
// the meanings of its codes. Neither is looked for first, then Infection, then
// Lung, then the names that are built in.
type Names struct {
	Neither   []string
	Lung      []string
	Infection []string
	BuiltIn   bool // DefaultNames' words and codes count too
}

// DefaultNames returns the names that are built in alone: words that the field
// uses, anywhere in a name, and codes of SNOMED CT and of its older SRT form.
func DefaultNames() Names { return Names{BuiltIn: true} }

var (
	neitherWords = []string{
		"vessel", "artery", "arteries", "vein", "trunk", "bronch", "airway", "trachea", "fissure",
		"nodule", "tumor", "tumour", "mass", "neoplasm", "cancer", "carcinoma", "embol", "effusion", "pneumothorax",
		"gtv", "ctv", "ptv", "itv",
	}
	infectionWords = []string{
		"infection", "infiltrat", "covid", "ggo", "ground glass", "opacity", "opacities", "consolidation", "pneumonia", "lesion",
	}
	lungWords      = []string{"lung", "pulmo"}
	lungCodes      = []string{"39607008", "T-28000", "3341006", "T-28100", "44029006", "T-28500"} // lung; right; left
	infectionCodes = []string{"52988006", "233604007", "40733004", "95436008", "840539006", "882784691000119100"}
)

// Class returns the class of what has these names and codes, Background where
// it is neither. What says "lung lesion" is infection, "lung vessel" neither.
func (n Names) Class(texts []string, codes []dicomio.Code) uint8 {
	texts = slices.Clone(texts)
	for _, c := range codes {
		texts = append(texts, c.Meaning)
	}
	for i, text := range texts {
		texts[i] = plain(text)
	}
	switch {
	case matches(n.Neither, texts, codes):
		return Background
	case matches(n.Infection, texts, codes):
		return Infection
	case matches(n.Lung, texts, codes):
		return Lung
	case !n.BuiltIn, says(neitherWords, texts):
		return Background
	case says(infectionWords, texts), has(infectionCodes, codes):
		return Infection
	case says(lungWords, texts), has(lungCodes, codes):
		return Lung
	}
	return Background
}

var separators = regexp.MustCompile(`[\s_.-]+`)

// plain is a name as names are compared.
func plain(name string) string {
	return strings.Trim(separators.ReplaceAllString(strings.ToLower(name), " "), " ")
}

// matches says whether one of the entries is a name or a code.
func matches(entries, texts []string, codes []dicomio.Code) bool {
	for _, entry := range entries {
		for _, c := range codes {
			if c.Value != "" && strings.EqualFold(entry, c.Scheme+":"+c.Value) {
				return true
			}
		}
		pattern := []rune(plain(entry))
		for _, text := range texts {
			if text != "" && glob(pattern, []rune(text)) {
				return true
			}
		}
	}
	return false
}

// glob says whether a pattern with * and ? is the whole text.
func glob(pattern, text []rune) bool {
	star, resume := -1, 0 // the last *, and where what it stands for ends
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

func says(words, texts []string) bool {
	for _, text := range texts {
		if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) }) {
			return true
		}
	}
	return false
}

func has(values []string, codes []dicomio.Code) bool {
	return slices.ContainsFunc(codes, func(c dicomio.Code) bool { return slices.Contains(values, c.Value) })
}
