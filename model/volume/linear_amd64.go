package volume

import "golang.org/x/sys/cpu"

// The fast kernels do the bulk of a row with AVX2, eight voxels at a time, and
// return how many voxels that was. They take the same steps as the loops in
// linear.go, none of them fused, and so give the same bits.

var hasAVX2 = cpu.X86.HasAVX2

const lanes = 8

//go:noescape
func lerpPairsAVX2(dst *float64, src *int16, lo *int32, weight *float64, n int)

//go:noescape
func blendAVX2(dst, lo, hi *float64, weight float64, n int)

//go:noescape
func blendRoundAVX2(dst *int16, lo, hi *float64, weight float64, n int)

func lerpPairsFast(dst []float64, src []int16, xs pairs) (done int) {
	n := len(dst) &^ (lanes - 1)
	if !hasAVX2 || n == 0 {
		return 0
	}
	lo, weight := xs.lo[:n], xs.weight[:n]
	_ = src[lo[n-1]+1] // indices grow along a row, so that the last bounds all
	lerpPairsAVX2(&dst[0], &src[0], &lo[0], &weight[0], n)
	return n
}

func blendFast(dst, lo, hi []float64, weight float64) (done int) {
	n := len(dst) &^ (lanes - 1)
	if !hasAVX2 || n == 0 {
		return 0
	}
	lo, hi = lo[:n], hi[:n]
	blendAVX2(&dst[0], &lo[0], &hi[0], weight, n)
	return n
}

func blendRoundFast(dst []int16, lo, hi []float64, weight float64) (done int) {
	n := len(dst) &^ (lanes - 1)
	if !hasAVX2 || n == 0 {
		return 0
	}
	lo, hi = lo[:n], hi[:n]
	blendRoundAVX2(&dst[0], &lo[0], &hi[0], weight, n)
	return n
}
