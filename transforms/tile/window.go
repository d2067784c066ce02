package tile

import (
	"fmt"

	"ctcohort/model/volume"
)

// The two ways to choose patches.
const (
	Random = "random"
	Grid   = "grid"
)

// Options says which patches to cut.
type Options struct {
	Size       [3]int  // voxels along x, y, z
	Count      int     // patches a volume, in mode random
	Foreground float64 // share of random patches centred on foreground
	Mode       string  // Random or Grid
	Seed       int64
}

// DefaultOptions returns the paper's patch size, with nnU-Net's share of foreground.
func DefaultOptions() Options {
	return Options{Size: [3]int{128, 128, 64}, Count: 16, Foreground: 1.0 / 3, Mode: Random, Seed: 1}
}

// Subject is what, beside the seed, a choice depends on.
type Subject struct {
	PatientID, SeriesUID string
}

// Window is where a patch lies: its first voxel in the volume, which is negative
// where the patch reaches outside.
type Window struct {
	Index int
	From  [3]int
}

// Windows returns the patches of a volume on grid g. label, which may be nil,
// is on the same grid. Windows lie within the volume; along an axis on which it
// is smaller than a patch, the volume is in the patch's middle.
//
// In mode Random, the share Foreground of the windows, rounded up and spread evenly,
// is centred on a voxel drawn from the infection (2), or where there is none
// from the lung (1), and shifted where it would reach outside; the rest, and all
// where there is no foreground, are uniform. nnU-Net draws in the same way, but
// takes any class that is present and lets windows reach outside.
//
// In mode Grid, the fewest windows that cover the volume are spread evenly, x
// fastest; Count does not matter.
func Windows(g volume.Grid, label *volume.Volume[uint8], who Subject, o Options) []Window {
	if label != nil && label.Size != g.Size {
		panic(fmt.Sprintf("tile: a label of size %v on a volume of %v", label.Size, g.Size))
	}
	for c := range 3 {
		if g.Size[c] <= 0 || o.Size[c] <= 0 {
			panic(fmt.Sprintf("tile: patches of %v of a volume of %v", o.Size, g.Size))
		}
	}
	switch o.Mode {
	case Random:
		return random(g.Size, label, newDraw(o.Seed, who), o)
	case Grid:
		return grid(g.Size, o.Size)
	}
	panic(fmt.Sprintf("tile: mode %q", o.Mode))
}

func random(size [3]int, label *volume.Volume[uint8], draw *draw, o Options) []Window {
	centres := findForeground(label)
	windows := make([]Window, o.Count)
	for i := range windows {
		w := Window{Index: i}
		// Both are drawn for every window, so that a window does not depend on
		// what the label holds elsewhere, nor on the share of foreground.
		centre, hit := centres.draw(draw)
		for c := range 3 {
			w.From[c] = uniform(draw, size[c], o.Size[c])
		}
		if hit && isForeground(i, o.Foreground) {
			for c := range 3 {
				w.From[c] = within(centre[c]-o.Size[c]/2, size[c], o.Size[c])
			}
		}
		windows[i] = w
	}
	return windows
}

// isForeground spreads a share evenly over the windows, beginning with the first.
func isForeground(i int, share float64) bool {
	return ceil(float64(i+1)*share) > ceil(float64(i)*share)
}

// ceil rounds up, but for the noise of a product such as 3 · ⅓.
func ceil(x float64) int {
	n := int(x)
	if x-float64(n) > 1e-9 {
		n++
	}
	return n
}

// uniform draws the first voxel of a patch along one axis.
func uniform(draw *draw, size, patch int) int {
	n := draw.below(max(1, size-patch+1))
	return within(n, size, patch)
}

// within shifts a patch into the volume, or the volume into the patch's middle.
func within(from, size, patch int) int {
	if size < patch {
		return -((patch - size) / 2)
	}
	return min(max(from, 0), size-patch)
}

func grid(size, patch [3]int) []Window {
	var starts [3][]int
	for c := range 3 {
		n := (size[c] + patch[c] - 1) / patch[c]
		for i := range n {
			from := 0
			if n > 1 {
				from = (2*i*(size[c]-patch[c]) + n - 1) / (2 * (n - 1)) // rounded
			}
			starts[c] = append(starts[c], within(from, size[c], patch[c]))
		}
	}
	var windows []Window
	for _, z := range starts[2] {
		for _, y := range starts[1] {
			for _, x := range starts[0] {
				windows = append(windows, Window{Index: len(windows), From: [3]int{x, y, z}})
			}
		}
	}
	return windows
}
