package series

import (
	"math"
	"slices"

	"ctcohort/io/dicomio"
)

// FromSegmentation returns the label that a DICOM SEG holds. A SEG without a
// segment of lung or infection is a *Reject.
func FromSegmentation(seg *dicomio.Segmentation, names Names) (*Label, error) {
	d := &segments{seg: seg, classes: make([]uint8, 1<<16)}
	l := &Label{
		Created: seg.Created, frame: seg.FrameOfReferenceUID, series: seg.ReferencedSeriesUIDs,
		instances: setOf(seg.ReferencedSOPUIDs), drawing: d, info: LabelInfo{Source: "seg"},
	}
	for _, s := range seg.Segments {
		if s.Number < 1 || s.Number >= len(d.classes) {
			continue
		}
		class := names.Class([]string{s.Label, s.Description}, s.Codes)
		d.classes[s.Number] = class
		l.sort(class, s.Label)
	}
	if l.info.SegmentsUsed == 0 {
		return nil, &Reject{Code: LabelNames, Detail: "no segment is named lung or infection: " + listed(l.info.Unused)}
	}
	for i, f := range seg.Frames {
		if seg.Type == "LABELMAP" || d.classes[uint16(f.Segment)] != Background {
			d.used = append(d.used, i)
		}
	}
	l.info.Planes = len(d.used)
	return l, nil
}

// setOf returns the values as a set.
func setOf(values []string) map[string]bool {
	set := make(map[string]bool, len(values))
	for _, v := range values {
		set[v] = true
	}
	return set
}

// segments is the drawing of a DICOM SEG.
type segments struct {
	seg     *dicomio.Segmentation
	classes []uint8 // by number
	used    []int   // frames of lung or infection
}

func (d *segments) points() [][3]float64 {
	points := make([][3]float64, len(d.used))
	for n, i := range d.used {
		points[n] = d.seg.Frames[i].PositionMM
	}
	return points
}

// on places each slice on the nearest plane, or planes, within half of a step.
// Of planes that are finer than the slices, those between take no part.
func (d *segments) on(s *Stack, info *LabelInfo) (int, func(int, []uint8), *Reject) {
	normal := s.head.Normal()
	heights := make([]float64, len(d.used))
	for n, i := range d.used {
		f := d.seg.Frames[i]
		along := (&dicomio.SliceHeader{Orientation: f.Orientation}).Normal()
		if math.Abs(dot(normal[:], along[:])) < math.Cos(0.5*math.Pi/180) {
			return 0, nil, &Reject{Code: LabelGeometry, Detail: "planes of the segmentation are not parallel to the slices"}
		}
		heights[n] = dot(normal[:], sub(f.PositionMM, s.head.PositionMM))
	}
	p := painter{segments: d, stack: s, info: info, buffer: make([]uint16, d.seg.Rows*d.seg.Columns)}
	reach := planeStep(heights, s.stepMM) / 2
	p.frames = make([][]int, len(s.heightsMM))
	drawn := 0
	for k, z := range s.heightsMM {
		nearest := math.Inf(1)
		for _, h := range heights {
			nearest = min(nearest, math.Abs(h-z))
		}
		if nearest > reach {
			continue
		}
		drawn++
		for n, h := range heights {
			if math.Abs(math.Abs(h-z)-nearest) < samePositionMM {
				p.frames[k] = append(p.frames[k], d.used[n])
			}
		}
		info.Exact = info.Exact && nearest < evenTolerance*s.stepMM
	}
	for n, h := range heights {
		if s.distance(h) > reach && p.holds(d.used[n]) {
			info.PlanesOutside++
		}
	}
	return drawn, p.slice, nil
}

// distance returns how far a height lies from the nearest slice, in mm.
func (s *Stack) distance(height float64) float64 {
	k, _ := slices.BinarySearch(s.heightsMM, height)
	nearest := math.Inf(1)
	if k < len(s.heightsMM) {
		nearest = s.heightsMM[k] - height
	}
	if k > 0 {
		nearest = min(nearest, height-s.heightsMM[k-1])
	}
	return nearest
}

// planeStep is the distance of neighbouring planes: the smallest there is, as
// sparse segmentations leave planes out, but no less than a slice's rounding.
func planeStep(heights []float64, slice float64) float64 {
	sorted := slices.Sorted(slices.Values(heights))
	step := math.Inf(1)
	for i := 1; i < len(sorted); i++ {
		if d := sorted[i] - sorted[i-1]; d >= samePositionMM {
			step = min(step, d)
		}
	}
	if math.IsInf(step, 1) {
		return slice
	}
	return max(step, slice)
}

// painter draws frames on the slices of a stack.
type painter struct {
	*segments
	stack  *Stack
	info   *LabelInfo
	frames [][]int // of each slice: the frames on it
	buffer []uint16

	drawn, beside float64 // pixels of lung and infection; those of them beside the grid
}

// holds says whether a frame has any lung or infection.
func (p *painter) holds(frame int) bool {
	p.seg.Labels(frame, p.buffer)
	return slices.ContainsFunc(p.buffer, func(n uint16) bool { return p.classes[n] != Background })
}

func (p *painter) slice(slice int, dst []uint8) {
	for _, i := range p.frames[slice] {
		p.seg.Labels(i, p.buffer)
		p.paint(&p.seg.Frames[i], slice, dst)
	}
	if p.drawn > 0 {
		p.info.OutsideShare = p.beside / p.drawn
	}
}

// paint writes the buffer's classes to a plane, pixel by nearest pixel.
func (p *painter) paint(f *dicomio.SegmentationFrame, slice int, dst []uint8) {
	g := p.stack.grid
	origin := g.Point(0, 0, 0)
	normal := p.stack.head.Normal()
	for r := range 3 {
		origin[r] += normal[r] * p.stack.heightsMM[slice]
	}
	d := sub(origin, f.PositionMM)
	row, column := f.Orientation[:3], f.Orientation[3:]
	gx := []float64{g.Direction[0], g.Direction[3], g.Direction[6]}
	gy := []float64{g.Direction[1], g.Direction[4], g.Direction[7]}
	// The frame's column and row index of grid index (x, y) is start + x·perX + y·perY.
	m := mapping{
		startC: dot(d, row) / f.PixelSpacingMM[1], startR: dot(d, column) / f.PixelSpacingMM[0],
		cx: dot(gx, row) * g.SpacingMM[0] / f.PixelSpacingMM[1], cy: dot(gy, row) * g.SpacingMM[1] / f.PixelSpacingMM[1],
		rx: dot(gx, column) * g.SpacingMM[0] / f.PixelSpacingMM[0], ry: dot(gy, column) * g.SpacingMM[1] / f.PixelSpacingMM[0],
	}
	p.info.Exact = p.info.Exact && m.whole()
	p.measure(m)
	columns, rows := p.seg.Columns, p.seg.Rows
	if math.Abs(m.cy)+math.Abs(m.rx) < 1e-9 { // rows of the frame are rows of the grid
		at := make([]int, g.Size[0])
		for x := range at {
			at[x] = nearest(m.startC+float64(x)*m.cx, columns)
		}
		for y := range g.Size[1] {
			if r := nearest(m.startR+float64(y)*m.ry, rows); r >= 0 {
				p.row(at, p.buffer[r*columns:][:columns], dst[y*g.Size[0]:][:g.Size[0]])
			}
		}
		return
	}
	for y := range g.Size[1] {
		for x := range g.Size[0] {
			c := nearest(m.startC+float64(x)*m.cx+float64(y)*m.cy, columns)
			r := nearest(m.startR+float64(x)*m.rx+float64(y)*m.ry, rows)
			if c >= 0 && r >= 0 {
				at := &dst[y*g.Size[0]+x]
				*at = max(*at, p.classes[p.buffer[r*columns+c]])
			}
		}
	}
}

// row raises dst to the classes of the source's pixels at the given columns, −1 being none.
func (p *painter) row(at []int, source []uint16, dst []uint8) {
	for x, c := range at {
		if c >= 0 {
			dst[x] = max(dst[x], p.classes[source[c]])
		}
	}
}

// measure counts the buffer's pixels of lung and infection, and those of them
// that lie beside the grid.
func (p *painter) measure(m mapping) {
	nx, ny := float64(p.stack.grid.Size[0]), float64(p.stack.grid.Size[1])
	det := m.cx*m.ry - m.cy*m.rx // never 0: both planes are parallel
	for i, number := range p.buffer {
		if p.classes[number] == Background {
			continue
		}
		c, r := float64(i%p.seg.Columns)-m.startC, float64(i/p.seg.Columns)-m.startR
		x, y := (m.ry*c-m.cy*r)/det, (m.cx*r-m.rx*c)/det
		p.drawn++
		if x < -0.5 || y < -0.5 || x >= nx-0.5 || y >= ny-0.5 {
			p.beside++
		}
	}
}

// mapping takes grid indices to a frame's.
type mapping struct{ startC, startR, cx, cy, rx, ry float64 }

// whole says whether each grid point is one pixel's centre, and each pixel's a grid point.
func (m mapping) whole() bool {
	if math.Abs(math.Abs(m.cx*m.ry-m.cy*m.rx)-1) >= 0.1 {
		return false
	}
	for _, v := range []float64{m.startC, m.startR, m.cx, m.cy, m.rx, m.ry} {
		if math.Abs(v-math.Round(v)) >= 0.1 { // of a pixel; the ratio of two spacings that differ by rounding is whole
			return false
		}
	}
	return true
}

// nearest returns the pixel of n that an index falls in, −1 outside them.
func nearest(at float64, n int) int {
	if i := int(math.Floor(at + 0.5)); i >= 0 && i < n {
		return i
	}
	return -1
}
