package volume

// heaviestLabels fills out with the label of v that weighs most at each voxel.
func heaviestLabels(v, out *Volume[uint8], workers int) {
	eachOblique(v.Grid, out.Grid, workers, func(voxel int, x, y, z float64, inside bool) {
		if inside {
			out.Data[voxel] = heaviestAt(v, x, y, z)
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
