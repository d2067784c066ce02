package volume

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python returns an interpreter that has the module, or skips the test.
func python(t testing.TB, module string) string {
	t.Helper()
	path := os.Getenv("CTCOHORT_PYTHON")
	if path == "" {
		path = above("build/venv/bin/python")
	}
	if path == "" {
		t.Skip("no Python: set CTCOHORT_PYTHON or run `make test`")
	}
	if err := exec.Command(path, "-c", "import "+module).Run(); err != nil {
		t.Skipf("Python has no module %s", module)
	}
	return path
}

// above returns the named file of this folder or the next one above that has it.
func above(name string) string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for ; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

type simpleITKCase struct {
	Name    string
	In, Out Grid
	How     Interpolation
	Fill    int16
	volume  *Volume[int16]
}

// want runs SimpleITK on all cases.
func want(t *testing.T, cases []simpleITKCase) [][]int16 {
	t.Helper()
	interpreter := python(t, "SimpleITK")
	dir := t.TempDir()
	list, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "CASES.json"), list, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		b, _ := binary.Append(nil, binary.LittleEndian, c.volume.Data)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".raw")), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(interpreter, "testdata/simpleitk_resample.py", dir).CombinedOutput(); err != nil {
		t.Fatalf("simpleitk_resample.py: %v\n%s", err, out)
	}
	results := make([][]int16, len(cases))
	for i, c := range cases {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i, ".want")))
		if err != nil {
			t.Fatal(err)
		}
		results[i] = make([]int16, c.Out.Len())
		if n, err := binary.Decode(b, binary.LittleEndian, results[i]); err != nil || n != len(b) {
			t.Fatalf("%s: decoded %d of %d bytes: %v", c.Name, n, len(b), err)
		}
	}
	return results
}

// rotation turns by yaw, pitch and roll, in radians.
func rotation(yaw, pitch, roll float64) [9]float64 {
	sy, cy := math.Sincos(yaw)
	sp, cp := math.Sincos(pitch)
	sr, cr := math.Sincos(roll)
	return [9]float64{
		cy * cp, cy*sp*sr - sy*cr, cy*sp*cr + sy*sr,
		sy * cp, sy*sp*sr + cy*cr, sy*sp*cr - cy*sr,
		-sp, cp * sr, cp * cr,
	}
}

var directions = []struct {
	name   string
	matrix [9]float64
}{
	{"axial", Identity()},
	{"feet first, prone", [9]float64{-1, 0, 0, 0, 1, 0, 0, 0, -1}},
	{"coronal", [9]float64{1, 0, 0, 0, 0, 1, 0, -1, 0}},
	{"oblique", rotation(0.3, -0.2, 0.1)},
	// Cosines as a DICOM header has them, with six digits.
	{"oblique, rounded", [9]float64{0.998135, 0.000000, -0.061049, 0.002129, 0.999391, 0.034815, 0.061012, -0.034880, 0.997527}},
}

var spacings = []struct {
	in   [3]float64
	out  [3]float64
	size [3]int
}{
	{[3]float64{0.7, 0.7, 1}, [3]float64{1, 1, 1}, [3]int{61, 53, 17}},
	{[3]float64{0.703125, 0.703125, 2.5}, [3]float64{1, 1, 1}, [3]int{64, 47, 13}}, // thirteen slices: 32.5 mm
	{[3]float64{0.9765625, 0.9765625, 0.625}, [3]float64{1.5, 1.5, 1.5}, [3]int{37, 41, 29}},
	{[3]float64{0.5, 0.5, 0.5}, [3]float64{1, 1, 1}, [3]int{25, 24, 27}}, // every average is a tie, every odd side ends on a face
	{[3]float64{1, 1, 1}, [3]float64{0.5, 0.4, 0.3}, [3]int{19, 23, 11}},
	{[3]float64{0.8, 0.8, 5}, [3]float64{3, 3, 3}, [3]int{70, 66, 9}},
	{[3]float64{0.68, 0.68, 1.25}, [3]float64{0.68, 0.68, 1.25}, [3]int{21, 22, 23}},
	{[3]float64{1, 1, 1}, [3]float64{1.5, 0.7, 1}, [3]int{1, 3, 4}}, // ITK reads past the end of a side of two
}

// noise fills a grid with random HU, steeper than any scan.
func noise(g Grid, seed uint64) *Volume[int16] {
	v := New[int16](g)
	r := rand.New(rand.NewPCG(seed, 7))
	for i := range v.Data {
		v.Data[i] = int16(r.IntN(4096) - 1024)
	}
	return v
}

func respacingCases(how Interpolation) []simpleITKCase {
	var cases []simpleITKCase
	for _, d := range directions {
		for i, s := range spacings {
			g := Grid{Size: s.size, SpacingMM: s.in, OriginMM: [3]float64{-174.3, -212.65, -1034.125}, Direction: d.matrix}
			cases = append(cases, simpleITKCase{
				Name: fmt.Sprintf("%s, %v of %v mm to %v mm", d.name, s.size, s.in, s.out),
				In:   g, Out: g.Respaced(s.out), How: how, Fill: AirHU, volume: noise(g, uint64(i)),
			})
		}
	}
	return cases
}

func TestResampleEqualsSimpleITK(t *testing.T) {
	for how, tolerance := range map[Interpolation]int{Linear: 0, Nearest: 0, BSpline: 1} {
		cases := respacingCases(how)
		wants := want(t, cases)
		for i, c := range cases {
			t.Run(string(how)+"/"+c.Name, func(t *testing.T) {
				got, err := Resample(c.volume, c.Out.SpacingMM, how, 2)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, got.Data, wants[i], tolerance)
			})
		}
	}
}

func compare(t *testing.T, got, want []int16, tolerance int) {
	t.Helper()
	differ, worst := 0, 0
	for i := range want {
		d := int(got[i]) - int(want[i])
		d = max(d, -d)
		if d > tolerance {
			differ++
		}
		worst = max(worst, d)
	}
	if differ > 0 {
		t.Errorf("%d of %d voxels differ by more than %d HU, at most by %d", differ, len(want), tolerance, worst)
	}
}

// ontoCases pair grids that lie in any way to each other, partly outside.
func ontoCases(how Interpolation) []simpleITKCase {
	in := Grid{Size: [3]int{31, 29, 17}, SpacingMM: [3]float64{0.9, 0.8, 2.5}, OriginMM: [3]float64{-11, 7, -300}}
	var cases []simpleITKCase
	for _, a := range directions {
		for _, b := range directions {
			in.Direction = a.matrix
			// The middle of out is the middle of in, rounded to a millimetre.
			out := Grid{Size: [3]int{33, 27, 35}, SpacingMM: [3]float64{1, 1, 1}, Direction: b.matrix}
			half, middle := out.Point(16, 13, 17), in.Point(15, 14, 8)
			for c := range 3 {
				out.OriginMM[c] = math.Round(middle[c] - half[c])
			}
			cases = append(cases, simpleITKCase{
				Name: a.name + " onto " + b.name, In: in, Out: out, How: how, Fill: -77, volume: noise(in, 3),
			})
		}
	}
	return cases
}

func TestResampleOntoEqualsSimpleITK(t *testing.T) {
	for how, tolerance := range map[Interpolation]int{Linear: 0, Nearest: 0, BSpline: 1} {
		cases := ontoCases(how)
		wants := want(t, cases)
		for i, c := range cases {
			t.Run(string(how)+"/"+c.Name, func(t *testing.T) {
				compare(t, ResampleOnto(c.volume, c.Out, how, c.Fill, 2).Data, wants[i], tolerance)
			})
		}
	}
}

func TestNearestOntoEqualsSimpleITK(t *testing.T) {
	cases := ontoCases(Nearest)
	labels := make([]*Volume[uint8], len(cases))
	for i, c := range cases {
		cases[i].Fill = 0
		labels[i] = New[uint8](c.In)
		for k := range c.volume.Data {
			c.volume.Data[k] &= 3
			labels[i].Data[k] = uint8(c.volume.Data[k])
		}
	}
	wants := want(t, cases)
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got := NearestOnto(labels[i], c.Out, 2)
			for k, label := range got.Data {
				if int16(label) != wants[i][k] {
					t.Fatalf("voxel %d has label %d, SimpleITK has %d", k, label, wants[i][k])
				}
			}
		})
	}
}

// The project's reference tool is a second caller of SimpleITK, with its own idea
// of the output grid.
func TestResampleEqualsReferenceTool(t *testing.T) {
	tool := above("shared/acceptance/reference_ct.py")
	if dir := os.Getenv("CTCOHORT_SHARED"); dir != "" {
		tool = filepath.Join(dir, "acceptance/reference_ct.py")
	}
	if tool == "" {
		t.Skip("no shared/acceptance/reference_ct.py here or above")
	}
	interpreter := python(t, "SimpleITK")
	g := Grid{Size: [3]int{64, 61, 23}, SpacingMM: [3]float64{0.7, 0.8, 2.5}, OriginMM: [3]float64{-100, -80, 50}, Direction: rotation(0, 0, 0.2)}
	v, dir := noise(g, 5), t.TempDir()
	b, _ := binary.Append([]byte(npyHeader("<i2", g.Size)), binary.LittleEndian, v.Data)
	header, _ := json.Marshal(map[string]any{"size": g.Size, "spacing": g.SpacingMM, "origin": g.OriginMM, "direction": g.Direction})
	if err := errors.Join(os.WriteFile(dir+"/in.npy", b, 0o600), os.WriteFile(dir+"/in.json", header, 0o600)); err != nil {
		t.Fatal(err)
	}
	for how, tolerance := range map[Interpolation]int{Linear: 0, Nearest: 0, BSpline: 1} {
		command := exec.Command(interpreter, tool, "resample", dir+"/in", "--spacing", "1", "1", "1", "--interp", string(how), "--out", dir+"/out")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("reference_ct.py: %v\n%s", err, out)
		}
		var grid struct {
			Size    [3]int
			Spacing [3]float64
			Origin  [3]float64
		}
		text, _ := os.ReadFile(dir + "/out.json")
		data, err := os.ReadFile(dir + "/out.npy")
		if err := errors.Join(err, json.Unmarshal(text, &grid)); err != nil {
			t.Fatal(err)
		}
		got, err := Resample(v, [3]float64{1, 1, 1}, how, 2)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Near(Grid{grid.Size, grid.Spacing, grid.Origin, g.Direction}, 1e-9) {
			t.Fatalf("%s: the grid is %+v, want %+v", how, got.Grid, grid)
		}
		want := make([]int16, got.Len())
		if _, err := binary.Decode(data[len(data)-2*got.Len():], binary.LittleEndian, want); err != nil {
			t.Fatal(err)
		}
		compare(t, got.Data, want, tolerance)
	}
}

// npyHeader returns the header of a NumPy file, format 1.0, of an array (z, y, x).
func npyHeader(dtype string, size [3]int) string {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d, %d), }", dtype, size[2], size[1], size[0])
	text += strings.Repeat(" ", 63-(10+len(text))%64) + "\n"
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(text)), byte(len(text) >> 8)}) + text
}
