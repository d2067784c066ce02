package report

import (
	"ctcohort/model/volume"
)

// What a mask must be to tell where the lungs are, so that air around or within
// a head is never taken for them.
const (
	leastLungML    = 100.0 // the air within a head is less
	leastShare     = 0.2   // of the largest piece: one lung beside the other
	lowestMeanHU   = -970  // air around a body is lower
	highestMeanHU  = -250  // a head or a belly is higher
	leastSliceArea = 0.04  // of the largest slice: airways of the neck are smaller
)

// chest returns the slices along the body, lo ≤ index < hi, that have lungs: by
// the reference where it has plausible ones, else by the predictions.
func (e *Exhibit) chest() (lo, hi int, ok bool) {
	if e.reference != nil {
		if lo, hi, ok = e.lungSlices(e.reference); ok {
			return lo, hi, true
		}
	}
	for _, p := range e.predictions {
		if a, b, found := e.lungSlices(p.Mask); found && ok {
			lo, hi = min(lo, a), max(hi, b)
		} else if found {
			lo, hi, ok = a, b, true
		}
	}
	return lo, hi, ok
}

// lungSlices returns the run of slices around the one with the most lung in
// which there is a share of that; ok is false where the mask's large pieces
// cannot be lungs.
func (e *Exhibit) lungSlices(mask *volume.Volume[uint8]) (lo, hi int, ok bool) {
	inside := make([]bool, len(mask.Data))
	for i, label := range mask.Data {
		inside[i] = label != 0
	}
	ids, sizes := volume.Components(inside, mask.Size, 6)
	largest := 0
	for _, n := range sizes {
		largest = max(largest, n)
	}
	large := func(id int32) bool { return id > 0 && float64(sizes[id-1]) >= leastShare*float64(largest) }

	area := make([]int, e.view.size[2])
	total, sumHU := 0, 0
	for s := range area {
		for p := range e.view.size[1] {
			i := e.view.at(0, p, s)
			for range e.view.size[0] {
				if large(ids[i]) {
					area[s]++
					sumHU += int(e.hu.Data[i])
				}
				i += e.view.step[0]
			}
		}
		total += area[s]
	}
	if float64(total)*mask.VoxelML() < leastLungML {
		return 0, 0, false
	}
	if mean := float64(sumHU) / float64(total); mean < lowestMeanHU || mean > highestMeanHU {
		return 0, 0, false
	}
	most := 0
	for s, n := range area {
		if n > area[most] {
			most = s
		}
	}
	enough := func(s int) bool {
		return s >= 0 && s < len(area) && float64(area[s]) >= leastSliceArea*float64(area[most])
	}
	for lo = most; enough(lo - 1); lo-- {
	}
	for hi = most + 1; enough(hi); hi++ {
	}
	return lo, hi, true
}
