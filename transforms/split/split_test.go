package split

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// cohort returns n patients with nothing in common but their site, one of five.
func cohort(name string, n int) []Patient {
	patients := make([]Patient, n)
	for i := range patients {
		patients[i] = Patient{
			ID: fmt.Sprintf("%s%04d", name, i), Cohort: name, Site: fmt.Sprint("site ", i*i%5),
			Studies: []string{fmt.Sprint(name, "study", i)}, Frames: []string{fmt.Sprint(name, "frame", i)},
		}
	}
	return patients
}

func counts(assigned []Assignment) (train, test, unused int) {
	for _, a := range assigned {
		switch a.Split {
		case Train:
			train++
		case Test:
			test++
		case Unused:
			unused++
		}
	}
	return train, test, unused
}

func assign(t *testing.T, patients []Patient, o Options) []Assignment {
	t.Helper()
	assigned, err := Assign(patients, o)
	if err != nil {
		t.Fatalf("Assign(%d patients, %+v) = %v", len(patients), o, err)
	}
	for i, a := range assigned {
		if a.ID != patients[i].ID || a.Cohort != patients[i].Cohort {
			t.Fatalf("assignment %d is of another patient", i)
		}
	}
	return assigned
}

func sides(assigned []Assignment) map[string]string {
	by := map[string]string{}
	for _, a := range assigned {
		by[a.Cohort+"/"+a.ID] = a.Split
	}
	return by
}

func TestThePapersNumbers(t *testing.T) {
	germany := cohort("germany", 10)
	for i := range germany {
		germany[i].External = true
	}
	for _, c := range []struct {
		name                string
		patients            []Patient
		o                   Options
		train, test, unused int
	}{
		{"861 of China", cohort("china", 861), Options{Train: 731, Test: 130}, 731, 130, 0},
		{"more than asked for", cohort("china", 1000), Options{Train: 731, Test: 130}, 731, 130, 139},
		{"with Germany", append(cohort("china", 861), germany...), Options{Train: 731, Test: 130}, 731, 140, 0},
		{"Germany alone", germany, Options{Train: 731, Test: 130}, 0, 10, 0},
		{"nobody asked for", cohort("china", 3), Options{}, 0, 0, 3},
		{"nobody at all", nil, Options{Train: 731, Test: 130}, 0, 0, 0},
		{"stratified", cohort("china", 861), Options{Train: 731, Test: 130, StratifyBySite: true}, 731, 130, 0},
	} {
		train, test, unused := counts(assign(t, c.patients, c.o))
		if train != c.train || test != c.test || unused != c.unused {
			t.Errorf("%s: %d train, %d test, %d unused; want %d, %d, %d", c.name, train, test, unused, c.train, c.test, c.unused)
		}
	}
}

// The choice is fixed by the seed for ever: these patients, by HMAC-SHA256
// computed with Python's hmac, key "ctcohort split 1".
func TestKnownOrder(t *testing.T) {
	patients := []Patient{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}, {ID: "e"}}
	got := sides(assign(t, patients, Options{Train: 2, Test: 2, Seed: 1}))
	for id, side := range map[string]string{"a": Test, "b": Test, "c": Train, "d": Train, "e": Unused} {
		if got["/"+id] != side {
			t.Errorf("patient %s is in %s; want %s", id, got["/"+id], side)
		}
	}
}

func TestOrderAndSeed(t *testing.T) {
	patients := cohort("china", 200)
	patients[3].Frames = patients[150].Frames
	o := Options{Train: 120, Test: 40, Seed: 7}
	for _, stratify := range []bool{false, true} {
		o.StratifyBySite = stratify
		want := sides(assign(t, patients, o))
		for seed := range uint64(5) {
			shuffled := slices.Clone(patients)
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			for id, side := range sides(assign(t, shuffled, o)) {
				if side != want[id] {
					t.Fatalf("patient %s is in %s or %s, depending on the order", id, side, want[id])
				}
			}
		}
		other := o
		other.Seed = 8
		same := 0
		for id, side := range sides(assign(t, patients, other)) {
			if side == want[id] {
				same++
			}
		}
		if same > 140 { // 0.6² + 0.2² + 0.2² = 44 % by chance
			t.Errorf("%d of 200 patients are on the same side with another seed", same)
		}
	}
}

func TestFractionsAreStable(t *testing.T) {
	o := Options{TrainFraction: 0.7, TestFraction: 0.2, Seed: 3}
	patients := cohort("china", 2000)
	before := sides(assign(t, patients[:1000], o))
	all := assign(t, patients, o)
	for id, side := range sides(all) {
		if old, ok := before[id]; ok && old != side {
			t.Fatalf("patient %s went from %s to %s when others joined", id, old, side)
		}
	}
	train, test, _ := counts(all)
	// Binomial standard deviations are 20 and 18.
	if math.Abs(float64(train-1400)) > 80 || math.Abs(float64(test-400)) > 72 {
		t.Errorf("%d train and %d test of 2000; want about 1400 and 400", train, test)
	}
	whole := assign(t, patients, Options{TrainFraction: 0.85, TestFraction: 0.15})
	if _, _, unused := counts(whole); unused != 0 {
		t.Errorf("%d unused although the fractions make 1", unused)
	}
}

func TestLinkedPatientsStayTogether(t *testing.T) {
	patients := cohort("china", 60)
	for i := 0; i < 60; i += 3 { // chains: 0-1 by study, 1-2 by relation
		patients[i+1].Studies = append(patients[i+1].Studies, patients[i].Studies[0])
		patients[i+1].Relations = []string{fmt.Sprint("family", i)}
		patients[i+2].Relations = []string{fmt.Sprint("family", i)}
	}
	for _, o := range []Options{{Train: 45, Test: 15}, {TrainFraction: 0.5, TestFraction: 0.25}} {
		got := assign(t, patients, o)
		for i := 0; i < 60; i += 3 {
			if got[i].Split != got[i+1].Split || got[i].Split != got[i+2].Split {
				t.Errorf("%+v: linked patients %d to %d are in %s, %s, %s", o, i, i+2, got[i].Split, got[i+1].Split, got[i+2].Split)
			}
		}
	}
}

// Groups of 3, 2 and 2: 4 for test are the two pairs, which a choice that never
// goes back misses whenever the three come first.
func TestExactNumbersWithGroups(t *testing.T) {
	patients := cohort("china", 7)
	for i := range patients {
		patients[i].Relations = []string{"0001122"[i : i+1]}
	}
	for seed := range int64(20) {
		train, test, unused := counts(assign(t, patients, Options{Train: 3, Test: 4, Seed: seed}))
		if train != 3 || test != 4 || unused != 0 {
			t.Errorf("seed %d: %d train, %d test", seed, train, test)
		}
	}
}

func TestLinksToExternalPatients(t *testing.T) {
	patients := cohort("china", 10)
	patients = append(patients, Patient{ID: "x", Cohort: "germany", External: true, Frames: patients[4].Frames})
	patients = append(patients, Patient{ID: patients[5].ID, Cohort: "germany", External: true})
	for seed := range int64(10) {
		got := assign(t, patients, Options{Train: 8, Test: 2, Seed: seed})
		if got[4].Split != Test || got[5].Split != Test || got[10].Split != Test || got[11].Split != Test {
			t.Errorf("seed %d: %v; want the linked patients 4 and 5 with the external ones in test", seed, got)
		}
	}
	if _, err := Assign(patients, Options{Train: 9, Test: 1}); err == nil {
		t.Error("9 for training are found although 2 of 10 are linked to external patients")
	}
}

func TestOnePersonInTwoCohorts(t *testing.T) {
	patients := append(cohort("china", 10), Patient{ID: "china0003", Cohort: "followup"})
	got := assign(t, patients, Options{Train: 5, Test: 5})
	if got[3].Split != got[10].Split {
		t.Errorf("one person is in %s and %s", got[3].Split, got[10].Split)
	}
}

func TestStratification(t *testing.T) {
	var patients []Patient
	for s, n := range []int{400, 200, 150, 100, 11} {
		for i := range n {
			patients = append(patients, Patient{ID: fmt.Sprintf("%d-%d", s, i), Site: fmt.Sprint(s)})
		}
	}
	got := assign(t, patients, Options{Train: 731, Test: 130, StratifyBySite: true, Seed: 5})
	test := map[string]int{}
	size := map[string]int{}
	for i, p := range patients {
		size[p.Site]++
		if got[i].Split == Test {
			test[p.Site]++
		}
	}
	for site, n := range size {
		if want := 130 * float64(n) / 861; math.Abs(float64(test[site])-want) > 1 {
			t.Errorf("site %s has %d of %d in test; want %.1f", site, test[site], n, want)
		}
	}
}

func TestErrorsNameTheNumbers(t *testing.T) {
	pairs := cohort("china", 20)
	for i := range pairs {
		pairs[i].Relations = []string{fmt.Sprint(i / 2)}
	}
	for _, c := range []struct {
		name     string
		patients []Patient
		o        Options
		want     string
	}{
		{"too few patients", cohort("china", 12), Options{Train: 731, Test: 130}, "731 for train and 130 for test are asked for, of 12 patients"},
		{"pairs only", pairs, Options{Train: 9, Test: 4}, "cannot be met exactly with 20 patients, of whom up to 2 are linked"},
		{"negative", nil, Options{Train: -1}, "must not be negative"},
		{"both", nil, Options{Train: 1, TestFraction: 0.1}, "not both"},
		{"more than all", nil, Options{TrainFraction: 0.9, TestFraction: 0.2}, "more than 1"},
		{"not a number", nil, Options{TrainFraction: math.NaN()}, "must not be negative"},
		{"stratified fractions", nil, Options{TrainFraction: 0.9, StratifyBySite: true}, "stratifying"},
		{"no ID", []Patient{{}}, Options{}, "without an ID"},
		{"twice", []Patient{{ID: "a", Cohort: "c"}, {ID: "a", Cohort: "c"}}, Options{}, "twice"},
	} {
		_, err := Assign(c.patients, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
}

func TestCheckFindsLeaks(t *testing.T) {
	patients := cohort("china", 3)
	patients[1].Frames = patients[0].Frames
	split := func(sides ...string) []Assignment {
		var all []Assignment
		for i, s := range sides {
			all = append(all, Assignment{ID: patients[i].ID, Split: s})
		}
		return all
	}
	for _, c := range []struct {
		sides []string
		leaks bool
	}{
		{[]string{Train, Test, Test}, true},
		{[]string{Test, Train, Unused}, true},
		{[]string{Train, Train, Test}, false},
		{[]string{Train, Unused, Test}, false},
	} {
		err := Check(patients, split(c.sides...))
		if (err != nil) != c.leaks {
			t.Errorf("Check(%v) = %v", c.sides, err)
		}
		if err != nil && !strings.Contains(err.Error(), "1 frames of reference") {
			t.Errorf("Check(%v) = %v; want the number of frames", c.sides, err)
		}
	}
}

// Whatever the links, the numbers are met exactly or refused, and nothing leaks.
func TestRandomCohorts(t *testing.T) {
	met := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		patients := cohort("c", 1+r.IntN(40))
		for i := range patients {
			patients[i].External = r.IntN(12) == 0
			for range r.IntN(3) {
				patients[i].Relations = append(patients[i].Relations, fmt.Sprint(r.IntN(60)))
			}
		}
		o := Options{Train: r.IntN(20), Test: r.IntN(10), Seed: int64(seed), StratifyBySite: seed%2 == 0}
		got, err := Assign(patients, o)
		if err != nil {
			continue
		}
		met++
		train, test, internal := 0, 0, 0
		for i, a := range got {
			if !patients[i].External {
				internal++
				switch a.Split {
				case Train:
					train++
				case Test:
					test++
				}
			} else if a.Split != Test {
				t.Fatalf("seed %d: an external patient is in %s", seed, a.Split)
			}
		}
		if internal > 0 && (train != o.Train || test != o.Test) {
			t.Fatalf("seed %d: %d and %d for %d and %d", seed, train, test, o.Train, o.Test)
		}
		if err := Check(patients, got); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	if met < 100 {
		t.Errorf("only %d of 300 cohorts could be split: the test sees too little", met)
	}
}

func BenchmarkAssign(b *testing.B) {
	patients := cohort("china", 100_000)
	for b.Loop() {
		if _, err := Assign(patients, Options{Train: 80_000, Test: 10_000}); err != nil {
			b.Fatal(err)
		}
	}
}
