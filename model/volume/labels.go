package volume

// heaviestLabels fills out, which is 0, with the label of v that weighs most at
// each voxel that lies in v.
func heaviestLabels(v, out *Volume[uint8], workers int) {
	if aligned(v.Grid, out.Grid) {
		heaviestAligned(v, out, axesOf(v.Grid, out.Grid, 0), workers)
		return
	}
	eachOblique(v.Grid, out.Grid, workers, func(voxel int, x, y, z float64, inside bool) {
		if inside {
			out.Data[voxel] = heaviestAt(v, x, y, z)
		}
	})
}

// heaviestAligned looks along four rows of v at once; where their labels around a
// voxel are one, nothing is weighed.
func heaviestAligned(v, out *Volume[uint8], axes [3]axis, workers int) {
	x, y, z := axes[0], axes[1], axes[2]
	below, above := make([]int, len(x.at)), make([]int, len(x.at))
	for i, at := range x.at {
		below[i], above[i], _ = cell(at, x.n)
	}
	row := func(y, z int) []uint8 { return v.Data[(z*v.Size[1]+y)*v.Size[0]:][:v.Size[0]] }
	parallel(z.inside.len(), workers, func() func(int) {
		return func(k int) {
			k += z.inside.from
			z0, z1, _ := cell(z.at[k], z.n)
			for j := y.inside.from; j < y.inside.to; j++ {
				y0, y1, _ := cell(y.at[j], y.n)
				a, b, c, d := row(y0, z0), row(y1, z0), row(y0, z1), row(y1, z1)
				dst := out.Data[(k*out.Size[1]+j)*out.Size[0]:][:out.Size[0]]
				for i := x.inside.from; i < x.inside.to; i++ {
					lo, hi := below[i], above[i]
					label := a[lo]
					if label == a[hi] && label == b[lo] && label == b[hi] && label == c[lo] && label == c[hi] && label == d[lo] && label == d[hi] {
						dst[i] = label
					} else {
						dst[i] = heaviestAt(v, x.at[i], y.at[j], z.at[k])
					}
				}
			}
		}
	})
}

func heaviestAt(v *Volume[uint8], x, y, z float64) uint8 {
	x0, x1, wx := cell(x, v.Size[0])
	y0, y1, wy := cell(y, v.Size[1])
	z0, z1, wz := cell(z, v.Size[2])
	corners := [8]uint8{
		v.At(x0, y0, z0), v.At(x1, y0, z0), v.At(x0, y1, z0), v.At(x1, y1, z0),
		v.At(x0, y0, z1), v.At(x1, y0, z1), v.At(x0, y1, z1), v.At(x1, y1, z1),
	}
	if uniform(corners) {
		return corners[0]
	}
	xs, ys, zs := [2]float64{1 - wx, wx}, [2]float64{1 - wy, wy}, [2]float64{1 - wz, wz}
	best, most := uint8(0), -1.0
	for _, label := range corners {
		var weight float64
		for i, other := range corners {
			if other == label {
				weight += float64(float64(xs[i&1]*ys[i>>1&1]) * zs[i>>2])
			}
		}
		if weight > most || weight == most && label < best {
			best, most = label, weight
		}
	}
	return best
}

func uniform(labels [8]uint8) bool {
	for _, label := range labels {
		if label != labels[0] {
			return false
		}
	}
	return true
}
