package series

import (
	"os"
	"path/filepath"
	"testing"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

func TestAgainstSimpleITK(t *testing.T) {
	for _, name := range []string{"ct_lungfcp_0001", "ct_acrin_flt_013", "cip_ct64_dicom"} {
		t.Run(name, func(t *testing.T) {
			dir := shared(t, "fixtures", name)
			want := reference(t, dir)
			got := assembled(t, dir)
			if !got.Volume.Near(want.Grid, 1e-3) {
				t.Errorf("grid %+v, want %+v", got.Volume.Grid, want.Grid)
			}
			equalHU(t, got.Volume.Data, want.Data)
		})
	}
}

func TestTraps(t *testing.T) {
	const columns, rows, planes = 48, 64, 12
	t.Run("plain", func(t *testing.T) {
		dir, truth := trap(t, "plain")
		got := assembled(t, dir)
		equalHU(t, got.Volume.Data, truth)
		if want := reference(t, dir); !got.Volume.Near(want.Grid, 1e-4) {
			t.Errorf("grid %+v, want SimpleITK's %+v", got.Volume.Grid, want.Grid)
		}
	})
	t.Run("oblique", func(t *testing.T) {
		dir, truth := trap(t, "oblique")
		got := assembled(t, dir)
		equalHU(t, got.Volume.Data, truth)
		if want := reference(t, dir); !got.Volume.Near(want.Grid, 1e-4) {
			t.Errorf("grid %+v, want SimpleITK's %+v", got.Volume.Grid, want.Grid)
		}
		if got.Info.Orientation != "oblique" {
			t.Errorf("orientation %q, want oblique", got.Info.Orientation)
		}
	})
	t.Run("missing", func(t *testing.T) {
		dir, truth := trap(t, "missing")
		got := assembled(t, dir)
		const plane = columns * rows
		if got.Volume.Size != [3]int{columns, rows, planes} || got.Volume.SpacingMM[2] != 2.5 {
			t.Fatalf("size %v, spacing %v; want the full grid at 2.5 mm", got.Volume.Size, got.Volume.SpacingMM)
		}
		for i := range plane {
			a, b := int(truth[4*plane+i]), int(truth[6*plane+i])
			mean := (a + b) / 2
			if s := a + b; s%2 != 0 && s > 0 {
				mean++
			} else if s%2 != 0 {
				mean = (s - 1) / 2
			}
			truth[5*plane+i] = int16(mean)
		}
		equalHU(t, got.Volume.Data, truth)
		if got.Info.SliceGapMaxMM != 5 || got.Info.FilledPlanes != 1 || got.Info.Slices != 11 {
			t.Errorf("gap %v mm, %d planes filled, %d slices; want 5, 1, 11", got.Info.SliceGapMaxMM, got.Info.FilledPlanes, got.Info.Slices)
		}
	})
	t.Run("tilt", func(t *testing.T) {
		dir, truth := trap(t, "tilt")
		got := assembled(t, dir)
		// Slice i lies 0.6·i mm, or 0.75·i rows of 0.8 mm, further back than the first.
		const taller = rows + 9 // ⌈0.75 · 11⌉
		if got.Volume.Size != [3]int{columns, taller, planes} || got.Volume.Direction != volume.Identity() {
			t.Fatalf("size %v, direction %v; want %d rows, upright", got.Volume.Size, got.Volume.Direction, taller)
		}
		for z := range planes {
			for y := range taller {
				at := float64(y) - 0.75*float64(z)
				for x := range columns {
					want := -1024.0
					if at >= -0.5 && at <= rows-0.5 {
						in := max(0, min(rows-1, at))
						lo := int(in)
						w := in - float64(lo)
						pixel := func(y int) float64 { return float64(truth[(z*rows+min(y, rows-1))*columns+x]) }
						want = (1-w)*pixel(lo) + w*pixel(lo+1)
					}
					if got := float64(got.Volume.At(x, y, z)); got-want > 0.51 || want-got > 0.51 {
						t.Fatalf("voxel (%d,%d,%d) = %v HU, want %v", x, y, z, got, want)
					}
				}
			}
		}
	})
}

// BenchmarkReadSeries reads headers, plans, and reads slices as they are built in.
func BenchmarkReadSeries(b *testing.B) {
	for _, name := range []string{"ct_lungfcp_0001", "ct_acrin_flt_013"} {
		files, err := filepath.Glob(filepath.Join(shared(b, "fixtures", name), "*.dcm"))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				headers := make([]dicomio.SliceHeader, len(files))
				for i, file := range files {
					f, err := os.Open(file)
					if err != nil {
						b.Fatal(err)
					}
					h, err := dicomio.ReadSliceHeaders(f)
					f.Close()
					if err != nil {
						b.Fatal(err)
					}
					headers[i] = h[0]
				}
				stacks, _, err := Plan(headers, func(int, int) (bool, error) { return false, nil })
				if err != nil || len(stacks) != 1 {
					b.Fatalf("Plan = %d stacks, %v", len(stacks), err)
				}
				_, _, err = stacks[0].Build(func(i int) ([]int16, error) {
					f, err := os.Open(files[i])
					if err != nil {
						return nil, err
					}
					defer f.Close()
					s, err := dicomio.ReadSlice(f)
					if err != nil {
						return nil, err
					}
					return s.HU, nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
