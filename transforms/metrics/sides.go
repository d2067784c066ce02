package metrics

import (
	"math"
	"slices"

	"ctcohort/model/volume"
)

const (
	// leastLung is the least share of the larger lung that the smaller one has.
	leastLung = 0.1
	// lungsApartMM is the least distance from left to right of the lungs' centres.
	lungsApartMM = 40
	// bridgeMM is up to what width of a bridge between joined lungs is cut.
	bridgeMM = 16
)

// sided counts voxels of one side of the body.
type sided struct{ lung, infection int }

// sides counts the voxels of each lung, infection within lung counting as lung,
// and says whether the lungs could be told apart: as the two largest 6-connected
// components, or, where a bridge joins them, as what is left of them when
// voxels are taken off the surface until two parts remain, from which they then
// grow again along the lung. Smaller components are of the side they lie on.
func sides(prediction *volume.Volume[uint8], box joinedBox) (left, right sided, apart bool) {
	if box.size() == [3]int{} {
		return left, right, false
	}
	m := crop(prediction, nil, 0, box)
	owner, apart := m.lungs(prediction.Grid, box)
	if !apart {
		return left, right, false
	}
	for z := range m.size[2] {
		for y := range m.size[1] {
			at := ((box.lo[2]+z)*prediction.Size[1]+box.lo[1]+y)*prediction.Size[0] + box.lo[0]
			row := owner[(z+1)*m.stride[2]+(y+1)*m.stride[1]+1:][:m.size[0]]
			for x, label := range prediction.Data[at : at+m.size[0]] {
				side := &left
				switch row[x] {
				case 0:
					continue
				case rightLung:
					side = &right
				}
				side.lung++
				if codeOf[label]&infectionPredicted != 0 {
					side.infection++
				}
			}
		}
	}
	return left, right, true
}

const (
	leftLung  = 1
	rightLung = 2
)

// lungs returns which lung each voxel of the masks is of, 0 for none.
func (m masks) lungs(g volume.Grid, box joinedBox) (owner []uint8, apart bool) {
	size := [3]int{m.size[0] + 2, m.size[1] + 2, m.size[2] + 2}
	inMM := func(c centre) float64 { // from right to left
		at := c.mean()
		return g.Point(at[0]-1+float64(box.lo[0]), at[1]-1+float64(box.lo[1]), at[2]-1+float64(box.lo[2]))[0]
	}
	eroded := masks{size: m.size, stride: m.stride, bits: slices.Clone(m.bits)}
	widest := slices.Max(g.SpacingMM[:])
	for taken := 0; float64(2*taken)*widest <= bridgeMM; taken++ {
		ids, sizes := volume.Components(eroded.isSet(), size, 6)
		if len(sizes) == 0 {
			return nil, false
		}
		centres := centresOf(ids, len(sizes), size)
		a, b := twoLargest(sizes)
		if b >= 0 && float64(sizes[b]) >= leastLung*float64(sizes[a]) && math.Abs(inMM(centres[a])-inMM(centres[b])) >= lungsApartMM {
			middle := (inMM(centres[a]) + inMM(centres[b])) / 2
			side := make([]uint8, len(sizes)+1)
			for i, c := range centres {
				side[i+1] = sideOf(inMM(c), middle)
			}
			owner = make([]uint8, len(ids))
			for i, id := range ids {
				owner[i] = side[id]
			}
			m.grow(owner)
			m.adopt(owner, func(x, y, z int) uint8 { return sideOf(inMM(centre{float64(x), float64(y), float64(z), 1}), middle) })
			return owner, true
		}
		eroded = eroded.peeled()
	}
	return nil, false
}

// sideOf says on which side of the middle a place lies; in LPS, x grows to the patient's left.
func sideOf(xMM, middle float64) uint8 {
	if xMM > middle {
		return leftLung
	}
	return rightLung
}

// adopt gives the voxels that have no owner yet, of parts that peeling took away
// whole, the side that they lie on.
func (m masks) adopt(owner []uint8, sideAt func(x, y, z int) uint8) {
	for i, b := range m.bits {
		if b != 0 && owner[i] == 0 {
			owner[i] = sideAt(i%m.stride[1], i/m.stride[1]%(m.size[1]+2), i/m.stride[2])
		}
	}
}

// peeled returns the masks without their surfaces.
func (m masks) peeled() masks {
	inner := slices.Clone(m.bits)
	for i, s := range m.surfaces() {
		inner[i] &^= s
	}
	return masks{size: m.size, stride: m.stride, bits: inner}
}

func (m masks) isSet() []bool {
	set := make([]bool, len(m.bits))
	for i, b := range m.bits {
		set[i] = b != 0
	}
	return set
}

// grow gives every voxel of the mask that has no owner the owner of the nearest
// that has one, counted in steps along the mask.
func (m masks) grow(owner []uint8) {
	var front []int
	for i, o := range owner {
		if o != 0 {
			front = append(front, i)
		}
	}
	steps := [6]int{1, -1, m.stride[1], -m.stride[1], m.stride[2], -m.stride[2]}
	for len(front) > 0 {
		var next []int
		for _, i := range front {
			for _, step := range steps {
				if n := i + step; m.bits[n] != 0 && owner[n] == 0 {
					owner[n] = owner[i]
					next = append(next, n)
				}
			}
		}
		front = next
	}
}

// twoLargest returns the indices of the two largest sizes; second is −1 where there is but one.
func twoLargest(sizes []int) (first, second int) {
	first, second = 0, -1
	for i := 1; i < len(sizes); i++ {
		switch {
		case sizes[i] > sizes[first]:
			first, second = i, first
		case second < 0 || sizes[i] > sizes[second]:
			second = i
		}
	}
	return first, second
}

// centre is the sum of the indices of voxels.
type centre struct{ x, y, z, n float64 }

func (c centre) mean() [3]float64 { return [3]float64{c.x / c.n, c.y / c.n, c.z / c.n} }

func centresOf(ids []int32, n int, size [3]int) []centre {
	centres := make([]centre, n)
	i := 0
	for z := range size[2] {
		for y := range size[1] {
			for x := range size[0] {
				if id := ids[i]; id != 0 {
					c := &centres[id-1]
					c.x, c.y, c.z, c.n = c.x+float64(x), c.y+float64(y), c.z+float64(z), c.n+1
				}
				i++
			}
		}
	}
	return centres
}
