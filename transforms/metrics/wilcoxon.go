package metrics

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Wilcoxon returns the signed-rank test of paired differences: the smaller of
// the two rank sums, the two-sided p, and whether p is exact. Zeros are dropped;
// tied ranks are averaged. It is exact for at most 50 pairs without zeros or
// ties, and for at most 13 with them; else normal with correction for ties, none
// for continuity: the rule of scipy.stats.wilcoxon (1.17). Infinite differences rank last;
// without a difference p is 1.
func Wilcoxon(differences []float64) (statistic, p float64, exact bool) {
	d := slices.DeleteFunc(slices.Clone(differences), func(v float64) bool { return v == 0 })
	if len(d) == 0 {
		return 0, 1, true
	}
	ranks, tied := rankSizes(d)
	var plus, total int // doubled, so that averaged ranks are whole
	for i, r := range ranks {
		total += r
		if d[i] > 0 {
			plus += r
		}
	}
	statistic = float64(min(plus, total-plus)) / 2
	if n := len(differences); n <= 13 || n <= 50 && n == len(d) && len(tied) == 0 {
		return statistic, exactP(ranks, plus, total), true
	}
	n := float64(len(d))
	variance := n * (n + 1) * (2*n + 1)
	for _, t := range tied {
		variance -= (t*t*t - t) / 2
	}
	z := (float64(plus)/2 - n*(n+1)/4) / math.Sqrt(variance/24)
	return statistic, 2 * distuv.UnitNormal.CDF(-math.Abs(z)), false
}

// rankSizes returns twice the rank of each value's size, and how many values
// share a size where more than one does.
func rankSizes(values []float64) (doubled []int, tied []float64) {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	size := func(i int) float64 { return math.Abs(values[order[i]]) }
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(math.Abs(values[a]), math.Abs(values[b]))
	})
	doubled = make([]int, len(values))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && size(to) == size(from) {
			to++
		}
		for _, i := range order[from:to] {
			doubled[i] = from + to + 1
		}
		if to-from > 1 {
			tied = append(tied, float64(to-from))
		}
		from = to
	}
	return doubled, tied
}

// exactP counts, over all signs of the ranks, the sums as far out as plus.
func exactP(ranks []int, plus, total int) float64 {
	ways := make([]float64, total+1) // 2^50 at most: exact
	ways[0] = 1
	for _, r := range ranks {
		for s := total; s >= r; s-- {
			ways[s] += ways[s-r]
		}
	}
	all := math.Ldexp(1, len(ranks))
	return min(1, 2*min(sum(ways[:plus+1]), sum(ways[plus:]))/all)
}

// Holm returns the p values adjusted by Holm's step-down method (1979), in the order given.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted := make([]float64, len(p))
	var largest float64
	for k, i := range order {
		largest = max(largest, min(1, p[i]*float64(len(p)-k)))
		adjusted[i] = largest
	}
	return adjusted
}
