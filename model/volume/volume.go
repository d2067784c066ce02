package volume

import "fmt"

// Voxel is what a volume may hold: HU, labels, or probabilities.
type Voxel interface{ ~int16 | ~uint8 | ~float32 }

// Volume is a grid with one value a voxel, x fastest, then y, then z.
type Volume[T Voxel] struct {
	Grid
	Data []T
}

// New returns a volume of zeros.
func New[T Voxel](g Grid) *Volume[T] {
	for _, n := range g.Size {
		if n < 0 {
			panic(fmt.Sprintf("volume: size %v", g.Size))
		}
	}
	return &Volume[T]{Grid: g, Data: make([]T, g.Len())}
}

// At returns the voxel at an index, which must lie inside.
func (v *Volume[T]) At(x, y, z int) T { return v.Data[(z*v.Size[1]+y)*v.Size[0]+x] }

// mustFit panics where the data do not fill the grid, which only a wrong program makes.
func (v *Volume[T]) mustFit() {
	if len(v.Data) != v.Len() {
		panic(fmt.Sprintf("volume: %d voxels in a grid of %v", len(v.Data), v.Size))
	}
}
