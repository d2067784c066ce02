package volume

import (
	"slices"
	"testing"
)

func TestFastKernelsGiveTheSameBits(t *testing.T) {
	if !hasAVX2 {
		t.Skip("this processor has no AVX2")
	}
	defer func() { hasAVX2 = true }()
	for nx := 1; nx < 70; nx += 3 {
		v := noise(Grid{Size: [3]int{nx, 11, 9}, SpacingMM: [3]float64{0.7, 0.703125, 0.5}, OriginMM: [3]float64{-174.3, 11, 0.1}, Direction: Identity()}, uint64(nx))
		for i := range v.Data {
			v.Data[i] *= 7 // to both ends of int16
		}
		for _, spacing := range [][3]float64{{1, 1, 1}, {0.4, 0.7, 0.25}} {
			hasAVX2 = true
			fast, _ := Resample(v, spacing, Linear, 1)
			hasAVX2 = false
			plain, _ := Resample(v, spacing, Linear, 1)
			if !slices.Equal(fast.Data, plain.Data) {
				t.Errorf("%d voxels a row to %v mm: AVX2 and Go differ", nx, spacing)
			}
		}
	}
}
