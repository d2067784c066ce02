package model

import (
	"math"

	"ctcohort/model/volume"
)

// What the lung box takes for lung: components of air within the body of at least
// minLungPart of the largest one, so that both lungs count and a bubble in the
// stomach does not, of at least minBoxML together; and how far the box reaches
// beyond them, for what consolidation has made dense.
const (
	minLungPart = 0.1
	minBoxML    = 100
	boxMarginMM = 30
)

// region is a part of a volume, from inclusive and to exclusive.
type region struct{ from, to [3]int }

func (b region) size() (n [3]int) {
	for a := range n {
		n[a] = b.to[a] - b.from[a]
	}
	return n
}

// cropMask returns the part of a volume's mask that lies in the region.
func (b region) cropMask(mask []bool, size [3]int) []bool {
	n := b.size()
	out := make([]bool, 0, n[0]*n[1]*n[2])
	for z := b.from[2]; z < b.to[2]; z++ {
		for y := b.from[1]; y < b.to[1]; y++ {
			row := (z*size[1] + y) * size[0]
			out = append(out, mask[row+b.from[0]:row+b.to[0]]...)
		}
	}
	return out
}

// paste copies the region's labels into the whole volume's.
func (b region) paste(labels, part *volume.Volume[uint8]) {
	n := b.size()
	for z := range n[2] {
		for y := range n[1] {
			row := ((b.from[2]+z)*labels.Size[1]+b.from[1]+y)*labels.Size[0] + b.from[0]
			copy(labels.Data[row:row+n[0]], part.Data[(z*n[1]+y)*n[0]:])
		}
	}
}

// lungBox returns the box around the lungs of hu, whose body is at hand, and
// marks their voxels: components of what is no denser than −500 HU inside the body. It
// returns false where they are too small to be lungs, as in a head or where both
// are consolidated.
func lungBox(hu *volume.Volume[int16], body []bool) (region, []bool, bool) {
	lung := make([]bool, len(body))
	for i, inside := range body {
		lung[i] = inside && hu.Data[i] <= bodyHU
	}
	ids, sizes := volume.Components(lung, hu.Size, 6)
	most, together := 0, 0
	for _, n := range sizes {
		most = max(most, n)
	}
	isLung := func(id int32) bool { return id != 0 && float64(sizes[id-1]) >= minLungPart*float64(most) }
	b := region{from: hu.Size}
	i := 0
	for z := range hu.Size[2] {
		for y := range hu.Size[1] {
			for x := range hu.Size[0] {
				if lung[i] = isLung(ids[i]); lung[i] {
					together++
					for a, at := range [3]int{x, y, z} {
						b.from[a], b.to[a] = min(b.from[a], at), max(b.to[a], at+1)
					}
				}
				i++
			}
		}
	}
	if float64(together)*hu.VoxelML() < minBoxML {
		return region{}, nil, false
	}
	return b, lung, true
}

// grown returns the box with a margin in mm, within a volume and, where the volume
// has room, no smaller than a patch.
func (b region) grown(g volume.Grid, marginMM float64, patch [3]int) region {
	margin := voxels(marginMM, g)
	for a := range b.from {
		b.from[a], b.to[a] = max(0, b.from[a]-margin[a]), min(g.Size[a], b.to[a]+margin[a])
		missing := max(0, patch[a]-(b.to[a]-b.from[a]))
		b.from[a] = max(0, b.from[a]-missing/2)
		b.to[a] = min(g.Size[a], max(b.to[a], b.from[a]+patch[a]))
		b.from[a] = max(0, min(b.from[a], b.to[a]-patch[a]))
	}
	return b
}

// voxels returns a length in voxels along each axis, rounded up.
func voxels(mm float64, g volume.Grid) (n [3]int) {
	for a := range n {
		n[a] = int(math.Ceil(mm / g.SpacingMM[a]))
	}
	return n
}
