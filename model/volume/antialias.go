package volume

import "math"

// coarse is the ratio of spacings above which AntiAlias smooths an axis.
const coarse = 1.5

// AntiAlias smooths v, in place, for a resampling to spacingMM, so that structures
// finer than the new spacing fade out and do not turn into false ones: along each
// axis that the resampling coarsens by a ratio r of more than 1.5, by a Gaussian
// of σ = √((r²−1) / (8 ln 2)) voxels (Cardoso et al., "Scale factor point spread
// function matching", MICCAI 2015), cut at 4 σ, with the edges held. It says which
// axes it smoothed; the others stay as they are. Values lie within 1 HU of the
// exact ones.
func AntiAlias(v *Volume[int16], spacingMM [3]float64, workers int) (smoothed [3]bool) {
	v.mustFit()
	var kernels [3][]float32
	for c := range kernels {
		kernels[c] = kernelFor(spacingMM[c] / v.SpacingMM[c])
		smoothed[c] = kernels[c] != nil
	}
	nx, ny, nz := v.Size[0], v.Size[1], v.Size[2]
	if kernels[2] != nil {
		parallel(ny, workers, func() func(int) {
			s := newSmoother(nz, nx)
			return func(y int) {
				for z := range nz {
					s.set(z, v.Data[(z*ny+y)*nx:][:nx])
				}
				s.rows(kernels[2], func(z int, row []float32) { roundRow(v.Data[(z*ny+y)*nx:][:nx], row) })
			}
		})
	}
	if kernels[0] != nil || kernels[1] != nil {
		parallel(nz, workers, func() func(int) {
			s := newSmoother(ny, nx)
			return func(z int) {
				slice := v.Data[z*ny*nx : (z+1)*ny*nx]
				for y := range ny {
					s.set(y, slice[y*nx:(y+1)*nx])
					s.along(s.in[y], kernels[0])
				}
				s.rows(kernels[1], func(y int, row []float32) { roundRow(slice[y*nx:(y+1)*nx], row) })
			}
		})
	}
	return smoothed
}

// kernelFor returns half of the Gaussian for a ratio of spacings, its middle
// first, or nil where the ratio asks for none.
func kernelFor(ratio float64) []float32 {
	if !(ratio > coarse) {
		return nil
	}
	variance := (ratio*ratio - 1) / (8 * math.Ln2)
	weights := make([]float64, int(4*math.Sqrt(variance)+0.5)+1)
	var sum float64
	for i := range weights {
		weights[i] = math.Exp(-square(float64(i)) / (2 * variance))
		sum += weights[i]
		if i > 0 {
			sum += weights[i]
		}
	}
	kernel := make([]float32, len(weights))
	for i, w := range weights {
		kernel[i] = float32(w / sum)
	}
	return kernel
}

// smoother convolves the rows of one plane.
type smoother struct {
	in   [][]float32
	sums []float32
}

func newSmoother(rows, n int) *smoother {
	return &smoother{in: rowsOf(make([]float32, rows*n), n), sums: make([]float32, n)}
}

func (s *smoother) set(i int, hu []int16) {
	for x, h := range hu {
		s.in[i][x] = float32(h)
	}
}

// rows calls do with each row convolved with its neighbours; with itself alone
// where the kernel is nil.
func (s *smoother) rows(kernel []float32, do func(i int, row []float32)) {
	for i, row := range s.in {
		if kernel == nil {
			do(i, row)
			continue
		}
		for x, value := range row {
			s.sums[x] = kernel[0] * value
		}
		for k := 1; k < len(kernel); k++ {
			before, after := s.in[max(i-k, 0)][:len(s.sums)], s.in[min(i+k, len(s.in)-1)][:len(s.sums)]
			for x, value := range before {
				s.sums[x] += float32(kernel[k] * (value + after[x]))
			}
		}
		do(i, s.sums)
	}
}

// along convolves one row in place, unless the kernel is nil.
func (s *smoother) along(row, kernel []float32) {
	if kernel == nil {
		return
	}
	for x := range row {
		sum := kernel[0] * row[x]
		for k := 1; k < len(kernel); k++ {
			sum += float32(kernel[k] * (row[max(x-k, 0)] + row[min(x+k, len(row)-1)]))
		}
		s.sums[x] = sum
	}
	copy(row, s.sums)
}

func roundRow(dst []int16, row []float32) {
	for x, value := range row {
		dst[x] = round(float64(value))
	}
}
