package deid

import (
	"errors"
	"fmt"
)

// Pixels says what happens to pixels that may show who the patient is.
type Pixels struct {
	Faces    string      // heads in CT, MR and PET: Quarantine (also when empty) or Allow
	Overlays string      // what lies in bits of pixel data that no pixel uses: Quarantine (also when empty) or Clear
	Blank    []BlankRule // the first that matches a file says which parts of its pixels are blanked
}

// Values of Pixels.
const (
	Quarantine = "quarantine"
	Allow      = "allow"
	Clear      = "clear"
)

func (p Pixels) check() error {
	if p.Faces != "" && p.Faces != Quarantine && p.Faces != Allow {
		return fmt.Errorf("choosing what happens to faces: %q is no choice; use %s or %s", p.Faces, Quarantine, Allow)
	}
	if p.Overlays != "" && p.Overlays != Quarantine && p.Overlays != Clear {
		return fmt.Errorf("choosing what happens to overlays in pixels: %q is no choice; use %s or %s", p.Overlays, Quarantine, Clear)
	}
	for i, rule := range p.Blank {
		if err := errors.Join(rule.Faults()...); err != nil {
			return fmt.Errorf("reading blanking rule %d: %w", i+1, err)
		}
	}
	return nil
}
