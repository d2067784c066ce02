package series

import (
	"math"
	"slices"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

// LabelInfo says what became of a label.
type LabelInfo struct {
	Source          string // "seg" or "nifti"
	Exact           bool   // its grid is the volume's; otherwise nearest neighbours were taken
	Segments        int    // of the file
	SegmentsUsed    int    // that are lung or infection
	Frames          int    // of the used segments
	FramesOutside   int    // of those, frames that no slice lies on
	LungVoxels      int
	InfectionVoxels int
}

// SegmentationLabels returns the label volume of a segmentation on the grid of
// the volume that info describes, placed by the position of its planes. Where
// lung and infection overlap, infection wins. Planes interpolated between slices
// take the nearer slice's labels, as the segmentation was drawn on slices.
func SegmentationLabels(seg *dicomio.Segmentation, names Names, info Info) (*volume.Volume[uint8], LabelInfo, error) {
	l := labeller{seg: seg, stack: info.stack, info: LabelInfo{Source: "seg", Exact: true, Segments: len(seg.Segments)}}
	l.classes = map[uint16]uint8{}
	for _, s := range seg.Segments {
		if class := names.Class(s); class != Background && s.Number > 0 && s.Number < 1<<16 {
			l.classes[uint16(s.Number)] = class
			l.info.SegmentsUsed++
		}
	}
	if l.info.SegmentsUsed == 0 {
		return nil, l.info, &Reject{Code: LabelNames, Detail: "no segment is named lung or infection"}
	}
	if reject := l.place(); reject != nil {
		return nil, l.info, reject
	}
	v := volume.New[uint8](l.stack.grid)
	size := v.Size[0] * v.Size[1]
	for z := range v.Size[2] {
		l.plane(z, v.Data[z*size:(z+1)*size])
	}
	l.info.LungVoxels, l.info.InfectionVoxels = count(v.Data)
	return canonical(v), l.info, nil
}

type labeller struct {
	seg     *dicomio.Segmentation
	stack   *Stack
	classes map[uint16]uint8
	frames  [][]int // of each slice: the frames on it
	info    LabelInfo
	buffer  []uint16
}

// place finds the slice, or slices, that each frame lies on: the nearest plane
// of the segmentation within half of its step.
func (l *labeller) place() *Reject {
	normal := l.stack.head.Normal()
	var used []int
	var heights []float64
	for i, f := range l.seg.Frames {
		if l.seg.Type != "LABELMAP" && l.classes[uint16(f.Segment)] == Background {
			continue
		}
		fn := (&dicomio.SliceHeader{Orientation: f.Orientation}).Normal()
		if math.Abs(dot(normal[:], fn[:])) < math.Cos(0.5*math.Pi/180) {
			return &Reject{Code: LabelGeometry, Detail: "planes of the segmentation are not parallel to the slices"}
		}
		used = append(used, i)
		heights = append(heights, dot(normal[:], sub(f.PositionMM, l.stack.head.PositionMM)))
	}
	l.info.Frames = len(used)
	reach := planeStep(heights, l.stack.stepMM) / 2
	l.frames = make([][]int, len(l.stack.heightsMM))
	hit := make([]bool, len(used))
	for k, z := range l.stack.heightsMM {
		nearest := math.Inf(1)
		for _, h := range heights {
			nearest = min(nearest, math.Abs(h-z))
		}
		if nearest > reach {
			continue
		}
		for n, h := range heights {
			if math.Abs(math.Abs(h-z)-nearest) < samePositionMM {
				l.frames[k] = append(l.frames[k], used[n])
				hit[n] = true
			}
		}
		l.info.Exact = l.info.Exact && nearest < evenTolerance*l.stack.stepMM
	}
	for _, h := range hit {
		if !h {
			l.info.FramesOutside++
		}
	}
	if l.info.Frames == 0 || 2*l.info.FramesOutside > l.info.Frames {
		return &Reject{Code: LabelOutside, Detail: "most planes of the segmentation lie on no slice"}
	}
	return nil
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

// plane fills plane z of the grid from the frames on the slice nearest to it.
func (l *labeller) plane(z int, dst []uint8) {
	lower, upper, weight := l.stack.around(z)
	slice := lower
	if weight > 0.5 {
		slice = upper
	}
	if l.buffer == nil {
		l.buffer = make([]uint16, l.seg.Rows*l.seg.Columns)
	}
	for _, i := range l.frames[slice] {
		l.seg.Labels(i, l.buffer)
		l.paint(&l.seg.Frames[i], slice, dst)
	}
}

// paint writes the buffer's classes to a plane, pixel by nearest pixel. A
// class is only ever raised, so that infection lies over lung.
func (l *labeller) paint(f *dicomio.SegmentationFrame, slice int, dst []uint8) {
	g := l.stack.grid
	origin := g.Point(0, 0, 0)
	normal := l.stack.head.Normal()
	for r := range 3 {
		origin[r] += normal[r] * l.stack.heightsMM[slice]
	}
	d := sub(origin, f.PositionMM)
	row, column := f.Orientation[:3], f.Orientation[3:]
	gx := []float64{g.Direction[0], g.Direction[3], g.Direction[6]}
	gy := []float64{g.Direction[1], g.Direction[4], g.Direction[7]}
	// The frame's column and row index of grid index (x, y) is start + x·perX + y·perY.
	startC, startR := dot(d, row)/f.PixelSpacingMM[1], dot(d, column)/f.PixelSpacingMM[0]
	cx, cy := dot(gx, row)*g.SpacingMM[0]/f.PixelSpacingMM[1], dot(gy, row)*g.SpacingMM[1]/f.PixelSpacingMM[1]
	rx, ry := dot(gx, column)*g.SpacingMM[0]/f.PixelSpacingMM[0], dot(gy, column)*g.SpacingMM[1]/f.PixelSpacingMM[0]
	l.info.Exact = l.info.Exact && whole(startC) && whole(startR) && whole(cx) && whole(cy) && whole(rx) && whole(ry)
	if math.Abs(cy)+math.Abs(rx) < 1e-9 { // rows of the frame are rows of the grid
		columns := make([]int, g.Size[0])
		for x := range columns {
			columns[x] = nearest(startC+float64(x)*cx, l.seg.Columns)
		}
		for y := range g.Size[1] {
			r := nearest(startR+float64(y)*ry, l.seg.Rows)
			if r < 0 {
				continue
			}
			source, row := l.buffer[r*l.seg.Columns:][:l.seg.Columns], dst[y*g.Size[0]:][:g.Size[0]]
			for x, c := range columns {
				if c >= 0 && source[c] != 0 {
					row[x] = max(row[x], l.classes[source[c]])
				}
			}
		}
		return
	}
	for y := range g.Size[1] {
		for x := range g.Size[0] {
			c := nearest(startC+float64(x)*cx+float64(y)*cy, l.seg.Columns)
			r := nearest(startR+float64(x)*rx+float64(y)*ry, l.seg.Rows)
			if c < 0 || r < 0 {
				continue
			}
			if number := l.buffer[r*l.seg.Columns+c]; number != 0 {
				at := &dst[y*g.Size[0]+x]
				*at = max(*at, l.classes[number])
			}
		}
	}
}

// nearest returns the pixel of n that an index falls in, −1 outside them.
func nearest(at float64, n int) int {
	if i := int(math.Floor(at + 0.5)); i >= 0 && i < n {
		return i
	}
	return -1
}

// whole says whether v is an integer, to a tenth of a pixel; a ratio of two
// spacings that differ by their rounding is.
func whole(v float64) bool { return math.Abs(v-math.Round(v)) < 0.1 }

// VolumeLabels returns a label volume of 0, 1 and 2 on grid g, by nearest
// neighbours where its own grid is another.
func VolumeLabels(label *volume.Volume[uint8], g volume.Grid, workers int) (*volume.Volume[uint8], LabelInfo, error) {
	info := LabelInfo{Source: "nifti", Exact: label.Near(g, 0.1*slices.Min(g.SpacingMM[:]))}
	for _, c := range label.Data {
		if c > Infection {
			return nil, info, &Reject{Code: LabelValues, Detail: "the label map holds other values than 0, 1 and 2"}
		}
	}
	out := label
	if !info.Exact {
		out = volume.NearestOnto(label, g, workers)
	}
	info.LungVoxels, info.InfectionVoxels = count(out.Data)
	lung, infection := count(label.Data)
	covered := float64(info.LungVoxels+info.InfectionVoxels) * g.VoxelML()
	if whole := float64(lung+infection) * label.VoxelML(); covered < whole/2 {
		return nil, info, &Reject{Code: LabelOutside, Detail: "most of the label lies outside the volume"}
	}
	return out, info, nil
}

func count(labels []uint8) (lung, infection int) {
	for _, c := range labels {
		switch c {
		case Lung:
			lung++
		case Infection:
			infection++
		}
	}
	return lung, infection
}
