package split

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcohort/schemas"
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
	for i := 0; i < 60; i += 3 { // chains: 0-1 by study, 1-2 by volume
		patients[i+1].Studies = append(patients[i+1].Studies, patients[i].Studies[0])
		patients[i+1].Volumes = []string{fmt.Sprint("volume", i)}
		patients[i+2].Volumes = []string{fmt.Sprint("volume", i)}
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
		patients[i].Volumes = []string{"0001122"[i : i+1]}
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

// Quotas by the method of largest remainders, worked out by hand.
func TestStratification(t *testing.T) {
	for _, c := range []struct {
		name        string
		size        []int
		train, test int
		wantTrain   []int
		wantTest    []int
	}{
		// 130·n/861 is 60.4, 30.2, 22.6, 15.1, 1.7: two more for the fifth and the third.
		{"the paper's numbers of five sites", []int{400, 200, 150, 100, 11}, 731, 130, []int{340, 170, 127, 85, 9}, []int{60, 30, 23, 15, 2}},
		// 10·n/1000 is 5, 3, 2; 90·n/1000 is 45, 27, 18.
		{"whole shares", []int{500, 300, 200}, 90, 10, []int{45, 27, 18}, []int{5, 3, 2}},
		// Each has a share of ⅓ and ⅔: the first by name gets the one for testing, and then has no room.
		{"ties, one patient a site", []int{1, 1, 1}, 2, 1, []int{0, 1, 1}, []int{1, 0, 0}},
		{"nobody for testing", []int{3, 7}, 10, 0, []int{3, 7}, []int{0, 0}},
	} {
		for seed := range int64(5) {
			var patients []Patient
			for s, n := range c.size {
				for i := range n {
					patients = append(patients, Patient{ID: fmt.Sprintf("%d-%d", s, i), Site: fmt.Sprint(s)})
				}
			}
			train, test := make([]int, len(c.size)), make([]int, len(c.size))
			for i, a := range assign(t, patients, Options{Train: c.train, Test: c.test, StratifyBySite: true, Seed: seed}) {
				site := patients[i].Site[0] - '0'
				switch a.Split {
				case Train:
					train[site]++
				case Test:
					test[site]++
				}
			}
			if !slices.Equal(train, c.wantTrain) || !slices.Equal(test, c.wantTest) {
				t.Errorf("%s, seed %d: train %v and test %v; want %v and %v", c.name, seed, train, test, c.wantTrain, c.wantTest)
			}
		}
	}
}

// Every quota is within one of the share, nobody gets more than there is room
// for, and all is given out where there is room.
func TestApportion(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 4))
		size, total := map[string]int{}, 0
		for s := range 1 + r.IntN(8) {
			size[fmt.Sprint(s)] = r.IntN(30)
			total += size[fmt.Sprint(s)]
		}
		n := r.IntN(total + 1)
		given := 0
		for site, quota := range apportion(n, size, size) {
			given += quota
			if share := float64(n*size[site]) / float64(total); math.Abs(float64(quota)-share) >= 1 || quota > size[site] {
				t.Fatalf("seed %d: site of %d of %d gets %d of %d", seed, size[site], total, quota, n)
			}
		}
		if given != n {
			t.Fatalf("seed %d: %d of %d are given out", seed, given, n)
		}
	}
}

// Linked patients may break a quota, by as many as are linked; the numbers hold.
func TestStratificationWithLinkedPatients(t *testing.T) {
	var patients []Patient
	for i := range 100 {
		patients = append(patients, Patient{ID: fmt.Sprint("p", i), Site: fmt.Sprint(i % 4), Volumes: []string{fmt.Sprint(i%4, i/8)}})
	}
	for seed := range int64(10) {
		got := assign(t, patients, Options{Train: 80, Test: 20, StratifyBySite: true, Seed: seed})
		test := map[string]int{}
		for i, a := range got {
			if a.Split == Test {
				test[patients[i].Site]++
			}
			if a.Linked < 1 || a.Linked > 2 {
				t.Fatalf("patient %d is linked to %d", i, a.Linked)
			}
		}
		for site, n := range test {
			if n < 3 || n > 7 { // 5, give or take a pair
				t.Errorf("seed %d: site %s has %d in test; want about 5", seed, site, n)
			}
		}
	}
}

func TestErrorsNameTheNumbers(t *testing.T) {
	pairs := cohort("china", 20)
	for i := range pairs {
		pairs[i].Volumes = []string{fmt.Sprint(i / 2)}
	}
	for _, c := range []struct {
		name     string
		patients []Patient
		o        Options
		want     string
	}{
		{"too few of several sites", []Patient{{ID: "a", Site: "north"}, {ID: "b", Site: "south"}, {ID: "c", Site: "north"}, {ID: "d"}}, Options{Train: 9, Test: 4}, "of 4 patients (1 of no site, 2 of north, 1 of south); ask for fewer"},
		{"linked to external ones", []Patient{{ID: "a"}, {ID: "b"}, {ID: "a", Cohort: "x", External: true}}, Options{Train: 2}, "and 1 to patients of external cohorts"},
		{"too few patients", cohort("china", 12), Options{Train: 731, Test: 130}, "731 for train and 130 for test are asked for, of 12 patients"},
		{"pairs only", pairs, Options{Train: 9, Test: 4}, "cannot be met exactly with 20 patients (4 of site 0, 8 of site 1, 8 of site 4), of whom up to 2 are linked, by a study, frame of reference or volume that they share, and stay together; ask"},
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

func TestGather(t *testing.T) {
	rows := []schemas.Series{
		{Cohort: "china", PatientID: "a", StudyUID: "1", FrameOfReference: "f", VolumeSHA256: "v"},
		{Cohort: "germany", PatientID: "a", StudyUID: "2"},
		{Cohort: "china", PatientID: "a", StudyUID: "1", FrameOfReference: "g", VolumeSHA256: "w"},
	}
	got := Gather(slices.Values(rows), map[string]string{"china": "wuhan"}, []string{"germany"})
	want := []Patient{
		{ID: "a", Cohort: "china", Site: "wuhan", Studies: []string{"1"}, Frames: []string{"f", "g"}, Volumes: []string{"v", "w"}, Series: 2},
		{ID: "a", Cohort: "germany", External: true, Studies: []string{"2"}, Series: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Gather (-want +got):\n%s", diff)
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
		checked, err := Check(patients, split(c.sides...))
		if (err != nil) != c.leaks {
			t.Errorf("Check(%v) = %v", c.sides, err)
		}
		want := Checked{Patients: 3, Studies: 3, Frames: 2}
		if c.leaks {
			want.Frames--
		}
		if checked != want {
			t.Errorf("Check(%v) counts %+v on one side; want %+v", c.sides, checked, want)
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
				patients[i].Volumes = append(patients[i].Volumes, fmt.Sprint(r.IntN(60)))
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
		if _, err := Check(patients, got); err != nil {
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
