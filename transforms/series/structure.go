package series

import (
	"math"
	"slices"

	"ctcohort/io/dicomio"
)

// FromStructureSet returns the label that an RTSTRUCT holds. One without a region
// of lung or infection, or whose regions enclose nothing, is a *Reject.
//
// Contours are placed on slices by position, to a tenth of the slices' step; a
// slice that no contour lies on stays empty. A voxel belongs when its centre lies
// inside a contour or, to a hundredth of a voxel, on its line. Within a slice a
// region's contours are put together by the even-odd rule, as PS3.3 C.8.8.6.3 has
// it for keyholes and for CLOSEDPLANAR_XOR, and as planning systems mean
// CLOSED_PLANAR contours that lie within others: holes. CLOSED_PLANAR contours that
// overlap in part are joined, as nobody draws such a hole.
func FromStructureSet(set *dicomio.StructureSet, names Names) (*Label, error) {
	d := &contours{}
	l := &Label{
		Created: set.Created, series: set.ReferencedSeriesUIDs, instances: setOf(set.ReferencedSOPUIDs),
		drawing: d, info: LabelInfo{Source: "rtstruct"},
	}
	for n := range set.ROIs {
		roi := &set.ROIs[n]
		class := names.Class([]string{roi.Name, roi.Description}, roi.Codes)
		if len(roi.Contours) == 0 {
			l.info.Segments++
			continue // listed, but not drawn
		}
		l.sort(class, roi.Name)
		if class == Background {
			continue
		}
		if l.frame != "" && roi.FrameOfReferenceUID != l.frame {
			return nil, &Reject{Code: LabelGeometry, Detail: "regions of lung and infection have several frames of reference"}
		}
		l.frame = roi.FrameOfReferenceUID
		closed := slices.Clone(roi.Contours)
		closed = slices.DeleteFunc(closed, func(c dicomio.Contour) bool { return !c.Closed() })
		l.info.OpenContours += len(roi.Contours) - len(closed)
		if len(closed) > 0 {
			d.regions = append(d.regions, region{class: class, contours: distinct(closed)})
		}
	}
	switch {
	case l.info.SegmentsUsed == 0:
		return nil, &Reject{Code: LabelNames, Detail: "no region with contours is named lung or infection: " + listed(l.info.Unused)}
	case len(d.regions) == 0:
		return nil, &Reject{Code: LabelContours, Detail: "regions of lung and infection have points and open lines only, which enclose nothing"}
	}
	l.info.Planes = len(d.points())
	return l, nil
}

// distinct drops contours that are there already, point by point.
func distinct(all []dicomio.Contour) []dicomio.Contour {
	var out []dicomio.Contour
	byStart := map[[3]float64][]int{}
	for _, c := range all {
		if c.Type == "CLOSED_PLANAR" {
			same := func(i int) bool { return slices.Equal(out[i].PointsMM, c.PointsMM) }
			if slices.ContainsFunc(byStart[c.PointsMM[0]], same) {
				continue
			}
			byStart[c.PointsMM[0]] = append(byStart[c.PointsMM[0]], len(out))
		}
		out = append(out, c)
	}
	return out
}

// contours is the drawing of an RTSTRUCT.
type contours struct{ regions []region }

type region struct {
	class    uint8
	contours []dicomio.Contour
}

func (d *contours) points() [][3]float64 {
	var points [][3]float64
	for _, r := range d.regions {
		for _, c := range r.contours {
			points = append(points, c.PointsMM[0])
		}
	}
	return points
}

// on places contours on slices and takes their points to the grid's indices.
func (d *contours) on(s *Stack, info *LabelInfo) (int, func(int, []uint8), *Reject) {
	p := flat{stack: s}
	tolerance := max(evenTolerance*s.stepMM, 5*samePositionMM)
	lines := make([][][]line, len(s.heightsMM)) // of each slice and region
	for n, r := range d.regions {
		for _, c := range r.contours {
			l, height, spread := p.line(&c)
			if spread > 2*tolerance {
				return 0, nil, &Reject{Code: LabelGeometry, Detail: "a contour is not parallel to the slices"}
			}
			k := s.nearest(height)
			if math.Abs(s.heightsMM[k]-height) > tolerance || !l.reaches(s.grid.Size[0], s.grid.Size[1]) {
				info.PlanesOutside++
				continue
			}
			if lines[k] == nil {
				lines[k] = make([][]line, len(d.regions))
			}
			lines[k][n] = append(lines[k][n], l)
		}
	}
	canvas := newCanvas(s.grid.Size[0], s.grid.Size[1])
	drawn, first, last := 0, len(lines), -1
	for k := range lines {
		if slices.ContainsFunc(lines[k], canvas.tooMuch) {
			return 0, nil, &Reject{Code: LabelContours, Detail: "more contours on one slice than anybody draws"}
		}
		if lines[k] != nil {
			drawn++
			first, last = min(first, k), k
		}
	}
	info.SlicesSkipped = max(0, last-first+1-drawn)
	joined := make([]int, len(lines)) // a slice may be drawn more than once
	return drawn, func(slice int, dst []uint8) {
		info.Joined -= joined[slice]
		joined[slice] = 0
		for n, ls := range lines[slice] {
			if len(ls) == 0 {
				continue
			}
			joined[slice] += canvas.region(ls)
			class := d.regions[n].class
			for i, in := range canvas.inside {
				if in {
					dst[i] = max(dst[i], class)
				}
			}
		}
		info.Joined += joined[slice]
	}, nil
}

// nearest returns the slice nearest to a height.
func (s *Stack) nearest(height float64) int {
	k, _ := slices.BinarySearch(s.heightsMM, height)
	if k == len(s.heightsMM) || k > 0 && height-s.heightsMM[k-1] < s.heightsMM[k]-height {
		return k - 1
	}
	return k
}

// flat takes points to a stack's grid.
type flat struct{ stack *Stack }

// line returns a contour in grid indices, its mean height above the first slice,
// and how far its points' heights differ, in mm.
func (p flat) line(c *dicomio.Contour) (l line, height, spread float64) {
	g := p.stack.grid
	normal := p.stack.head.Normal()
	gx := []float64{g.Direction[0], g.Direction[3], g.Direction[6]}
	gy := []float64{g.Direction[1], g.Direction[4], g.Direction[7]}
	skew := dot(gx, gy) // 0 but for the rounding of cosines
	low, high := math.Inf(1), math.Inf(-1)
	l = line{xor: c.Type == "CLOSEDPLANAR_XOR", points: make([][2]float64, len(c.PointsMM))}
	for i, point := range c.PointsMM {
		d := sub(point, g.OriginMM)
		u, v := dot(d, gx), dot(d, gy)
		l.points[i] = [2]float64{(u - skew*v) / (1 - skew*skew) / g.SpacingMM[0], (v - skew*u) / (1 - skew*skew) / g.SpacingMM[1]}
		z := dot(normal[:], sub(point, p.stack.head.PositionMM))
		low, high = min(low, z), max(high, z)
	}
	return l, (low + high) / 2, high - low
}
