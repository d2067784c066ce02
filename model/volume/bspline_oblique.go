package volume

import "math"

// bsplineAnywhere resamples v onto out, which may lie in any way to v, by cubic
// B-splines. It holds the coefficients of all of v, in single precision.
func bsplineAnywhere(v, out *Volume[int16], fill int16, workers int) {
	c := splineCoefficients(v, workers)
	nx, ny := v.Size[0], v.Size[1]
	eachOblique(v.Grid, out.Grid, workers, func(voxel int, x, y, z float64, inside bool) {
		if !inside {
			out.Data[voxel] = fill
			return
		}
		xs, ys, zs := tapAt(x, v.Size[0]), tapAt(y, v.Size[1]), tapAt(z, v.Size[2])
		var sum float64
		for k, wz := range zs.weight {
			slice := c[int(zs.at[k])*nx*ny:]
			for j, wy := range ys.weight {
				row := slice[int(ys.at[j])*nx:][:nx]
				sum += float64(wz*wy) * float64(xs.weight[0]*row[xs.at[0]]+xs.weight[1]*row[xs.at[1]]+xs.weight[2]*row[xs.at[2]]+xs.weight[3]*row[xs.at[3]])
			}
		}
		out.Data[voxel] = round(max(math.MinInt16, min(math.MaxInt16, sum)))
	})
}

// splineCoefficients filters v along x, y and z.
func splineCoefficients(v *Volume[int16], workers int) []float32 {
	nx, ny, nz := v.Size[0], v.Size[1], v.Size[2]
	c := make([]float32, len(v.Data))
	parallel(nz, workers, func() func(int) {
		lanes := rowsOf(make([]float32, nx*splineLanes), splineLanes)
		return func(z int) {
			slice := c[z*nx*ny:][:nx*ny]
			for y := 0; y < ny; y += splineLanes {
				n := min(splineLanes, ny-y)
				for lane := range n {
					for x, hu := range v.Data[(z*ny+y+lane)*nx:][:nx] {
						lanes[x][lane] = float32(hu)
					}
				}
				coefficients(lanes)
				for lane := range n {
					for x := range nx {
						slice[(y+lane)*nx+x] = lanes[x][lane]
					}
				}
			}
			coefficients(rowsOf(slice, nx))
		}
	})
	parallel(ny, workers, func() func(int) {
		columns := make([][]float32, nz)
		return func(y int) {
			for z := range columns {
				columns[z] = c[(z*ny+y)*nx:][:nx]
			}
			coefficients(columns)
		}
	})
	return c
}
