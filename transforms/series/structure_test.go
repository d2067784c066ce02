package series

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

func readRTSTRUCT(t testing.TB, path string) *dicomio.StructureSet {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := dicomio.ReadStructureSet(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("ReadStructureSet: %v", err)
	}
	return set
}

// written has pydicom and highdicom write a CT and its labels.
func written(t testing.TB, how ...string) (folder string, ct Result, truth []int16) {
	t.Helper()
	exe := python(t)
	if exec.Command(exe, "-c", "import highdicom").Run() != nil {
		t.Skip("no Python with highdicom (CTCOHORT_PYTHON or build/venv)")
	}
	folder = filepath.Join(t.TempDir(), "labels")
	cmd := exec.Command(exe, append([]string{filepath.Join("testdata", "labels.py"), folder}, how...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("labels.py: %v\n%s", err, out)
	}
	return folder, assembled(t, filepath.Join(folder, "ct")), readNPY(t, filepath.Join(folder, "truth.npy"))
}

// dice returns how well classes agree with the truth.
func dice(got []uint8, truth []int16, class uint8) float64 {
	var both, sum float64
	for i, g := range got {
		w := truth[i] == int16(class)
		if g == class {
			sum++
		}
		if w {
			sum++
		}
		if g == class && w {
			both++
		}
	}
	return 2 * both / sum
}

// What Python writes comes back as it was written, however the patient lies.
func TestLabelsWrittenByPython(t *testing.T) {
	for _, how := range [][]string{nil, {"--prone"}} {
		folder, ct, truth := written(t, how...)
		t.Run("contours give the mask", func(t *testing.T) { contoursGiveTheMask(t, folder, ct, truth) })
		t.Run("segmentations give each voxel", func(t *testing.T) { segmentationsGiveEachVoxel(t, folder, ct, truth) })
	}
}

// Contours made by a formula, with coordinates rounded to 0.01 mm, give the mask
// of the formula, however holes are drawn.
func contoursGiveTheMask(t *testing.T, folder string, ct Result, truth []int16) {
	for _, name := range []string{"nested", "xor", "keyhole"} {
		label, err := FromStructureSet(readRTSTRUCT(t, filepath.Join(folder, "rtss_"+name+".dcm")), DefaultNames())
		if err != nil {
			t.Errorf("%s: FromStructureSet: %v", name, err)
			continue
		}
		if i, why := Match(label, []Info{ct.Info}); i != 0 || why != nil {
			t.Errorf("%s: Match = %d, %v; want 0, nil", name, i, why)
		}
		got, info, err := label.Draw(ct.Info)
		if err != nil {
			t.Errorf("%s: Draw: %v", name, err)
			continue
		}
		lung, infection := dice(got.Data, truth, Lung), dice(got.Data, truth, Infection)
		t.Logf("%s: lung Dice %.5f, infection Dice %.5f", name, lung, infection)
		if lung < 0.995 || infection < 0.99 {
			t.Errorf("%s: lung Dice %.4f, infection Dice %.4f; want 0.995 and 0.99 or more", name, lung, infection)
		}
		if info.PlanesOutside != 0 || info.Joined != 0 || info.Source != "rtstruct" || name == "nested" && !slices.Equal(info.Unused, []string{"Heart"}) {
			t.Errorf("%s: %+v; want every contour on a slice and the heart left out", name, info)
		}
	}
}

// What highdicom writes gives what it was written from, voxel for voxel.
func segmentationsGiveEachVoxel(t *testing.T, folder string, ct Result, truth []int16) {
	for _, name := range []string{"binary", "whole", "part", "labelmap", "fractional", "fractional_rle", "fine"} {
		label := labelOf(t, readSEG(t, filepath.Join(folder, "seg_"+name+".dcm")), DefaultNames())
		got, info, err := label.Draw(ct.Info)
		if err != nil {
			t.Errorf("%s: Draw: %v", name, err)
			continue
		}
		want := slices.Clone(truth)
		if plane := ct.Volume.Size[0] * ct.Volume.Size[1]; name == "part" {
			clear(want[:3*plane])
			clear(want[8*plane:])
		}
		if l, i := dice(got.Data, want, Lung), dice(got.Data, want, Infection); l != 1 || i != 1 || info.Exact != (name != "fine") || info.PlanesOutside != 0 || info.OutsideShare != 0 {
			t.Errorf("%s: lung Dice %.4f, infection Dice %.4f, %+v; want each voxel as drawn", name, l, i, info)
		}
		if drawn := info.SlicesDrawn; name == "part" && (drawn != 5 || !strings.Contains(info.Notes(), "on 5 of 12 slices")) {
			t.Errorf("part: %q; want 5 of 12 slices", info.Notes())
		}
	}
	seg := readSEG(t, filepath.Join(folder, "seg_fractional.dcm"))
	seg.SetThreshold(0.7)
	if got, _, err := labelOf(t, seg, DefaultNames()).Draw(ct.Info); err != nil || slices.Contains(got.Data, Lung) || dice(got.Data, truth, Infection) != 1 {
		t.Errorf("with a threshold of 0.7, shares of 0.6 count: %v", err)
	}
}

// gridOf is a stack of n slices of size × size pixels of 1 mm, step apart.
func gridOf(n, size int, step float64) Info {
	s := &Stack{
		head:   dicomio.SliceHeader{Rows: size, Columns: size, Orientation: [6]float64{1, 0, 0, 0, 1, 0}, PixelSpacingMM: [2]float64{1, 1}, SeriesUID: "1.2"},
		stepMM: step, even: true,
		grid: volume.Grid{Size: [3]int{size, size, n}, SpacingMM: [3]float64{1, 1, step}, Direction: volume.Identity()},
	}
	for k := range n {
		s.heightsMM = append(s.heightsMM, float64(k)*step)
		s.instances = append(s.instances, fmt.Sprintf("1.2.%d", k))
	}
	return Info{SeriesUID: "1.2", stack: s}
}

// contour is a closed line at a height.
func contour(z float64, xy ...float64) dicomio.Contour {
	c := dicomio.Contour{Type: "CLOSED_PLANAR"}
	for i := 0; i < len(xy); i += 2 {
		c.PointsMM = append(c.PointsMM, [3]float64{xy[i], xy[i+1], z})
	}
	return c
}

// square is a contour around the pixels from a to b, both taken in.
func square(z, a, b float64) dicomio.Contour {
	return contour(z, a-0.5, a-0.5, b+0.5, a-0.5, b+0.5, b+0.5, a-0.5, b+0.5)
}

func xor(c dicomio.Contour) dicomio.Contour {
	c.Type = "CLOSEDPLANAR_XOR"
	return c
}

func lungOf(contours ...dicomio.Contour) *dicomio.StructureSet {
	return &dicomio.StructureSet{ReferencedSeriesUIDs: []string{"1.2"}, ROIs: []dicomio.ROI{{Number: 1, Name: "Lung", Contours: contours}}}
}

func TestContoursOfKnownArea(t *testing.T) {
	cases := []struct {
		reason   string
		contours []dicomio.Contour
		want     int // voxels
	}{
		{"a square around 4 × 4 voxels", []dicomio.Contour{square(0, 2, 5)}, 16},
		{"the same twice is once", []dicomio.Contour{square(0, 2, 5), square(0, 2, 5)}, 16},
		{"nearly the same twice is once", []dicomio.Contour{square(0, 2, 5), contour(0, 1.6, 1.5, 5.5, 1.5, 5.5, 5.5, 1.5, 5.5)}, 16},
		{"a line through voxel centres takes them in", []dicomio.Contour{contour(0, 2, 2, 5, 2, 5, 5, 2, 5)}, 16},
		{"also where rounding moved it", []dicomio.Contour{contour(0, 2.004, 1.996, 4.997, 2.003, 5.002, 4.998, 1.999, 5.001)}, 16},
		{"a vertex on a centre", []dicomio.Contour{contour(0, 4, 1, 7, 4, 4, 7, 1, 4)}, 25},
		{"backwards", []dicomio.Contour{contour(0, 1, 4, 4, 7, 7, 4, 4, 1)}, 25},
		{"a hole drawn within", []dicomio.Contour{square(0, 1, 10), square(0, 4, 6)}, 91},
		{"a hole drawn first", []dicomio.Contour{square(0, 4, 6), square(0, 1, 10)}, 91},
		{"an island in a hole", []dicomio.Contour{square(0, 1, 12), square(0, 3, 9), square(0, 5, 6)}, 144 - 49 + 4},
		{"a hole by XOR", []dicomio.Contour{xor(square(0, 1, 10)), xor(square(0, 4, 6))}, 91},
		{"XOR of an overlap in part", []dicomio.Contour{xor(square(0, 1, 6)), xor(square(0, 4, 9))}, 36 + 36 - 18},
		{"a hole by keyhole", []dicomio.Contour{contour(0, 0.5, 0.5, 10.5, 0.5, 10.5, 10.5, 0.5, 10.5, 0.5, 0.5, 3.5, 3.5, 3.5, 6.5, 6.5, 6.5, 6.5, 3.5, 3.5, 3.5)}, 91},
		{"an overlap in part is joined", []dicomio.Contour{square(0, 1, 6), square(0, 4, 9)}, 36 + 36 - 9},
		{"two side by side", []dicomio.Contour{square(0, 1, 4), square(0, 5, 8)}, 32},
		{"cut by the edge", []dicomio.Contour{square(0, -3, 2)}, 9},
		{"all around the slice", []dicomio.Contour{square(0, -50, 70)}, 256},
		{"of one point on a centre", []dicomio.Contour{contour(0, 3, 3)}, 1},
		{"of no area between centres", []dicomio.Contour{square(0, 1, 2), contour(0, 9.3, 9.3, 9.4, 9.4)}, 4},
		{"a bow tie", []dicomio.Contour{contour(0, 1.5, 1.5, 9.5, 9.5, 9.5, 1.5, 1.5, 9.5)}, 2 * (2 + 4 + 6 + 8)},
	}
	for _, c := range cases {
		label, err := FromStructureSet(lungOf(c.contours...), DefaultNames())
		if err != nil {
			t.Errorf("%s: FromStructureSet: %v", c.reason, err)
			continue
		}
		_, info, err := label.Draw(gridOf(3, 16, 2))
		if err != nil || info.LungVoxels != c.want {
			t.Errorf("%s: %d voxels, %v; want %d", c.reason, info.LungVoxels, err, c.want)
		}
	}
}

func TestContoursFindTheirSlice(t *testing.T) {
	open := square(0, 2, 5)
	open.Type = "OPEN_PLANAR"
	point := contour(4, 3, 3)
	point.Type = "POINT"
	cases := []struct {
		reason   string
		contours []dicomio.Contour
		slices   []int
		code     string
		notes    string
	}{
		{"by position, not by order", []dicomio.Contour{square(6, 2, 5), square(2, 2, 5)}, []int{1, 3}, "", "on 2 of 5 slices; 1 slices between contours have none and stay empty"},
		{"within a tenth of a step", []dicomio.Contour{square(2.19, 2, 5)}, []int{1}, "", "on 1 of 5 slices"},
		{"no further", []dicomio.Contour{square(2.3, 2, 5), square(4, 2, 5), square(6, 2, 5)}, []int{2, 3}, "", "on 2 of 5 slices; 1 of 3 planes lie on no slice"},
		{"open lines and points enclose nothing", []dicomio.Contour{open, point, square(4, 2, 5)}, []int{2}, "", "on 1 of 5 slices; 2 contours enclose nothing"},
		{"most outside", []dicomio.Contour{square(2, 2, 5), square(12, 2, 5), square(14, 2, 5)}, nil, LabelOutside, ""},
		{"beside the slice", []dicomio.Contour{square(2, 30, 40)}, nil, LabelOutside, ""},
		{"oblique", []dicomio.Contour{{Type: "CLOSED_PLANAR", PointsMM: [][3]float64{{1, 1, 0}, {5, 1, 0}, {5, 5, 2}}}}, nil, LabelGeometry, ""},
		{"nothing closed", []dicomio.Contour{open, point}, nil, LabelContours, ""},
		{"more than anybody draws", slices.Repeat([]dicomio.Contour{xor(square(2, 1, 2))}, 1001), nil, LabelContours, ""},
	}
	for _, c := range cases {
		label, err := FromStructureSet(lungOf(c.contours...), DefaultNames())
		var v *volume.Volume[uint8]
		var info LabelInfo
		if err == nil {
			v, info, err = label.Draw(gridOf(5, 16, 2))
		}
		if c.code != "" {
			if err == nil {
				t.Errorf("%s: no error, want %s", c.reason, c.code)
			} else {
				wantCode(t, err, c.code)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		var got []int
		for z := range 5 {
			if slices.Contains(v.Data[z*256:(z+1)*256], Lung) {
				got = append(got, z)
			}
		}
		if !slices.Equal(got, c.slices) || info.Notes() != c.notes {
			t.Errorf("%s: on slices %v, %q; want %v, %q", c.reason, got, info.Notes(), c.slices, c.notes)
		}
	}
}

// Regions of one class are joined, and infection lies over lung.
func TestRegionsOverlap(t *testing.T) {
	set := lungOf(square(0, 1, 8))
	set.ROIs = append(set.ROIs,
		dicomio.ROI{Number: 2, Name: "Infection", Contours: []dicomio.Contour{square(0, 7, 10)}},
		dicomio.ROI{Number: 3, Name: "healthy lung", Contours: []dicomio.Contour{square(0, 1, 10)}})
	label, err := FromStructureSet(set, DefaultNames())
	if err != nil {
		t.Fatal(err)
	}
	if _, info, err := label.Draw(gridOf(3, 16, 2)); err != nil || info.InfectionVoxels != 16 || info.LungVoxels != 84 {
		t.Errorf("%+v, %v; want 16 voxels of infection and the other 84 of lung", info, err)
	}
	set.ROIs[1].FrameOfReferenceUID = "1.2.3"
	_, err = FromStructureSet(set, DefaultNames())
	wantCode(t, err, LabelGeometry)
	set.ROIs = set.ROIs[1:2]
	set.ROIs[0].Name = "Liver"
	_, err = FromStructureSet(set, DefaultNames())
	wantCode(t, err, LabelNames)
}

// Polygons at random are filled as the winding of their lines says, voxel by voxel.
func FuzzPolygon(f *testing.F) {
	f.Add([]byte{10, 10, 50, 12, 40, 60, 5, 44})
	f.Add([]byte{0, 0, 255, 255, 255, 0, 0, 255, 128, 7})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 6 || len(data) > 200 {
			return
		}
		l := line{xor: true}
		for i := 0; i+1 < len(data); i += 2 {
			l.points = append(l.points, [2]float64{float64(data[i])/8 - 5 + 0.03, float64(data[i+1])/8 - 5 + 0.03})
		}
		c := newCanvas(20, 20)
		c.region([]line{l})
		for y := range 20 {
			for x := range 20 {
				if want := winds(l.points, float64(x), float64(y)); c.inside[y*20+x] != want && !near(l.points, float64(x), float64(y)) {
					t.Fatalf("voxel %d, %d: %v, want %v", x, y, c.inside[y*20+x], want)
				}
			}
		}
	})
}

// winds says by the sum of angles whether lines go around a point an odd number of times.
func winds(points [][2]float64, x, y float64) bool {
	var angle float64
	for i, p := range points {
		q := points[(i+1)%len(points)]
		d := math.Atan2(q[1]-y, q[0]-x) - math.Atan2(p[1]-y, p[0]-x)
		angle += math.Remainder(d, 2*math.Pi)
	}
	return int(math.Abs(math.Round(angle/(2*math.Pi))))%2 == 1
}

// near says whether a point lies on a line, or nearly.
func near(points [][2]float64, x, y float64) bool {
	for i, p := range points {
		q := points[(i+1)%len(points)]
		dx, dy := q[0]-p[0], q[1]-p[1]
		at := 0.0
		if n := dx*dx + dy*dy; n > 0 {
			at = max(0, min(1, ((x-p[0])*dx+(y-p[1])*dy)/n))
		}
		if math.Hypot(p[0]+at*dx-x, p[1]+at*dy-y) < 3*onLine {
			return true
		}
	}
	return false
}

// The fixture's "Lt Lung" on a series like the one it was drawn on, of which one
// image is left. The count is of skimage.measure.grid_points_in_poly 0.26.0, its
// contours put together by XOR in each slice.
func TestDicompylerLung(t *testing.T) {
	set := readRTSTRUCT(t, shared(t, "fixtures", "rtstruct_dicompyler", "rtss.dcm"))
	image, err := os.ReadFile(shared(t, "fixtures", "rtstruct_dicompyler", "ct.0.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	left, err := dicomio.ReadSlice(bytes.NewReader(image))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.ROIs) != 10 || set.ROIs[5].Name != "Lt Lung" || len(set.ROIs[5].Contours) != 165 {
		t.Fatalf("%d regions; want ten, the sixth Lt Lung with 165 contours", len(set.ROIs))
	}
	headers := make([]dicomio.SliceHeader, 98)
	for i := range headers {
		headers[i] = left.SliceHeader
		headers[i].PositionMM[2] -= 3 * float64(i)
		if i > 0 {
			headers[i].SOPInstanceUID = fmt.Sprint("another.", i)
		}
	}
	stacks, rejects, err := Plan(headers, func(int, int) (bool, error) { return false, nil })
	if err != nil || len(stacks) != 1 || len(rejects) != 0 {
		t.Fatalf("Plan: %d stacks, %v, %v", len(stacks), rejects, err)
	}
	label, err := FromStructureSet(set, DefaultNames())
	if err != nil {
		t.Fatal(err)
	}
	info := stacks[0].Info()
	if i, why := Match(label, []Info{info}); i != 0 || why != nil {
		t.Errorf("Match = %d, %v; want 0, nil", i, why)
	}
	got, drawn, err := label.Draw(info)
	if err != nil {
		t.Fatal(err)
	}
	// Voxels on a line are inside here and mostly not there.
	const reference, onLines = 578732, 600
	if drawn.LungVoxels < reference || drawn.LungVoxels > reference+onLines || !got.Near(info.stack.grid, 0) {
		t.Errorf("%d voxels of lung; want %d and a few that lie on lines", drawn.LungVoxels, reference)
	}
	if want := "neither lung nor infection: BODY, Borders, Breast, Heart, Nodes and 3 more; on 80 of 98 slices"; drawn.Notes() != want {
		t.Errorf("notes %q, want %q", drawn.Notes(), want)
	}
}
