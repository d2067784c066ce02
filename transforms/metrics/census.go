package metrics

import (
	"encoding/binary"
	"runtime"

	"ctcohort/model/volume"
)

// A code has a bit a label and mask, so that one pass counts both labels.
const (
	lungPredicted = 1 << iota
	infectionPredicted
	lungReferred
	infectionReferred
)

// codeOf is the code of a label in the prediction; shifted by two, in the reference.
var codeOf = [256]uint8{1: lungPredicted, 2: lungPredicted | infectionPredicted}

// census is what one pass over the label maps finds.
type census struct {
	voxels [16]int      // by code
	sumHU  [4]int64     // by the prediction's code
	boxes  [2]joinedBox // of lung, of infection
}

// joinedBox bounds the voxels of prediction or reference: lo ≤ index < hi, empty where hi ≤ lo.
type joinedBox struct{ lo, hi [3]int }

func (b joinedBox) size() (s [3]int) {
	for c := range s {
		s[c] = max(0, b.hi[c]-b.lo[c])
	}
	return s
}

// count makes the census; reference and hu may be nil.
func count(prediction, reference *volume.Volume[uint8], hu *volume.Volume[int16]) census {
	nx, ny, nz := prediction.Size[0], prediction.Size[1], prediction.Size[2]
	empty := joinedBox{lo: prediction.Size}
	parts := make([]census, runtime.GOMAXPROCS(0))
	for i := range parts {
		parts[i].boxes = [2]joinedBox{empty, empty}
	}
	blank := make([]uint8, nx)
	parallel(nz, func(worker, z int) {
		part := &parts[worker]
		for y := range ny {
			at := (z*ny + y) * nx
			p, r := prediction.Data[at:at+nx], blank
			if reference != nil {
				r = reference.Data[at : at+nx]
			}
			found := part.addRow(p, r)
			for label := range part.boxes {
				if mask := uint8((lungPredicted | lungReferred) << label); found&mask != 0 {
					part.boxes[label].addRow(p, r, mask, y, z)
				}
			}
			if hu != nil && found&lungPredicted != 0 {
				for x, v := range hu.Data[at : at+nx] {
					part.sumHU[codeOf[p[x]]] += int64(v)
				}
			}
		}
	})
	total := parts[0]
	for _, part := range parts[1:] {
		total.add(part)
	}
	return total
}

// addRow counts a row and returns the codes that were in it, or-ed.
func (c *census) addRow(p, r []uint8) (found uint8) {
	x := 0
	for ; x+8 <= len(p); x += 8 {
		if binary.LittleEndian.Uint64(p[x:])|binary.LittleEndian.Uint64(r[x:]) == 0 {
			c.voxels[0] += 8
			continue
		}
		for i := x; i < x+8; i++ {
			code := codeOf[p[i]] | codeOf[r[i]]<<2
			c.voxels[code]++
			found |= code
		}
	}
	for ; x < len(p); x++ {
		code := codeOf[p[x]] | codeOf[r[x]]<<2
		c.voxels[code]++
		found |= code
	}
	return found
}

// addRow widens the box by the voxels of a row that have a code in mask.
func (b *joinedBox) addRow(p, r []uint8, mask uint8, y, z int) {
	b.lo[1], b.hi[1] = min(b.lo[1], y), max(b.hi[1], y+1)
	b.lo[2], b.hi[2] = min(b.lo[2], z), max(b.hi[2], z+1)
	for x := 0; x < b.lo[0]; x++ {
		if (codeOf[p[x]]|codeOf[r[x]]<<2)&mask != 0 {
			b.lo[0] = x
		}
	}
	for x := len(p); x > b.hi[0]; x-- {
		if (codeOf[p[x-1]]|codeOf[r[x-1]]<<2)&mask != 0 {
			b.hi[0] = x
		}
	}
}

func (c *census) add(o census) {
	for i, n := range o.voxels {
		c.voxels[i] += n
	}
	for i, s := range o.sumHU {
		c.sumHU[i] += s
	}
	for label := range c.boxes {
		for axis := range 3 {
			b, other := &c.boxes[label], o.boxes[label]
			b.lo[axis] = min(b.lo[axis], other.lo[axis])
			b.hi[axis] = max(b.hi[axis], other.hi[axis])
		}
	}
}

// overlap counts the voxels of one label.
type overlap struct {
	both, predictedOnly, referredOnly, neither int
	sumHU                                      int64 // over the predicted
}

func (c *census) overlap(label int) (o overlap) {
	for code, n := range c.voxels {
		predicted, referred := code>>label&1 != 0, code>>(label+2)&1 != 0
		switch {
		case predicted && referred:
			o.both += n
		case predicted:
			o.predictedOnly += n
		case referred:
			o.referredOnly += n
		default:
			o.neither += n
		}
	}
	for code, s := range c.sumHU {
		if code>>label&1 != 0 {
			o.sumHU += s
		}
	}
	return o
}

func (o overlap) predicted() int { return o.both + o.predictedOnly }

func (o overlap) referred() int { return o.both + o.referredOnly }
