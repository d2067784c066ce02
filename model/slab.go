package model

import (
	"slices"
	"time"
)

// add sums a finished job into the slab, after emitting the slices that its
// windows leave behind.
func (s *slider) add(j *job, emit func(z int, sums []float32) error) error {
	start := time.Now()
	defer func() {
		s.network += j.network
		s.other += j.other + time.Since(start)
	}()
	live := 0
	for _, w := range j.windows {
		if err := s.flush(w.start[2], emit); err != nil {
			return err
		}
		if w.skip {
			s.addBackground(w.start)
			continue
		}
		n := s.classes * s.patchLen()
		s.blend(w.start, j.probabilities[live*n:(live+1)*n])
		live++
	}
	j.probabilities = nil
	return nil
}

// blend adds the weighted probabilities [class, z, y, x] of a window.
func (s *slider) blend(start [3]int, probabilities []float32) {
	nx, ny, nz := s.patch[0], s.patch[1], s.patch[2]
	for c := range s.classes {
		for z := range nz {
			for y := range ny {
				at := (z*ny + y) * nx
				w := s.weights[at : at+nx]
				p := probabilities[c*s.patchLen()+at:][:nx]
				sums := s.row(start, c, y, z)[:nx]
				for x := range sums {
					sums[x] += w[x] * p[x]
				}
			}
		}
	}
}

// addBackground adds a window whose every voxel is background with
// probability 1.
func (s *slider) addBackground(start [3]int) {
	nx, ny := s.patch[0], s.patch[1]
	for z := range s.patch[2] {
		for y := range ny {
			sums := s.row(start, 0, y, z)
			for x, w := range s.weights[(z*ny+y)*nx:][:nx] {
				sums[x] += w
			}
		}
	}
}

// row returns the sums under row (y, z) of the window at start, for class c.
func (s *slider) row(start [3]int, c, y, z int) []float32 {
	ring := (start[2] + z) % s.patch[2]
	at := ring*s.sliceLen() + (c*s.size[1]+start[1]+y)*s.size[0] + start[0]
	return s.slab[at : at+s.patch[0]]
}

// flush emits and empties the slices below upTo, to which no window will add.
func (s *slider) flush(upTo int, emit func(z int, sums []float32) error) error {
	for ; s.base < upTo; s.base++ {
		at := s.base % s.patch[2] * s.sliceLen()
		sums := s.slab[at : at+s.sliceLen()]
		if z := s.base - s.before[2]; z >= 0 && z < s.v.Size[2] {
			if err := emit(z, sums); err != nil {
				return err
			}
		}
		clear(sums)
	}
	return nil
}

// argMax writes the label of the most probable class of each pixel of a slice,
// the first of equals.
func (s *slider) argMax(sums []float32, labels []uint8) error {
	area := s.size[0] * s.size[1]
	for y := range s.v.Size[1] {
		row := (y+s.before[1])*s.size[0] + s.before[0]
		for x := range s.v.Size[0] {
			at := row + x
			best, class, total := sums[at], 0, sums[at]
			for c := 1; c < s.classes; c++ {
				p := sums[c*area+at]
				total += p
				if p > best {
					best, class = p, c
				}
			}
			if total != total {
				return ErrNotANumber
			}
			labels[y*s.v.Size[0]+x] = s.labels[class]
		}
	}
	return nil
}

// skipOutside marks the windows that hold no voxel of a mask, nor have one
// nearer than a margin in voxels.
func (s *slider) skipOutside(mask []bool, margin [3]int) {
	for i := range s.windows {
		s.windows[i].skip = !s.touches(mask, s.windows[i].start, margin)
	}
}

func (s *slider) touches(mask []bool, start, margin [3]int) bool {
	var from, to [3]int
	for a := range from {
		from[a] = max(0, start[a]-s.before[a]-margin[a])
		to[a] = min(s.v.Size[a], start[a]-s.before[a]+s.patch[a]+margin[a])
	}
	for z := from[2]; z < to[2]; z++ {
		for y := from[1]; y < to[1]; y++ {
			row := (z*s.v.Size[1] + y) * s.v.Size[0]
			if slices.Contains(mask[row+from[0]:row+to[0]], true) {
				return true
			}
		}
	}
	return false
}

func (s *slider) skipped() (n int) {
	for _, w := range s.windows {
		if w.skip {
			n++
		}
	}
	return n
}

// asked returns how many windows the network is asked for.
func (s *slider) asked() int { return len(s.windows) - s.skipped() }
