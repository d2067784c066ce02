package phantom

import (
	"context"
	"testing"
)

// BenchmarkPatient makes whole patients of 128×128, one after the other.
func BenchmarkPatient(b *testing.B) {
	out := b.TempDir()
	for b.Loop() {
		m, err := Generate(context.Background(), Options{Out: out, Patients: 6, Seed: 1, Size: 128, Workers: 1, NoBad: true})
		if err != nil {
			b.Fatal(err)
		}
		slices := 0
		for _, p := range m.Patients {
			slices += p.Series[0].Grid.Size[2]
		}
		b.ReportMetric(float64(slices)/6, "slices/patient")
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(6*b.N), "s/patient")
}
