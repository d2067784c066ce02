//go:build !amd64

package volume

func lerpPairsFast(dst []float64, src []int16, xs pairs) (done int) { return 0 }

func blendFast(dst, lo, hi []float64, weight float64) (done int) { return 0 }

func blendRoundFast(dst []int16, lo, hi []float64, weight float64) (done int) { return 0 }
