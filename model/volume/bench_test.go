package volume

import (
	"fmt"
	"testing"
)

// thorax is the size that DESIGN.md's figures are for.
func thorax() *Volume[int16] {
	return noise(Grid{Size: [3]int{512, 512, 300}, SpacingMM: [3]float64{0.7, 0.7, 1}, Direction: Identity()}, 1)
}

func BenchmarkResample(b *testing.B) {
	v := thorax()
	for _, how := range []Interpolation{Linear, Nearest, BSpline} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", how, workers), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Resample(v, [3]float64{1, 1, 1}, how, workers); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkResampleOblique(b *testing.B) {
	v := thorax()
	v.Direction = rotation(0, 0, 0.2)
	for _, how := range interpolations {
		b.Run(string(how), func(b *testing.B) {
			for b.Loop() {
				if _, err := Resample(v, [3]float64{1, 1, 1}, how, 2); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
