package mesh

import (
	"fmt"

	"ctcohort/model/volume"
)

// Options say how fine a surface is.
type Options struct {
	// SpacingMM is that of the grid that the surface is taken from: finer label
	// maps are brought to about it, coarser ones are taken as they are.
	// Structures of half its size or less may vanish.
	SpacingMM float64
	Smoothing int // rounds of smoothing, each of two steps; 0 is none
	Triangles int // at most about so many, but for pieces that cannot get simpler; 0 is any number
}

// Lung and Infection are the options for surfaces to look at.
var (
	Lung      = Options{SpacingMM: 2.5, Smoothing: 16, Triangles: 12000}
	Infection = Options{SpacingMM: 2, Smoothing: 16, Triangles: 12000}
)

// Surface returns the surface of the voxels whose label is at least the given
// one, which may be of any number of pieces, or none. What reaches the border
// of the grid is closed there.
func Surface(labels *volume.Volume[uint8], atLeast uint8, o Options) *Mesh {
	if !(o.SpacingMM > 0) || o.Smoothing < 0 || o.Triangles < 0 || atLeast == 0 {
		panic(fmt.Sprintf("mesh: options %+v for label %d", o, atLeast))
	}
	m := march(shares(labels, atLeast, o.SpacingMM))
	m.smooth(o.Smoothing)
	if o.Triangles > 0 {
		m.decimate(o.Triangles)
	}
	return m
}
