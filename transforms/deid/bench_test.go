package deid

import (
	"bytes"
	"io"
	"testing"
)

// BenchmarkFile de-identifies a 512×512 CT image on one core: MB/s counts its bytes, files/s the images.
func BenchmarkFile(b *testing.B) {
	file := ctFile{rows: 512, columns: 512}.encode()
	for _, profile := range []string{"research", "basic"} {
		b.Run(profile, func(b *testing.B) {
			d := newDeidentifier(b, profile)
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.File(bytes.NewReader(file), into(io.Discard)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}
