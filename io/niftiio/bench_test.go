package niftiio

import (
	"bytes"
	"fmt"
	"testing"

	"ctcohort/model/volume"
)

// thorax resembles a CT in how well it packs: smooth shapes under noise, in air.
func thorax(size [3]int) *volume.Volume[int16] {
	v := volume.New[int16](volume.Grid{Size: size, SpacingMM: [3]float64{0.7, 0.7, 1}, Direction: volume.Identity()})
	seed := uint32(1)
	for i := range v.Data {
		x, y := i%size[0]-size[0]/2, i/size[0]%size[1]-size[1]/2
		seed = seed*1664525 + 1013904223
		if 4*(x*x+y*y) < size[0]*size[0] {
			v.Data[i] = int16((x*y)/512) + int16(seed>>26)
		} else {
			v.Data[i] = -1024
		}
	}
	return v
}

func BenchmarkWrite(b *testing.B) {
	v := thorax([3]int{512, 512, 100})
	for _, gz := range []bool{false, true} {
		b.Run(fmt.Sprintf("gz=%v", gz), func(b *testing.B) {
			var out bytes.Buffer
			b.SetBytes(int64(2 * v.Len()))
			for b.Loop() {
				out.Reset()
				if err := Write(&out, v, gz); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.Len())/float64(2*v.Len()), "ratio")
		})
	}
}

func BenchmarkReadHU(b *testing.B) {
	v := thorax([3]int{512, 512, 100})
	for _, gz := range []bool{false, true} {
		b.Run(fmt.Sprintf("gz=%v", gz), func(b *testing.B) {
			var file bytes.Buffer
			if err := Write(&file, v, gz); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(2 * v.Len()))
			for b.Loop() {
				if _, err := ReadHU(bytes.NewReader(file.Bytes()), v.Len()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
