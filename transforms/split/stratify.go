package split

import (
	"cmp"
	"maps"
	"slices"
)

// stratify sorts groups, which are in keyed order, by the side that their
// site's quotas give them, so that a choice in order takes from each site its
// quota. Quotas are each site's share of the numbers, rounded by the method of
// largest remainders; linked patients who do not fit what is left of a quota
// make it differ by as many.
func stratify(groups []group, o Options) {
	size, room := map[string]int{}, map[string]int{}
	for _, g := range groups {
		size[g.site] += g.weight
	}
	test := apportion(o.Test, size, size)
	for site, n := range size {
		room[site] = n - test[site]
	}
	train := apportion(o.Train, size, room)

	const toTest, toTrain, toNeither = 0, 1, 2
	side := make(map[string]int, len(groups))
	take := func(g group) int {
		switch {
		case g.external:
			test[g.site] -= g.weight
			return toTest
		case g.weight <= test[g.site]:
			test[g.site] -= g.weight
			return toTest
		case g.weight <= train[g.site]:
			train[g.site] -= g.weight
			return toTrain
		}
		return toNeither
	}
	for _, external := range []bool{true, false} { // the quota holds for those linked to external patients too
		for _, g := range groups {
			if g.external == external {
				side[g.name] = take(g)
			}
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(side[a.name], side[b.name]) })
}

// apportion divides n among sites in proportion to their sizes: each gets its
// share rounded down, and those with the largest remainders one more, ties by
// name. No site gets more than its room. It gives out less than n where the
// room is less.
func apportion(n int, size, room map[string]int) map[string]int {
	total := 0
	for _, patients := range size {
		total += patients
	}
	quota := make(map[string]int, len(size))
	if total == 0 {
		return quota
	}
	sites := slices.Sorted(maps.Keys(size))
	left := n
	for _, site := range sites {
		quota[site] = min(n*size[site]/total, room[site])
		left -= quota[site]
	}
	slices.SortStableFunc(sites, func(a, b string) int { return cmp.Compare(n*size[b]%total, n*size[a]%total) })
	for given := true; left > 0 && given; {
		given = false
		for _, site := range sites {
			if left > 0 && quota[site] < room[site] {
				quota[site]++
				left--
				given = true
			}
		}
	}
	return quota
}
