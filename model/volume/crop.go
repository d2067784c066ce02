package volume

import "fmt"

// Crop returns the box of the given size whose first voxel is v's voxel from,
// with its origin moved accordingly. The box may reach outside v, with any part
// or wholly; what lies outside is fill.
func Crop[T Voxel](v *Volume[T], from, size [3]int, fill T) *Volume[T] {
	v.mustFit()
	for _, n := range size {
		if n < 0 {
			panic(fmt.Sprintf("volume: crop of size %v", size))
		}
	}
	g := v.Grid
	g.Size = size
	g.OriginMM = v.Point(float64(from[0]), float64(from[1]), float64(from[2]))
	out := New[T](g)
	if fill != 0 {
		for i := range out.Data {
			out.Data[i] = fill
		}
	}
	var lo, hi [3]int // the part of the box that lies inside v, in the box's index
	for c := range 3 {
		lo[c], hi[c] = max(0, -from[c]), min(size[c], v.Size[c]-from[c])
		if lo[c] >= hi[c] {
			return out
		}
	}
	for z := lo[2]; z < hi[2]; z++ {
		for y := lo[1]; y < hi[1]; y++ {
			src := ((from[2]+z)*v.Size[1]+from[1]+y)*v.Size[0] + from[0]
			dst := (z*size[1] + y) * size[0]
			copy(out.Data[dst+lo[0]:dst+hi[0]], v.Data[src+lo[0]:])
		}
	}
	return out
}
