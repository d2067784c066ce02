package split

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The sides of a split, as in the table of patients.
const (
	Train  = "train"
	Test   = "test"
	Unused = "unused"
)

// Patient is what the split needs to know of a patient of a cohort. A person
// with one ID in two cohorts is one patient, on one side.
type Patient struct {
	ID, Cohort, Site string
	External         bool     // of a cohort that is wholly for testing
	Studies          []string // study UIDs
	Frames           []string // frame-of-reference UIDs
	Volumes          []string // digests of volumes: whoever has the same one is the same person
	Series           int
}

// Assignment is the side of one patient of a cohort.
type Assignment struct {
	ID, Cohort, Split string
	Linked            int // patients who stay together with this one, itself included
}

// Options says how many patients go where: by numbers, exactly, or by
// fractions, which leave every patient where it is when others join.
type Options struct {
	Train, Test                 int
	TrainFraction, TestFraction float64 // instead of numbers; the rest is unused
	Seed                        int64
	// StratifyBySite takes each site's share of both numbers, by the method of
	// largest remainders.
	StratifyBySite bool
}

func (o Options) byFraction() bool { return o.TrainFraction != 0 || o.TestFraction != 0 }

func (o Options) validate() error {
	var faults []error
	if o.Train < 0 || o.Test < 0 {
		faults = append(faults, fmt.Errorf("split: train %d and test %d must not be negative", o.Train, o.Test))
	}
	if !(o.TrainFraction >= 0 && o.TestFraction >= 0 && o.TrainFraction+o.TestFraction <= 1+1e-9) {
		faults = append(faults, fmt.Errorf("split: fractions %g and %g must not be negative, nor together more than 1", o.TrainFraction, o.TestFraction))
	}
	if o.byFraction() && (o.Train != 0 || o.Test != 0) {
		faults = append(faults, errors.New("split: give numbers or fractions, not both"))
	}
	if o.byFraction() && o.StratifyBySite {
		faults = append(faults, errors.New("split: stratifying by site needs numbers, for by fraction a patient's side must not depend on others"))
	}
	return errors.Join(faults...)
}

// Assign returns the side of each patient, in the order of patients. Numbers
// count patients that are not external, and are met exactly; an error names
// them when the patients cannot give them. Patients linked to an external one
// are for testing, and count. Without any that are not external there is
// nothing to split, whatever the numbers. The sides are checked, as Check does.
func Assign(patients []Patient, o Options) ([]Assignment, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	groups, err := link(patients)
	if err != nil {
		return nil, err
	}
	var sides []string
	if o.byFraction() {
		sides = o.fractions(groups)
	} else {
		order(groups, o)
		if sides, err = o.numbers(groups); err != nil {
			return nil, err
		}
	}
	assigned := make([]Assignment, len(patients))
	for g, side := range sides {
		for _, i := range groups[g].members {
			assigned[i] = Assignment{ID: patients[i].ID, Cohort: patients[i].Cohort, Split: side, Linked: len(groups[g].members)}
		}
	}
	_, err = Check(patients, assigned)
	return assigned, err
}

// fractions puts each group where its place in [0,1) falls.
func (o Options) fractions(groups []group) []string {
	sides := make([]string, len(groups))
	for i, g := range groups {
		switch at := place(o.Seed, g.name); {
		case g.external || at < o.TestFraction:
			sides[i] = Test
		case at < o.TestFraction+o.TrainFraction:
			sides[i] = Train
		default:
			sides[i] = Unused
		}
	}
	return sides
}

// numbers goes through the groups in order and puts each into test, else train,
// else nowhere: the first of these with which the rest can still be met exactly.
func (o Options) numbers(groups []group) ([]string, error) {
	total, largest := 0, 0
	for _, g := range groups {
		total += g.weight
		largest = max(largest, g.weight)
	}
	if total == 0 {
		o.Train, o.Test = 0, 0
	}
	if total < o.Train+o.Test {
		return nil, fmt.Errorf("split: %d for train and %d for test are asked for, of %d patients%s; ask for fewer, or add patients", o.Train, o.Test, total, bySite(groups))
	}
	s := search{groups: groups, sides: make([]string, len(groups)), rest: make([]int, len(groups)+1), dead: map[state]bool{}}
	for i, g := range slices.Backward(groups) {
		s.rest[i] = s.rest[i+1] + g.weight
	}
	if !s.from(state{0, o.Train, o.Test}) {
		return nil, fmt.Errorf("split: %d for train and %d for test cannot be met exactly with %d patients%s, of whom up to %d are linked, by a study, frame of reference or volume that they share, and stay together%s; ask for other numbers", o.Train, o.Test, total, bySite(groups), largest, linkedToExternal(groups))
	}
	return s.sides, nil
}

// bySite lists how many patients each site has, nothing where there is one site.
func bySite(groups []group) string {
	count := map[string]int{}
	for _, g := range groups {
		if g.weight > 0 {
			count[g.site] += g.weight
		}
	}
	if len(count) < 2 {
		return ""
	}
	var parts []string
	for _, site := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%d of %s", count[site], cmp.Or(site, "no site")))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// linkedToExternal says how many patients must be in test, nothing for none.
func linkedToExternal(groups []group) string {
	n := 0
	for _, g := range groups {
		if g.external {
			n += g.weight
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d to patients of external cohorts, who are all for testing", n)
}

// A search tries the sides of groups in turn and goes back where it is stuck.
type search struct {
	groups []group
	sides  []string
	rest   []int          // weight of the groups from each on
	dead   map[state]bool // from which the numbers cannot be met
}

// maxDead ends a search that would try out combinations of groups for ever. One
// patient in a hundred who is linked to nobody keeps it from coming near.
const maxDead = 1 << 20

// state is the next group and how many patients are still wanted.
type state struct{ group, train, test int }

func (s *search) from(at state) bool {
	if at.group == len(s.groups) {
		return at.train == 0 && at.test == 0
	}
	if at.train < 0 || at.test < 0 || s.rest[at.group] < at.train+at.test || s.dead[at] || len(s.dead) > maxDead {
		return false
	}
	g := s.groups[at.group]
	next := state{at.group + 1, at.train, at.test - g.weight}
	if s.from(next) {
		s.sides[at.group] = Test
		return true
	}
	if !g.external {
		if s.from(state{at.group + 1, at.train - g.weight, at.test}) {
			s.sides[at.group] = Train
			return true
		}
		if s.from(state{at.group + 1, at.train, at.test}) {
			s.sides[at.group] = Unused
			return true
		}
	}
	s.dead[at] = true
	return false
}
