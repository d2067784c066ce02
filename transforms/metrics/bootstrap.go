package metrics

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

// bootstrap returns the 2.5th and 97.5th percentile of the mean over volumes
// when whole patients are drawn with replacement, so that a patient's volumes
// stay together. NaN where fewer than two patients have a value. The draws
// depend on seed and group only, not on what other groups there are.
func bootstrap(people []patient, o SummaryOptions, g Group) (low, high float64) {
	people = slices.DeleteFunc(slices.Clone(people), func(p patient) bool { return len(p.values) == 0 })
	if len(people) < 2 || o.Resamples < 1 {
		return math.NaN(), math.NaN()
	}
	sums := make([]float64, len(people))
	for i, p := range people {
		sums[i] = sum(p.values)
	}
	random := rand.New(rand.NewPCG(o.Seed, g.hash()))
	means := make([]float64, o.Resamples)
	for k := range means {
		var total float64
		var n int
		for range people {
			i := random.IntN(len(people))
			total += sums[i]
			n += len(people[i].values)
		}
		means[k] = total / float64(n)
	}
	slices.Sort(means)
	return quantile(means, 0.025), quantile(means, 0.975)
}

func (g Group) hash() uint64 {
	h := fnv.New64a()
	for _, part := range []string{g.ModelName, g.ModelSHA256, g.Cohort, g.Split, g.Label, g.Metric} {
		h.Write([]byte(part + "\x00"))
	}
	return h.Sum64()
}
