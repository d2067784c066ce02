package model

import "ctcohort/model/volume"

// airHU is what lies outside a volume, and bodyHU parts the body's tissue from
// air, foam and lung.
const (
	airHU  = -1024
	bodyHU = -500
)

// Body returns which voxels lie inside the patient: the largest 6-connected
// component above −500 HU, with its holes filled in each axial and each sagittal
// slice. So the lungs, the airways and gas in the bowel lie inside; the air
// around, the table and its foam lie outside, as long as no tissue-dense bridge
// joins them to the patient. A volume of nothing but air has no body.
//
// Two planes are filled because a field of view often ends in the chest wall: the
// circle's edge opens a lung in the axial slice, and the sagittal ones are whole.
// A hole that the image's edge cuts open is filled too, where the body stands on
// that edge at both ends of the opening.
func Body(hu *volume.Volume[int16]) []bool {
	mustFit(hu.Grid, len(hu.Data))
	body := make([]bool, len(hu.Data))
	for i, h := range hu.Data {
		body[i] = h > bodyHU
	}
	ids, sizes := volume.Components(body, hu.Size, 6)
	largest := largestOf(sizes)
	for i, id := range ids {
		body[i] = id != 0 && id == largest
	}
	sagittal := sagittalHoles(body, hu.Size)
	area := hu.Size[0] * hu.Size[1]
	f := newFiller(hu.Size[0], hu.Size[1])
	for z := range hu.Size[2] {
		f.fill(body[z*area : (z+1)*area])
	}
	for i, hole := range sagittal {
		body[i] = body[i] || hole
	}
	return body
}

// sagittalHoles returns body with its holes filled in each sagittal slice. It
// takes as many slices at a time as a line of the processor's cache has voxels.
func sagittalHoles(body []bool, size [3]int) []bool {
	const together = 64
	filled := make([]bool, len(body))
	pixels := size[1] * size[2]
	slices := make([]bool, together*pixels)
	f := newFiller(size[1], size[2])
	for x := 0; x < size[0]; x += together {
		n := min(together, size[0]-x)
		for i := range pixels {
			for k, set := range body[i*size[0]+x:][:n] {
				slices[k*pixels+i] = set
			}
		}
		for k := range n {
			f.fill(slices[k*pixels:][:pixels])
		}
		for i := range pixels {
			row := filled[i*size[0]+x:][:n]
			for k := range row {
				row[k] = slices[k*pixels+i]
			}
		}
	}
	return filled
}

// largestOf returns the ID of the largest component, the first of equals, and 0
// when there is none.
func largestOf(sizes []int) (id int32) {
	most := 0
	for i, n := range sizes {
		if n > most {
			most, id = n, int32(i+1)
		}
	}
	return id
}

// filler fills the holes of one slice after another, w×h pixels each.
type filler struct {
	w, h    int
	outside []bool
	stack   []int
}

func newFiller(w, h int) *filler { return &filler{w: w, h: h, outside: make([]bool, w*h)} }

// fill sets the pixels of slice that are not reached from its edge over unset
// ones, across sides.
func (f *filler) fill(slice []bool) {
	clear(f.outside)
	f.seed(slice, 0, 1, f.w)
	f.seed(slice, (f.h-1)*f.w, 1, f.w)
	f.seed(slice, 0, f.w, f.h)
	f.seed(slice, f.w-1, f.w, f.h)
	for len(f.stack) > 0 {
		at := f.stack[len(f.stack)-1]
		f.stack = f.stack[:len(f.stack)-1]
		x := at % f.w
		if x > 0 {
			f.reach(slice, at-1)
		}
		if x < f.w-1 {
			f.reach(slice, at+1)
		}
		if at >= f.w {
			f.reach(slice, at-f.w)
		}
		if at < (f.h-1)*f.w {
			f.reach(slice, at+f.w)
		}
	}
	for i, out := range f.outside {
		slice[i] = !out
	}
}

// seed reaches the unset pixels of the edge that starts at first and has n
// pixels a step apart, but for the runs that have a set pixel at both ends.
func (f *filler) seed(slice []bool, first, step, n int) {
	lo, hi := 0, n-1
	for lo < n && !slice[first+lo*step] {
		f.reach(slice, first+lo*step)
		lo++
	}
	for hi > lo && !slice[first+hi*step] {
		f.reach(slice, first+hi*step)
		hi--
	}
}

func (f *filler) reach(slice []bool, at int) {
	if !slice[at] && !f.outside[at] {
		f.outside[at] = true
		f.stack = append(f.stack, at)
	}
}
