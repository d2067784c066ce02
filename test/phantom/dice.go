package phantom

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
)

// dice draws the random values of one stream.
type dice struct{ *rand.Rand }

// newDice returns the stream called name of patient k. Streams with different
// names are independent, so a change in one part of a patient leaves the
// others as they were.
func newDice(seed int64, cohort string, k int, name string) dice {
	sum := sha256.Sum256(fmt.Appendf(nil, "ctcohort phantom 1|%d|%s|%d|%s", seed, cohort, k, name))
	return dice{rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])))}
}

// between returns a uniform value in [lo, hi).
func (d dice) between(lo, hi float64) float64 { return lo + (hi-lo)*d.Float64() }

// around returns a normal value, held within three standard deviations.
func (d dice) around(mean, sd float64) float64 {
	return mean + sd*math.Max(-3, math.Min(3, d.NormFloat64()))
}

// chance is true with probability p.
func (d dice) chance(p float64) bool { return d.Float64() < p }

// sign returns -1 or +1.
func (d dice) sign() float64 {
	if d.chance(0.5) {
		return -1
	}
	return 1
}

// pick returns one of the choices, each as likely.
func pick[T any](d dice, choices ...T) T { return choices[d.IntN(len(choices))] }

// weighted is a choice with its probability; a list's probabilities sum to 1.
type weighted[T any] struct {
	value       T
	probability float64
}

// quantile returns the choice at u in [0, 1) of the list's cumulative law.
func quantile[T any](list []weighted[T], u float64) T {
	for _, c := range list {
		if u < c.probability {
			return c.value
		}
		u -= c.probability
	}
	return list[len(list)-1].value
}

// spread returns the k-th point of a low-discrepancy sequence in [0, 1) that
// starts at start. Any run of consecutive k follows the uniform law closely,
// as a stratified quota would, while each point depends on k alone.
func spread(start float64, k int) float64 {
	const golden = 0.6180339887498949
	u := start + float64(k)*golden
	return u - math.Floor(u)
}
