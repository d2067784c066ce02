package volume

// eachOblique calls do for each voxel of out with its continuous index in in, by
// rows, as ITK walks along a linear transform, and whether it lies inside.
func eachOblique(in, out Grid, workers int, do func(voxel int, x, y, z float64, inside bool)) {
	toPoint, toIndex := out.toPoint(), in.toIndex()
	nx, size := out.Size[0], in.Size
	parallel(out.Size[1]*out.Size[2], workers, func() func(int) {
		return func(row int) {
			y, z := float64(row%out.Size[1]), float64(row/out.Size[1])
			at := func(x int) [3]float64 {
				return in.index(toIndex, apply(toPoint, [3]float64{float64(x), y, z}, out.OriginMM))
			}
			first, end := at(0), at(nx)
			for i := range nx {
				x, y, z := between(first[0], end[0], i, nx), between(first[1], end[1], i, nx), between(first[2], end[2], i, nx)
				do(row*nx+i, x, y, z, within(x, size[0]) && within(y, size[1]) && within(z, size[2]))
			}
		}
	})
}

func nearestOblique[T Voxel](v, out *Volume[T], fill T, workers int) {
	eachOblique(v.Grid, out.Grid, workers, func(voxel int, x, y, z float64, inside bool) {
		if inside {
			out.Data[voxel] = v.At(nearest(x, v.Size[0]), nearest(y, v.Size[1]), nearest(z, v.Size[2]))
		} else {
			out.Data[voxel] = fill
		}
	})
}

func linearOblique(v, out *Volume[int16], fill int16, workers int) {
	eachOblique(v.Grid, out.Grid, workers, func(voxel int, x, y, z float64, inside bool) {
		if inside {
			out.Data[voxel] = round(linearAt(v, x, y, z))
		} else {
			out.Data[voxel] = fill
		}
	})
}

// fillOblique fills the voxels of out whose centre lies outside in.
func fillOblique(in Grid, out *Volume[int16], fill int16, workers int) {
	eachOblique(in, out.Grid, workers, func(voxel int, _, _, _ float64, inside bool) {
		if !inside {
			out.Data[voxel] = fill
		}
	})
}

// linearAt returns the value at a continuous index within v.
func linearAt(v *Volume[int16], x, y, z float64) float64 {
	x0, x1, wx := cell(x, v.Size[0])
	y0, y1, wy := cell(y, v.Size[1])
	z0, z1, wz := cell(z, v.Size[2])
	slice := func(z int) float64 {
		lo, hi := v.Data[(z*v.Size[1]+y0)*v.Size[0]:], v.Data[(z*v.Size[1]+y1)*v.Size[0]:]
		return mix(mix(float64(lo[x0]), float64(lo[x1]), wx), mix(float64(hi[x0]), float64(hi[x1]), wx), wy)
	}
	return mix(slice(z0), slice(z1), wz)
}

func mix(a, b, weight float64) float64 { return a + float64((b-a)*weight) }
