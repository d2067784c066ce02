package split

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
)

// A group is patients who stay together.
type group struct {
	name     string // the first of their IDs
	site     string // of the first who is not external
	members  []int  // indices of patients
	weight   int    // persons among them who are not external
	external bool   // one of them is
}

// link joins patients that share an ID, a study, a frame of reference or a
// volume, directly or through others. Groups are sorted by name.
func link(patients []Patient) ([]group, error) {
	parent := make([]int, len(patients))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[thing]int{}
	seen := map[[2]string]bool{}
	for i, p := range patients {
		if p.ID == "" {
			return nil, errors.New("split: a patient without an ID")
		}
		if id := [2]string{p.Cohort, p.ID}; seen[id] {
			return nil, errors.New("split: a patient is listed twice in one cohort")
		} else {
			seen[id] = true
		}
		for t := range p.things() {
			if j, ok := first[t]; ok {
				parent[find(i)] = find(j)
			} else {
				first[t] = i
			}
		}
	}
	byRoot := map[int]*group{}
	persons := map[string]bool{}
	for _, i := range byID(patients) {
		p := patients[i]
		g := byRoot[find(i)]
		if g == nil {
			g = &group{name: p.ID}
			byRoot[find(i)] = g
		}
		g.members = append(g.members, i)
		g.external = g.external || p.External
		if !p.External && !persons[p.ID] {
			if g.weight == 0 {
				g.site = p.Site
			}
			persons[p.ID] = true
			g.weight++
		}
	}
	groups := make([]group, 0, len(byRoot))
	for _, g := range byRoot {
		groups = append(groups, *g)
	}
	slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(a.name, b.name) })
	return groups, nil
}

// byID returns the indices of patients, sorted by ID, then cohort.
func byID(patients []Patient) []int {
	indices := make([]int, len(patients))
	for i := range indices {
		indices[i] = i
	}
	slices.SortFunc(indices, func(i, j int) int {
		return cmp.Or(cmp.Compare(patients[i].ID, patients[j].ID), cmp.Compare(patients[i].Cohort, patients[j].Cohort))
	})
	return indices
}

// order sorts groups by their keyed hash, or, stratified, first by what the
// quotas of their sites give them.
func order(groups []group, o Options) {
	keys := make(map[string][sha256.Size]byte, len(groups))
	for _, g := range groups {
		keys[g.name] = digest(o.Seed, g.name)
	}
	slices.SortFunc(groups, func(a, b group) int {
		x, y := keys[a.name], keys[b.name]
		return bytes.Compare(x[:], y[:])
	})
	if o.StratifyBySite {
		stratify(groups, o)
	}
}

// digest is the keyed hash of a patient's pseudonym that orders the split.
func digest(seed int64, id string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, []byte("ctcohort split "+strconv.FormatInt(seed, 10)))
	mac.Write([]byte(id))
	return [sha256.Size]byte(mac.Sum(nil))
}

// place is the digest as a number in [0,1).
func place(seed int64, id string) float64 {
	d := digest(seed, id)
	return float64(binary.BigEndian.Uint64(d[:8])>>11) / (1 << 53)
}
