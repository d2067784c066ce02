package phantom

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ctcohort/io/dicomio"
	"ctcohort/io/niftiio"
	"ctcohort/model/volume"
)

// readCT assembles series s by position.
func readCT(t *testing.T, a archive, s Series) *volume.Volume[int16] {
	t.Helper()
	var all []*dicomio.Slice
	for _, p := range a.slices(t, s) {
		f, err := os.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		sl, err := dicomio.ReadSlice(f)
		f.Close()
		if err != nil {
			t.Fatalf("reading a slice of series %s: %v", s.Kernel, err)
		}
		all = append(all, sl)
	}
	slices.SortFunc(all, func(x, y *dicomio.Slice) int {
		if x.PositionMM[2] < y.PositionMM[2] {
			return -1
		}
		return 1
	})
	if len(all) != s.Grid.Size[2] {
		t.Fatalf("series has %d slices; the manifest says %d", len(all), s.Grid.Size[2])
	}
	v := volume.New[int16](s.Grid)
	for z, sl := range all {
		want := s.Grid.Point(0, 0, float64(z))
		for i := range want {
			if math.Abs(sl.PositionMM[i]-want[i]) > 1e-3 {
				t.Fatalf("slice %d lies at %v; the manifest says %v", z, sl.PositionMM, want)
			}
		}
		copy(v.Data[z*len(sl.HU):], sl.HU)
	}
	return v
}

// readLabel reads the reference of s, from SEG or NIfTI.
func readLabel(t *testing.T, a archive, s Series) *volume.Volume[uint8] {
	t.Helper()
	f, err := os.Open(filepath.Join(a.root, filepath.FromSlash(s.LabelPath)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if s.LabelKind == LabelNIfTI {
		v, err := niftiio.ReadLabels(f, 1<<24)
		if err != nil {
			t.Fatal(err)
		}
		if !v.Near(s.Grid, 1e-3) {
			t.Fatalf("NIfTI labels lie on %+v; the series on %+v", v.Grid, s.Grid)
		}
		return v
	}
	seg, err := dicomio.ReadSegmentation(f)
	if err != nil {
		t.Fatal(err)
	}
	if seg.FrameOfReferenceUID != s.FrameUID || !slices.Equal(seg.ReferencedSeriesUIDs, []string{s.SeriesUID}) {
		t.Error("the SEG refers to another frame of reference or series")
	}
	v := volume.New[uint8](s.Grid)
	plane := seg.Rows * seg.Columns
	values := make([]uint16, plane)
	for i, frame := range seg.Frames {
		z := int(math.Round(s.Grid.Index(frame.PositionMM)[2]))
		seg.Labels(i, values)
		empty := true
		for j, in := range values {
			if in != 0 {
				empty = false
				v.Data[z*plane+j] = max(v.Data[z*plane+j], uint8(frame.Segment))
			}
		}
		if empty {
			t.Errorf("frame %d of the SEG is empty", i)
		}
	}
	return v
}

func TestLabels(t *testing.T) {
	eachPatient(t, func(t *testing.T, a archive, p Patient) {
		for _, s := range p.Series {
			ct, label := readCT(t, a, s), readLabel(t, a, s)
			var n [3]int
			var sum [3]float64
			for i, l := range label.Data {
				n[l]++
				sum[l] += float64(ct.Data[i])
			}
			lung, sick := float64(n[1]+n[2])*s.Grid.VoxelML(), float64(n[2])*s.Grid.VoxelML()
			if math.Abs(lung-s.LungML) > 1e-6*lung || math.Abs(sick-s.InfectionML) > 1e-6*lung {
				t.Errorf("labels hold %.1f and %.1f mL; the manifest says %.1f and %.1f", lung, sick, s.LungML, s.InfectionML)
			}
			if lung < 500 || lung > 10000 {
				t.Errorf("lung of %.0f mL; want 500–10000", lung)
			}
			if sick > 0.33*lung {
				t.Errorf("infection of %.0f %%; want at most about 30", 100*sick/lung)
			}
			healthy := sum[1] / float64(n[1])
			if healthy < -960 || healthy > -620 {
				t.Errorf("healthy lung has %.0f HU on average; want −960…−620", healthy)
			}
			if ill := sum[2] / math.Max(float64(n[2]), 1); n[2] > 50 && ill < healthy+40 {
				t.Errorf("infected lung has %.0f HU, healthy %.0f", ill, healthy)
			}
			if p.Infected != (n[2] > 0) {
				t.Errorf("Infected = %t with %d infected voxels", p.Infected, n[2])
			}
		}
	})
}

// A threshold on the CT within the true lungs must fall short of the reference:
// vessels, edges and dependent lung have the HU of infection.
func TestThresholdDoesNotFindInfection(t *testing.T) {
	a := sharedArchive(t)
	var intersect, total [30]float64
	for _, m := range a.manifests {
		for _, p := range m.Patients {
			ct, label := readCT(t, a, p.Series[0]), readLabel(t, a, p.Series[0])
			for i, l := range label.Data {
				for k := range total {
					above := l != background && int(ct.Data[i]) > -800+25*k
					if above && l == infected {
						intersect[k] += 2
					}
					if above {
						total[k]++
					}
					if l == infected {
						total[k]++
					}
				}
			}
		}
	}
	best := 0.0
	for k := range total {
		best = math.Max(best, intersect[k]/total[k])
	}
	t.Logf("best threshold: Dice %.3f", best)
	if best > 0.85 {
		t.Errorf("a threshold within the lungs reaches Dice %.3f; want below 0.85", best)
	}
	if best < 0.3 {
		t.Errorf("a threshold within the lungs reaches Dice %.3f: the lesions can hardly be seen", best)
	}
}

// The labels' volume is that of the analytic lungs less what is painted over them.
func TestLungVolumeIsTheDrawnOne(t *testing.T) {
	for k := range 4 {
		a := newAnatomy(newDice(8, Germany, k, "anatomy"), Germany)
		g := &scan{size: 96, pixelMM: 4, centerY: 10, intervalMM: 4, thicknessMM: 1, subSlices: 1}
		p, out, voxels := newPainter(a), newPlane(g), 0
		for z := -1.2 * a.lungMM; z < 40; z += 4 {
			p.paint(out, z)
			for _, l := range out.label {
				if l != background {
					voxels++
				}
			}
		}
		drawn := 0.0
		for range a.sampleLung(4, -2*a.lungMM, 50) {
			drawn += 4 * 4 * 4
		}
		got := float64(voxels) * 4 * 4 * 4
		if r := got / drawn; r < 0.9 || r > 1.12 {
			t.Errorf("patient %d: labels hold %.0f mL, the drawn lungs %.0f", k, got/1000, drawn/1000)
		}
	}
}
