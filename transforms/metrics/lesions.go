package metrics

import "ctcohort/model/volume"

// lesions counts connected components and which of them the other mask overlaps.
type lesions struct {
	predicted, predictedHit int
	referred, referredHit   int
}

func (m masks) lesions() (n lesions) {
	size := [3]int{m.size[0] + 2, m.size[1] + 2, m.size[2] + 2}
	var ids [2][]int32
	parallel(2, func(_, which int) {
		mask := make([]bool, len(m.bits))
		for i, b := range m.bits {
			mask[i] = b>>which&1 != 0
		}
		var sizes []int
		ids[which], sizes = volume.Components(mask, size, 26)
		if which == 0 {
			n.predicted = len(sizes)
		} else {
			n.referred = len(sizes)
		}
	})
	hitP, hitR := make([]bool, n.predicted+1), make([]bool, n.referred+1)
	for i, b := range m.bits {
		if b == predicted|referred {
			hitP[ids[0][i]], hitR[ids[1][i]] = true, true
		}
	}
	n.predictedHit, n.referredHit = countTrue(hitP), countTrue(hitR)
	return n
}

// f1 returns 2·hits / (2·hits + missed + false), where a hit is a component of
// the reference; NaN where there is no component.
func (n lesions) f1() float64 {
	hit, missed, spurious := n.referredHit, n.referred-n.referredHit, n.predicted-n.predictedHit
	return ratio(float64(2*hit), float64(2*hit+missed+spurious))
}

func countTrue(bits []bool) (n int) {
	for _, b := range bits {
		if b {
			n++
		}
	}
	return n
}
