package split

import (
	"fmt"
	"iter"
)

// A thing is what must not lie on both sides.
type thing struct{ kind, id string }

// things yields what ties a patient to one side.
func (p Patient) things() iter.Seq[thing] {
	return func(yield func(thing) bool) {
		if !yield(thing{"patients", p.ID}) {
			return
		}
		for kind, ids := range map[string][]string{"studies": p.Studies, "frames of reference": p.Frames, "relations": p.Relations} {
			for _, id := range ids {
				if id != "" && !yield(thing{kind, id}) {
					return
				}
			}
		}
	}
}

// Check returns an error, with numbers but no names, when a patient, study,
// frame of reference or relation is in both train and test. Assignments are in
// the order of patients.
func Check(patients []Patient, assigned []Assignment) error {
	if len(patients) != len(assigned) {
		panic("split: assignments of other patients")
	}
	train := map[thing]bool{}
	for i, p := range patients {
		if assigned[i].Split == Train {
			for t := range p.things() {
				train[t] = true
			}
		}
	}
	both := map[thing]bool{}
	count := map[string]int{}
	for i, p := range patients {
		if assigned[i].Split != Test {
			continue
		}
		for t := range p.things() {
			if train[t] && !both[t] {
				both[t] = true
				count[t.kind]++
			}
		}
	}
	if len(both) > 0 {
		return fmt.Errorf("split: in both train and test are %d patients, %d studies, %d frames of reference, %d relations",
			count["patients"], count["studies"], count["frames of reference"], count["relations"])
	}
	return nil
}
