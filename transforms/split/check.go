package split

import (
	"fmt"
	"iter"
)

// A thing is what must not lie on both sides.
type thing struct {
	kind kind
	id   string
}

// kind is what a thing is.
type kind int

const (
	person kind = iota
	study
	frame
	volume
	kinds
)

// things yields what ties a patient to one side.
func (p Patient) things() iter.Seq[thing] {
	return func(yield func(thing) bool) {
		if !yield(thing{person, p.ID}) {
			return
		}
		for k, ids := range map[kind][]string{study: p.Studies, frame: p.Frames, volume: p.Volumes} {
			for _, id := range ids {
				if id != "" && !yield(thing{k, id}) {
					return
				}
			}
		}
	}
}

// Checked is how many of each are on one side alone.
type Checked struct {
	Patients, Studies, Frames, Volumes int
}

// Check counts the patients, studies, frames of reference and volumes that are
// on one side alone. It returns an error, with numbers but no names, when some
// are in both train and test. Assignments are in the order of patients.
func Check(patients []Patient, assigned []Assignment) (Checked, error) {
	if len(patients) != len(assigned) {
		panic("split: assignments of other patients")
	}
	const inTrain, inTest, inBoth = 1, 2, 3
	where := map[thing]int{}
	for i, p := range patients {
		for t := range p.things() {
			switch assigned[i].Split {
			case Train:
				where[t] |= inTrain
			case Test:
				where[t] |= inTest
			default:
				where[t] |= 0 // counted too
			}
		}
	}
	var one, both [kinds]int
	for t, sides := range where {
		if sides == inBoth {
			both[t.kind]++
		} else {
			one[t.kind]++
		}
	}
	checked := Checked{Patients: one[person], Studies: one[study], Frames: one[frame], Volumes: one[volume]}
	if both != [kinds]int{} {
		return checked, fmt.Errorf("split: in both train and test are %d patients, %d studies, %d frames of reference, %d volumes",
			both[person], both[study], both[frame], both[volume])
	}
	return checked, nil
}
