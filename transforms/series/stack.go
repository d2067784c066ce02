package series

import (
	"fmt"
	"math"
	"slices"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

const (
	// samePositionMM is how near two slices are at one position.
	samePositionMM = 0.01
	// evenTolerance is how far, in steps, a slice may lie from an even grid.
	evenTolerance = 0.1
	// copyTolerance is how far, in steps, a slice is taken as it is for a plane.
	copyTolerance = 0.02
	// driftTolerance is how far, in pixels, slices may stray sideways before
	// they are shifted back, and from a straight line once they are.
	driftTolerance = 0.1
	// maxTiltDegrees is beyond what a gantry does.
	maxTiltDegrees = 45
	// A gap is interpolated up to maxGapSteps, or maxGapMM where that is more.
	maxGapSteps, maxGapMM = 4, 10
)

// Stack is slices in order along their normal and the regular grid they fill.
type Stack struct {
	Slices []int // indices of the headers given to Plan, in the order of position

	headers    []dicomio.SliceHeader // that were given to Plan
	head       dicomio.SliceHeader   // of the first slice
	instances  []string              // SOP Instance UIDs of the slices
	part       int
	parts      int // of the series
	duplicates int
	lost       int
	thickness  float64
	grid       volume.Grid  // as the slices lie; Build then turns it
	heightsMM  []float64    // of the slices along the normal, from the first
	shift      [][2]float64 // of each slice against the grid, in pixels; nil for none
	tilt       float64      // degrees
	even       bool         // every plane of the grid is one slice
	snap       float64      // how far, in steps, a slice may lie from the plane it is taken for
	stepMM     float64      // median
	gapMaxMM   float64
}

// newStack finds the grid for slices in order of position, each with its own.
func newStack(headers []dicomio.SliceHeader, members []int) (*Stack, *Reject) {
	if len(members) < MinSlices {
		return nil, &Reject{Code: TooFewSlices, Detail: fmt.Sprintf("%d slices fit together", len(members))}
	}
	s := &Stack{Slices: members, headers: headers, head: headers[members[0]]}
	n := s.head.Normal()
	var steps, thickness []float64
	for k, i := range members {
		z := dot(n[:], sub(headers[i].PositionMM, s.head.PositionMM))
		if k > 0 {
			steps = append(steps, z-s.heightsMM[k-1])
		}
		s.heightsMM = append(s.heightsMM, z)
		thickness = append(thickness, headers[i].ThicknessMM)
		s.instances = append(s.instances, headers[i].SOPInstanceUID)
	}
	s.stepMM, s.gapMaxMM, s.thickness = median(steps), slices.Max(steps), median(thickness)
	if s.gapMaxMM > max(maxGapMM, maxGapSteps*s.stepMM) {
		return nil, &Reject{Code: SliceGap, Detail: fmt.Sprintf("a gap of %.1f mm where the step is %.2f mm", s.gapMaxMM, s.stepMM)}
	}
	last := s.heightsMM[len(members)-1]
	planes, step := len(members), last/float64(len(members)-1)
	if s.even = even(s.heightsMM); !s.even {
		planes, step, s.snap = s.holes(last)
		if planes > 2*len(members) {
			return nil, &Reject{Code: InconsistentGeometry, Detail: "more planes are missing than there are slices"}
		}
	}
	row, column := s.head.Orientation[:3], s.head.Orientation[3:]
	s.grid = volume.Grid{
		Size:      [3]int{s.head.Columns, s.head.Rows, planes},
		SpacingMM: [3]float64{s.head.PixelSpacingMM[1], s.head.PixelSpacingMM[0], step},
		OriginMM:  s.head.PositionMM,
		Direction: [9]float64{row[0], column[0], n[0], row[1], column[1], n[1], row[2], column[2], n[2]},
	}
	if reject := s.straighten(); reject != nil {
		return nil, reject
	}
	return s, nil
}

// Without returns the stack without slices that cannot be decoded, by their
// indices. Between others they are a gap like any other. Where the first or last
// slice is among them nothing can stand for them, and the volume would silently
// be shorter than the scan: that is a reject, as are a gap that is too wide and
// more than a tenth of all slices.
func (s *Stack) Without(lost []int) (*Stack, *Reject) {
	kept := slices.DeleteFunc(slices.Clone(s.Slices), func(i int) bool { return slices.Contains(lost, i) })
	n := len(s.Slices) - len(kept)
	if end := len(s.Slices) - 1; n > 0 && (slices.Contains(lost, s.Slices[0]) || slices.Contains(lost, s.Slices[end])) {
		return nil, &Reject{Code: SlicesLost, Detail: fmt.Sprintf("%d of %d slices cannot be decoded, the first or last among them", n, end+1)}
	}
	if n*10 > len(s.Slices) {
		return nil, &Reject{Code: SlicesLost, Detail: fmt.Sprintf("%d of %d slices cannot be decoded, more than a tenth", n, len(s.Slices))}
	}
	out, reject := newStack(s.headers, kept)
	if reject != nil {
		return nil, &Reject{Code: SlicesLost, Detail: fmt.Sprintf("%d of %d slices cannot be decoded: %s", n, len(s.Slices), reject.Detail)}
	}
	out.part, out.parts, out.duplicates, out.lost = s.part, s.parts, s.duplicates, s.lost+n
	return out, nil
}

// holes returns the grid of slices that are not evenly spaced. Where they lie on
// an even grid of which some planes are missing, it is that grid, else one of
// the median step.
func (s *Stack) holes(last float64) (planes int, step, snap float64) {
	total := 0
	at := make([]float64, len(s.heightsMM))
	for k := 1; k < len(at); k++ {
		total += int(math.Round((s.heightsMM[k] - s.heightsMM[k-1]) / s.stepMM))
		at[k] = float64(total)
	}
	if total > 0 {
		step = last / float64(total)
		fits := true
		for k, z := range s.heightsMM {
			fits = fits && math.Abs(z-at[k]*step) <= evenTolerance*step
		}
		if fits {
			return total + 1, step, evenTolerance
		}
	}
	return int(math.Round(last/s.stepMM)) + 1, s.stepMM, copyTolerance
}

// even says whether heights are equal steps, but for rounding of positions.
func even(heights []float64) bool {
	n := len(heights) - 1
	step := (heights[n] - heights[0]) / float64(n)
	for k, z := range heights {
		if math.Abs(z-heights[0]-float64(k)*step) > evenTolerance*step {
			return false
		}
	}
	return true
}

// straighten finds a gantry tilt: positions that drift sideways in proportion to
// their height. The grid then widens so that all slices fit on it, each shifted.
func (s *Stack) straighten() *Reject {
	row, column := s.head.Orientation[:3], s.head.Orientation[3:]
	drift := make([][2]float64, len(s.Slices)) // in pixels
	var most float64
	for k, i := range s.Slices {
		d := sub(s.headers[i].PositionMM, s.head.PositionMM)
		drift[k] = [2]float64{dot(d, row) / s.grid.SpacingMM[0], dot(d, column) / s.grid.SpacingMM[1]}
		most = max(most, math.Abs(drift[k][0]), math.Abs(drift[k][1]))
	}
	if most <= driftTolerance {
		return nil
	}
	end := len(drift) - 1
	for k, z := range s.heightsMM {
		for c := range 2 {
			if math.Abs(drift[k][c]-drift[end][c]*z/s.heightsMM[end]) > driftTolerance {
				return &Reject{Code: InconsistentGeometry, Detail: "positions do not lie on a straight line"}
			}
		}
	}
	sideways := math.Hypot(drift[end][0]*s.grid.SpacingMM[0], drift[end][1]*s.grid.SpacingMM[1])
	if s.tilt = math.Atan2(sideways, s.heightsMM[end]) * 180 / math.Pi; s.tilt > maxTiltDegrees {
		return &Reject{Code: InconsistentGeometry, Detail: "positions drift more than a gantry can tilt"}
	}
	s.widen(drift)
	return nil
}

func (s *Stack) widen(drift [][2]float64) {
	end := drift[len(drift)-1]
	var from [2]float64
	for c := range 2 {
		if math.Abs(end[c]) <= driftTolerance {
			for k := range drift {
				drift[k][c] = 0
			}
			continue
		}
		from[c] = math.Floor(min(0, end[c]))
		s.grid.Size[c] += int(math.Ceil(math.Abs(end[c])))
	}
	s.grid.OriginMM = s.grid.Point(from[0], from[1], 0)
	for k := range drift {
		drift[k][0] -= from[0]
		drift[k][1] -= from[1]
	}
	s.shift = drift
}

// median of an even number of values is the lower of the middle two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
