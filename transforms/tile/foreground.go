package tile

import (
	"bytes"

	"ctcohort/model/volume"
)

const (
	lung      = 1
	infection = 2
)

// A foreground draws voxels of one label.
type foreground struct {
	label  *volume.Volume[uint8]
	value  byte
	before []int // voxels of the value below each plane, and at the end in all
}

// findForeground counts the infection, or the lung where there is none. label may be nil.
func findForeground(label *volume.Volume[uint8]) *foreground {
	f := &foreground{label: label, before: []int{0}}
	if label == nil {
		return f
	}
	for _, f.value = range []byte{infection, lung} {
		f.before = f.before[:1]
		for z := range label.Size[2] {
			f.before = append(f.before, f.before[z]+bytes.Count(f.plane(z), []byte{f.value}))
		}
		if f.total() > 0 {
			break
		}
	}
	return f
}

func (f *foreground) total() int { return f.before[len(f.before)-1] }

func (f *foreground) plane(z int) []byte {
	n := f.label.Size[0] * f.label.Size[1]
	return f.label.Data[z*n : (z+1)*n]
}

// draw returns the index of a voxel, each with the same chance; hit is false
// where there is none. It uses up one number either way.
func (f *foreground) draw(d *draw) (at [3]int, hit bool) {
	n := d.below(max(1, f.total()))
	if f.total() == 0 {
		return at, false
	}
	z := 0
	for f.before[z+1] <= n {
		z++
	}
	n -= f.before[z]
	plane := f.plane(z)
	i := bytes.IndexByte(plane, f.value)
	for ; n > 0; n-- {
		i += 1 + bytes.IndexByte(plane[i+1:], f.value)
	}
	return [3]int{i % f.label.Size[0], i / f.label.Size[0], z}, true
}
