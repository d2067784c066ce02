package niftiio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ctcohort/io/voxelio"
	"ctcohort/model/volume"
)

// python returns an interpreter that has the modules, or skips the test.
func python(t *testing.T, modules ...string) string {
	t.Helper()
	path := os.Getenv("CTCOHORT_PYTHON")
	if dir, err := os.Getwd(); path == "" && err == nil {
		for ; path == "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if venv := filepath.Join(dir, "build/venv/bin/python"); exec.Command(venv, "-V").Run() == nil {
				path = venv
			}
		}
	}
	if path == "" {
		t.Skip("no Python: set CTCOHORT_PYTHON or run `make test`")
	}
	for _, module := range modules {
		if err := exec.Command(path, "-c", "import "+module).Run(); err != nil {
			t.Skipf("Python has no module %s", module)
		}
	}
	return path
}

func TestReadWhatNibabelWrites(t *testing.T) {
	interpreter, dir := python(t, "nibabel"), t.TempDir()
	if out, err := exec.Command(interpreter, "testdata/nibabel_write.py", dir).CombinedOutput(); err != nil {
		t.Fatalf("nibabel_write.py: %v\n%s", err, out)
	}
	var cases []struct {
		Name, File string
		Affine     [16]float64
		Values     []float64
	}
	text, err := os.ReadFile(filepath.Join(dir, "WANT.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			f, err := os.Open(filepath.Join(dir, c.File))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			v, err := ReadHU(f, 60)
			if err != nil {
				t.Fatal(err)
			}
			if v.Size != [3]int{3, 4, 5} {
				t.Fatalf("size %v, want 3 × 4 × 5", v.Size)
			}
			for i, want := range c.Values {
				if got := float64(v.Data[i]); got != want {
					t.Fatalf("voxel %d is %v, want %v", i, got, want)
				}
			}
			for r, row := range toRAS(v.Grid) {
				for i, got := range row {
					if want := c.Affine[4*r+i]; math.Abs(got-want) > 1e-5 {
						t.Errorf("element (%d, %d) of the affine is %v, want %v", r, i, got, want)
					}
				}
			}
		})
	}
}

func TestNibabelAndSimpleITKReadWhatIsWritten(t *testing.T) {
	interpreter, dir := python(t, "nibabel", "SimpleITK"), t.TempDir()
	written := map[string]*volume.Volume[int16]{}
	for i, g := range grids() {
		v := filled[int16](g)
		for _, end := range []string{".nii", ".nii.gz"} {
			name := fmt.Sprint(i, end)
			written[name] = v
			writeFile(t, filepath.Join(dir, name), v)
		}
	}
	labels, scores := filled[uint8](grids()[0]), filled[float32](grids()[0])
	writeFile(t, filepath.Join(dir, "labels.nii"), labels)
	writeFile(t, filepath.Join(dir, "scores.nii"), scores)

	out, err := exec.Command(interpreter, "testdata/read.py", dir).Output()
	if err != nil {
		t.Fatalf("read.py: %v\n%s", err, out)
	}
	var found []struct {
		File, Dtype       string
		Sform, Qform      [16]float64
		Codes             [2]int
		Values, ITKValues []float64
		volume.Grid
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	if want := len(written) + 2; len(found) != want {
		t.Fatalf("read.py found %d files, want %d", len(found), want)
	}
	for _, f := range found {
		v, dtype := written[f.File], "int16"
		switch f.File {
		case "labels.nii":
			v, dtype = &volume.Volume[int16]{Grid: labels.Grid, Data: convert[int16](labels.Data)}, "uint8"
		case "scores.nii":
			v, dtype = &volume.Volume[int16]{Grid: scores.Grid, Data: convert[int16](scores.Data)}, "float32"
		}
		if f.Dtype != dtype || f.Codes != [2]int{1, 1} {
			t.Errorf("%s: type %s with form codes %v, want %s with [1 1]", f.File, f.Dtype, f.Codes, dtype)
		}
		if !v.Near(f.Grid, 1e-3) {
			t.Errorf("%s: SimpleITK finds the grid %+v, want %+v", f.File, f.Grid, v.Grid)
		}
		for r, row := range toRAS(v.Grid) {
			for c, want := range row {
				if s, q := f.Sform[4*r+c], f.Qform[4*r+c]; math.Abs(s-want) > 1e-4 || math.Abs(q-want) > 1e-4 {
					t.Errorf("%s: element (%d, %d) is %v in the sform and %v in the qform, want %v", f.File, r, c, s, q, want)
				}
			}
		}
		for i, want := range v.Data {
			if f.Values[i] != float64(want) || f.ITKValues[i] != float64(want) {
				t.Fatalf("%s: voxel %d is %v to nibabel and %v to SimpleITK, want %v", f.File, i, f.Values[i], f.ITKValues[i], want)
			}
		}
	}
}

func writeFile[T volume.Voxel](t *testing.T, path string, v *volume.Volume[T]) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Write(f, v, filepath.Ext(path) == ".gz"); err != nil {
		t.Fatal(err)
	}
}

// Random headers are read as nibabel reads their values, and as ITK their
// geometry: it alone of the two weighs one affine against the other.
func TestRandomHeaders(t *testing.T) {
	interpreter, dir := python(t, "nibabel", "SimpleITK"), t.TempDir()
	const files = 300
	if out, err := exec.Command(interpreter, "testdata/headers.py", dir, fmt.Sprint(files), "1").CombinedOutput(); err != nil {
		t.Fatalf("headers.py: %v\n%s", err, out)
	}
	var cases []struct {
		File, Kind string
		Codes      [2]int // qform, sform
		Unit       float64
		Values     []float64
		Affine     [16]float64
		ITK        *volume.Grid
	}
	text, err := os.ReadFile(filepath.Join(dir, "WANT.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	byITK, sheared := 0, 0
	for _, c := range cases {
		file, err := os.ReadFile(filepath.Join(dir, c.File))
		if err != nil {
			t.Fatal(err)
		}
		v, err := ReadHU(bytes.NewReader(file), 1000)
		if usesSform := c.Codes[1] == 1 || c.Codes[0] == 0 && c.Codes[1] > 0; c.Kind == "sheared" && usesSform {
			sheared++
			if !errors.Is(err, voxelio.ErrGeometry) {
				t.Errorf("%s: a sheared sform gives %v, want ErrGeometry", c.File, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s, qform and sform code %v, %s: %v", c.File, c.Codes, c.Kind, err)
			continue
		}
		for i, want := range c.Values {
			if want = math.Trunc(want + math.Copysign(0.5, want)); float64(v.Data[i]) != want {
				t.Errorf("%s: voxel %d is %v, want %v", c.File, i, v.Data[i], want)
				break
			}
		}
		if c.ITK != nil && c.Unit == 1 {
			byITK++
			if !v.Near(*c.ITK, 2e-3) {
				t.Errorf("%s, qform and sform code %v, %s: the grid is %+v, ITK's %+v", c.File, c.Codes, c.Kind, v.Grid, *c.ITK)
			}
		}
		if c.Codes[0] > 0 && c.Codes[1] > 0 && c.Kind == "other" || c.Kind == "sheared" || c.Codes == [2]int{} {
			continue // nibabel takes the sform, and no affine for another one
		}
		for r, row := range toRAS(v.Grid) {
			for i, got := range row {
				if want := c.Affine[4*r+i] * c.Unit; math.Abs(got-want) > 1e-3*c.Unit {
					t.Errorf("%s: element (%d, %d) of the affine is %v, want %v", c.File, r, i, got, want)
				}
			}
		}
	}
	if byITK < files/3 || sheared == 0 {
		t.Errorf("%d of %d files compared with ITK, %d sheared; want more", byITK, files, sheared)
	}
}
