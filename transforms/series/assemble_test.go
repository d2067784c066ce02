package series

import (
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

// axial is a slice of 3×2 pixels at height z, whose first pixel is hu and whose
// others count up.
func axial(z float64, hu int16) *dicomio.Slice {
	return &dicomio.Slice{
		SliceHeader: dicomio.SliceHeader{
			SOPClassUID: "1.2.840.10008.5.1.4.1.1.2", SeriesUID: "1", FrameOfReferenceUID: "2", Modality: "CT",
			ImageType: []string{"ORIGINAL", "PRIMARY", "AXIAL"}, Kernel: "B", Rows: 2, Columns: 3, Frames: 1,
			HasGeometry: true, PositionMM: [3]float64{-10, -20, z}, Orientation: [6]float64{1, 0, 0, 0, 1, 0},
			PixelSpacingMM: [2]float64{0.8, 0.7}, ThicknessMM: 2, Slope: 1,
		},
		HU: []int16{hu, hu + 1, hu + 2, hu + 3, hu + 4, hu + 5},
	}
}

// stackOf makes n slices, 2 mm apart, changed by change.
func stackOf(n int, change func(i int, s *dicomio.Slice)) []*dicomio.Slice {
	out := make([]*dicomio.Slice, n)
	for i := range out {
		out[i] = axial(2*float64(i), int16(100*i))
		out[i].InstanceNumber = n - i // the wrong way round
		if change != nil {
			change(i, out[i])
		}
	}
	return out
}

func TestAssembleSplits(t *testing.T) {
	half := func(change func(s *dicomio.Slice)) func(int, *dicomio.Slice) {
		return func(i int, s *dicomio.Slice) {
			if i >= 4 {
				change(s)
			}
		}
	}
	// back puts the last four slices where the first four are.
	back := func(s *dicomio.Slice) { s.PositionMM[2] -= 8 }
	cases := []struct {
		reason  string
		slices  []*dicomio.Slice
		volumes []int // slices of each
		rejects []Reject
	}{
		{"one series", stackOf(8, nil), []int{8}, nil},
		{"two kernels", stackOf(8, half(func(s *dicomio.Slice) { s.Kernel = "L" })), []int{4, 4}, nil},
		{"two matrices", stackOf(7, half(func(s *dicomio.Slice) { s.Rows, s.Columns = 3, 2 })), []int{4, 3}, nil},
		{"two spacings", stackOf(8, half(func(s *dicomio.Slice) { s.PixelSpacingMM[0] = 0.9 })), []int{4, 4}, nil},
		{"spacings that differ by rounding", stackOf(8, half(func(s *dicomio.Slice) { s.PixelSpacingMM[0] += 1e-5 })), []int{8}, nil},
		{"two orientations", stackOf(8, half(func(s *dicomio.Slice) {
			s.Orientation = [6]float64{1, 0, 0, 0, 0, -1}
			s.PositionMM[1] = s.PositionMM[2]
		})), []int{4, 4}, nil},
		{"two frames of reference", stackOf(8, half(func(s *dicomio.Slice) { s.FrameOfReferenceUID = "3" })), []int{4, 4}, nil},
		{"two series", stackOf(8, half(func(s *dicomio.Slice) { s.SeriesUID = "0" })), []int{4, 4}, nil},
		{"two acquisitions of the same ground", stackOf(8, half(func(s *dicomio.Slice) { back(s); s.AcquisitionNumber = 2 })), []int{4, 4}, nil},
		{"two time points of the same ground", stackOf(8, half(func(s *dicomio.Slice) { back(s); s.TemporalPosition = 2 })), []int{4, 4}, nil},
		{"an acquisition a slice, as step and shoot numbers them", stackOf(8, func(i int, s *dicomio.Slice) { s.AcquisitionNumber = i }), []int{8}, nil},
		{"the same, with two slices missing", slices.Delete(stackOf(9, func(i int, s *dicomio.Slice) { s.AcquisitionNumber = i }), 4, 6), []int{7}, nil},
		{"two blocks, next to each other", stackOf(8, half(func(s *dicomio.Slice) { s.AcquisitionNumber = 2 })), []int{8}, nil},
		{"two acquisitions, one between the slices of the other", stackOf(8, half(func(s *dicomio.Slice) { s.PositionMM[2] -= 7; s.AcquisitionNumber = 2 })), []int{4, 4}, nil},
		{"acquisitions with a gap between", stackOf(8, half(func(s *dicomio.Slice) { s.PositionMM[2] += 7; s.AcquisitionNumber = 2 })), []int{4, 4}, nil},
		{"all positions twice, other pixels", stackOf(8, half(back)), []int{4, 4}, nil},
		{"one position twice, other pixels", append(stackOf(8, nil), axial(4, 7)), []int{8}, []Reject{{"1", DuplicatePositions, "", 1}}},
		{"one slice twice", append(stackOf(8, nil), axial(4, 200)), []int{8}, nil},
		{"a localizer", stackOf(8, func(i int, s *dicomio.Slice) {
			if i == 7 {
				s.ImageType = []string{"ORIGINAL", "PRIMARY", "LOCALIZER"}
			}
		}), []int{7}, []Reject{{"1", Localizer, "", 1}}},
		{"reformations", stackOf(8, half(func(s *dicomio.Slice) { s.ImageType = []string{"DERIVED", "SECONDARY", "MPR"} })), []int{4}, []Reject{{"1", Derived, "", 4}}},
		{"derived and secondary of no known kind", stackOf(4, func(_ int, s *dicomio.Slice) { s.ImageType = []string{"DERIVED", "SECONDARY"} }), nil, []Reject{{"1", Derived, "", 4}}},
		{"Siemens' derived, primary, axial", stackOf(4, func(_ int, s *dicomio.Slice) { s.ImageType = []string{"DERIVED", "PRIMARY", "AXIAL", "CT_SOM5 SPI"} }), []int{4}, nil},
		{"compressed again", stackOf(4, func(_ int, s *dicomio.Slice) { s.ImageType = []string{"DERIVED", "SECONDARY", "AXIAL"} }), []int{4}, nil},
		{"no image type", stackOf(4, func(_ int, s *dicomio.Slice) { s.ImageType = nil }), []int{4}, nil},
		{"another modality", stackOf(4, func(_ int, s *dicomio.Slice) { s.Modality = "SEG" }), nil, []Reject{{"1", WrongModality, "", 4}}},
		{"a secondary capture", stackOf(4, func(_ int, s *dicomio.Slice) { s.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7" }), nil, []Reject{{"1", WrongModality, "", 4}}},
		{"no position", stackOf(4, func(_ int, s *dicomio.Slice) { s.HasGeometry = false }), nil, []Reject{{"1", MissingGeometry, "", 4}}},
		{"electron density", stackOf(4, func(_ int, s *dicomio.Slice) { s.RescaleType = "ED" }), nil, []Reject{{"1", NotHU, "", 4}}},
		{"two slices", stackOf(2, nil), nil, []Reject{{"1", TooFewSlices, "", 2}}},
		{"a gap too wide", stackOf(8, half(func(s *dicomio.Slice) { s.PositionMM[2] += 20 })), nil, []Reject{{"1", SliceGap, "", 8}}},
		{"one slice out of line", stackOf(8, func(i int, s *dicomio.Slice) {
			if i == 3 {
				s.PositionMM[0] += 5
			}
		}), nil, []Reject{{"1", InconsistentGeometry, "", 8}}},
		{"nothing", nil, nil, nil},
	}
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range cases {
		random.Shuffle(len(c.slices), func(i, j int) { c.slices[i], c.slices[j] = c.slices[j], c.slices[i] })
		results, rejects := Assemble(c.slices)
		var volumes []int
		for _, r := range results {
			volumes = append(volumes, r.Info.Slices)
		}
		for i := range rejects {
			if rejects[i].Detail == "" {
				t.Errorf("%s: reject without detail", c.reason)
			}
			rejects[i].Detail = ""
		}
		if !slices.Equal(volumes, c.volumes) || !slices.Equal(rejects, c.rejects) {
			t.Errorf("%s: Assemble = volumes of %v slices, rejects %v; want %v, %v", c.reason, volumes, rejects, c.volumes, c.rejects)
		}
	}
}

func TestPartsAreNumbered(t *testing.T) {
	results, _ := Assemble(stackOf(9, func(i int, s *dicomio.Slice) {
		if i < 4 {
			s.Kernel = "A"
		}
	}))
	if len(results) != 2 || results[0].Info.Part != 0 || results[1].Info.Part != 1 || results[0].Info.Kernel != "B" {
		t.Errorf("Assemble = %d volumes; want the larger, of kernel B, as part 0", len(results))
	}
}

func TestOrderOfFilesDoesNotMatter(t *testing.T) {
	in := append(stackOf(8, nil), axial(4, 7), axial(4, 200))
	for i, s := range in {
		s.SOPInstanceUID = strconv.Itoa(i)
	}
	want, wantRejects := Assemble(in)
	random := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		random.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
		got, rejects := Assemble(in)
		if len(got) != len(want) || !slices.Equal(got[0].Volume.Data, want[0].Volume.Data) || !slices.Equal(rejects, wantRejects) {
			t.Fatalf("Assemble of shuffled files = %v, %v; want %v, %v", got[0].Volume.Data, rejects, want[0].Volume.Data, wantRejects)
		}
	}
}

func TestPositionsThatAreRounded(t *testing.T) {
	// 0.625 mm written with one decimal: steps of 0.6 and 0.7 are one grid.
	got, rejects := Assemble(stackOf(40, func(i int, s *dicomio.Slice) { s.PositionMM[2] = math.Round(6.25*float64(i)) / 10 }))
	if len(got) != 1 || got[0].Volume.Size[2] != 40 || got[0].Info.FilledPlanes != 0 || math.Abs(got[0].Volume.SpacingMM[2]-0.625) > 0.002 {
		t.Fatalf("Assemble = %+v, %v; want 40 planes at 0.625 mm, none filled", got, rejects)
	}
}

func TestMissingSlicesAmongRoundedPositions(t *testing.T) {
	all := stackOf(40, func(i int, s *dicomio.Slice) { s.PositionMM[2] = math.Round(625*float64(i)) / 1000 })
	got, rejects := Assemble(slices.Delete(all, 20, 22))
	if len(got) != 1 || got[0].Volume.Size[2] != 40 || got[0].Info.FilledPlanes != 2 {
		t.Fatalf("Assemble = %+v, %v; want 40 planes, 2 of them filled", got, rejects)
	}
	v := got[0].Volume
	if math.Abs(v.SpacingMM[2]-0.625) > 1e-6 || v.At(0, 0, 30) != 3000 || v.At(0, 0, 20) != 2000 || v.At(0, 0, 21) != 2100 {
		t.Errorf("spacing %v; planes 20, 21, 30 = %d, %d, %d; want 0.625 and 2000, 2100, 3000", v.SpacingMM[2], v.At(0, 0, 20), v.At(0, 0, 21), v.At(0, 0, 30))
	}
}

// Each voxel stays where it is in the patient, whatever way slices are stored.
func TestAxesAreTurnedUpright(t *testing.T) {
	cases := []struct {
		reason      string
		orientation [6]float64
		size        [3]int
		name        string
	}{
		{"head first, supine", [6]float64{1, 0, 0, 0, 1, 0}, [3]int{3, 2, 4}, "axial"},
		{"prone: both in-plane axes flipped", [6]float64{-1, 0, 0, 0, -1, 0}, [3]int{3, 2, 4}, "axial"},
		{"mirrored rows: slices run to the feet", [6]float64{-1, 0, 0, 0, 1, 0}, [3]int{3, 2, 4}, "axial"},
		{"decubitus: rows run from front to back", [6]float64{0, 1, 0, -1, 0, 0}, [3]int{2, 3, 4}, "axial"},
		{"coronal", [6]float64{1, 0, 0, 0, 0, -1}, [3]int{3, 4, 2}, "coronal"},
		{"sagittal", [6]float64{0, 1, 0, 0, 0, -1}, [3]int{4, 3, 2}, "sagittal"},
		{"12 degrees about x, rows flipped", [6]float64{-1, 0, 0, 0, math.Cos(0.2), math.Sin(0.2)}, [3]int{3, 2, 4}, "oblique"},
	}
	for _, c := range cases {
		in := stackOf(4, func(i int, s *dicomio.Slice) {
			s.Orientation = c.orientation
			n := s.Normal()
			for r := range 3 {
				s.PositionMM[r] = 2*float64(i)*n[r] + float64(r)
			}
		})
		got, rejects := Assemble(in)
		if len(got) != 1 || got[0].Volume.Size != c.size || got[0].Info.Orientation != c.name || got[0].Info.Size != c.size {
			t.Errorf("%s: Assemble = %+v, %v; want size %v, %s", c.reason, got, rejects, c.size, c.name)
			continue
		}
		v := got[0].Volume
		for axis := range 3 {
			if v.Direction[4*axis] < 0.9 {
				t.Errorf("%s: direction %v is not upright", c.reason, v.Direction)
			}
		}
		for _, s := range in {
			for p, hu := range s.HU {
				var at [3]float64
				for r := range 3 {
					at[r] = s.PositionMM[r] + 0.7*float64(p%3)*s.Orientation[r] + 0.8*float64(p/3)*s.Orientation[3+r]
				}
				i := v.Index(at)
				x, y, z := int(math.Round(i[0])), int(math.Round(i[1])), int(math.Round(i[2]))
				if d := v.Point(float64(x), float64(y), float64(z)); math.Abs(d[0]-at[0])+math.Abs(d[1]-at[1])+math.Abs(d[2]-at[2]) > 1e-6 || v.At(x, y, z) != hu {
					t.Errorf("%s: no voxel of %d HU at %v mm", c.reason, hu, at)
				}
			}
		}
	}
}

func TestPercentiles(t *testing.T) {
	data := make([]int16, 1000)
	for i := range data {
		data[i] = int16(i - 500)
	}
	// numpy.percentile(..., method="inverted_cdf")
	if p := percentiles(data, 0.01, 0.99); p[0] != -491 || p[1] != 489 {
		t.Errorf("percentiles = %v; want -491, 489", p)
	}
	if p := percentiles(nil, 0.5); p[0] != 0 {
		t.Errorf("percentile of nothing = %v, want 0", p)
	}
}

func TestDecided(t *testing.T) {
	info := Info{
		Part: 1, Parts: 2, Frames: true, Blocks: 3, Duplicates: 2, Lost: 1, FilledPlanes: 3, TiltDegrees: 12.25, Turned: true,
		Orientation: "oblique", MadeAxial: true, OwnRescale: true, Padding: true, Smoothed: "x, y", LeftOut: "1 localizer",
	}
	const wantCodes = "split frames blocks duplicates lost gaps tilt turned axial rescale padding smoothed left_out"
	const wantNotes = "part 2 of 2 of a series that was split; frames of multi-frame images; 3 acquisitions joined, one above the other; 2 duplicate slices dropped; " +
		"1 slices could not be decoded; 3 planes interpolated between slices; gantry tilt of 12.2 degrees sheared back; axes turned to the patient's, oblique slices; " +
		"oblique slices resampled to axial; each slice with its own slope and intercept; padding is -1024 HU; smoothed along x, y before resampling; images of the series left out: 1 localizer"
	codes, notes := info.Decided()
	if got := strings.Join(codes, " "); got != wantCodes {
		t.Errorf("codes %q, want %q", got, wantCodes)
	}
	if got := strings.Join(notes, "; "); got != wantNotes {
		t.Errorf("notes %q, want %q", got, wantNotes)
	}
	if codes, _ := (Info{Uneven: true, FilledPlanes: 3, Orientation: "oblique"}).Decided(); !slices.Equal(codes, []string{"uneven", "oblique"}) {
		t.Errorf("codes of uneven, oblique slices = %v", codes)
	}
	if codes, _ := (Info{Orientation: "axial", Parts: 1, Blocks: 1}).Decided(); len(codes) != 0 {
		t.Errorf("codes of a plain series = %v, want none", codes)
	}
}

// The data dictionary and the documentation list every code.
func TestDecisionsAreDocumented(t *testing.T) {
	for _, name := range []string{"../../schemas/DICTIONARY.md", "../../docs/series.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range Decisions {
			if !regexp.MustCompile(`\b` + d.Code + `\b`).Match(text) {
				t.Errorf("%s does not tell of decision %s", name, d.Code)
			}
		}
	}
}

// Slices that cannot be decoded are a gap between others, and no end of a volume.
func TestWithout(t *testing.T) {
	in := stackOf(60, nil)
	headers := make([]dicomio.SliceHeader, len(in))
	for i, s := range in {
		headers[i] = s.SliceHeader
	}
	stacks, _, err := Plan(headers, nil)
	if err != nil || len(stacks) != 1 {
		t.Fatalf("Plan = %d stacks, %v; want 1", len(stacks), err)
	}
	for _, c := range []struct {
		reason string
		lost   []int
		code   string
		filled int
	}{
		{"one between others", []int{5}, "", 1},
		{"two apart", []int{3, 7}, "", 2},
		{"four together: a gap of 10 mm", []int{3, 4, 5, 6}, "", 4},
		{"five together: a gap of 12 mm", []int{3, 4, 5, 6, 7}, SlicesLost, 0},
		{"the lowest", []int{0}, SlicesLost, 0},
		{"the highest", []int{59}, SlicesLost, 0},
		{"seven of sixty", []int{3, 9, 15, 21, 27, 33, 39}, SlicesLost, 0},
		{"a slice of another stack", []int{99}, "", 0},
	} {
		got, reject := stacks[0].Without(c.lost)
		switch {
		case c.code != "":
			if reject == nil || reject.Code != c.code {
				t.Errorf("%s: reject %v, want %s", c.reason, reject, c.code)
			}
		case reject != nil:
			t.Errorf("%s: %v", c.reason, reject)
		default:
			wantLost := 60 - len(got.Slices)
			if info := got.Info(); info.Size[2] != 60 || info.FilledPlanes != c.filled || info.Lost != wantLost {
				t.Errorf("%s: %d planes, %d filled, %d lost; want 60, %d, %d", c.reason, info.Size[2], info.FilledPlanes, info.Lost, c.filled, wantLost)
			}
		}
	}
}
