package series

import (
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

// Names says which segments are which class: by a word anywhere in a segment's
// label or description or in the meaning of one of its codes, whatever the case,
// or by the value of such a code. Neither is looked for first, then Infection.
type Names struct {
	Neither        []string `yaml:"neither"`
	Lung           []string `yaml:"lung"`
	Infection      []string `yaml:"infection"`
	LungCodes      []string `yaml:"lung_codes"`
	InfectionCodes []string `yaml:"infection_codes"`
}

// DefaultNames returns the words that the field uses, and the codes of SNOMED CT
// and of its older SRT form.
func DefaultNames() Names {
	return Names{
		Neither:        []string{"vessel", "artery", "arteries", "vein", "bronch", "airway", "trachea", "nodule", "tumor", "tumour", "mass", "neoplasm", "cancer", "carcinoma", "embol", "effusion"},
		Lung:           []string{"lung", "pulmonary"},
		Infection:      []string{"infection", "lesion", "opacity", "opacities", "consolidation", "ground glass", "ground-glass", "pneumonia"},
		LungCodes:      []string{"39607008", "T-28000", "3341006", "T-28100", "44029006", "T-28500"},
		InfectionCodes: []string{"52988006", "233604007", "40733004", "95436008"},
	}
}

// Class returns the class of a segment, Background where it is neither. A name
// that says "lung lesion" is infection, one that says "lung vessel" is neither.
func (n Names) Class(s dicomio.Segment) uint8 {
	switch {
	case n.matches(s, n.Neither, nil):
		return Background
	case n.matches(s, n.Infection, n.InfectionCodes):
		return Infection
	case n.matches(s, n.Lung, n.LungCodes):
		return Lung
	}
	return Background
}

func (n Names) matches(s dicomio.Segment, words, codes []string) bool {
	texts := []string{s.Label, s.Description}
	for _, c := range s.Codes {
		if slices.Contains(codes, c.Value) {
			return true
		}
		texts = append(texts, c.Meaning)
	}
	for _, text := range texts {
		text = strings.ToLower(strings.ReplaceAll(text, "_", " "))
		for _, word := range words {
			if strings.Contains(text, strings.ToLower(word)) {
				return true
			}
		}
	}
	return false
}
