package deid

import "fmt"

// Pixels says what happens to pixels that may show who the patient is.
type Pixels struct {
	Faces string // heads in CT, MR and PET: Quarantine (also when empty) or Allow
}

// Values of Pixels.
const (
	Quarantine = "quarantine"
	Allow      = "allow"
)

func (p Pixels) check() error {
	if p.Faces != "" && p.Faces != Quarantine && p.Faces != Allow {
		return fmt.Errorf("choosing what happens to faces: %q is no choice; use %s or %s", p.Faces, Quarantine, Allow)
	}
	return nil
}
