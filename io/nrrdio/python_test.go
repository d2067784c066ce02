package nrrdio

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

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

// image is what SimpleITK finds in a file.
type image struct {
	volume.Grid
	Values []float64
}

// fromFolder opens data files of a folder.
func fromFolder(dir string) Opener {
	return func(name string) (io.ReadCloser, error) { return os.Open(filepath.Join(dir, name)) }
}

func readFile(t *testing.T, path string) (*volume.Volume[int16], error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return ReadHU(f, fromFolder(filepath.Dir(path)), 1<<28)
}

// Files of random type, encoding, byte order and geometry are read as SimpleITK
// reads them; bzip2, which it does not, by the values that were written.
func TestRandomFiles(t *testing.T) {
	interpreter, dir := python(t, "SimpleITK"), t.TempDir()
	const files = 500
	if out, err := exec.Command(interpreter, "testdata/write.py", dir, fmt.Sprint(files), "1").CombinedOutput(); err != nil {
		t.Fatalf("write.py: %v\n%s", err, out)
	}
	var cases []struct {
		File, Fields string
		Values       []float64
		ITK          *image
	}
	text, err := os.ReadFile(filepath.Join(dir, "WANT.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	byITK := 0
	for _, c := range cases {
		v, err := readFile(t, filepath.Join(dir, c.File))
		if err != nil {
			t.Errorf("%s: %v", c.Fields, err)
			continue
		}
		want := c.Values
		if c.ITK != nil {
			byITK++
			want = c.ITK.Values
			if !v.Near(c.ITK.Grid, 1e-9) {
				t.Errorf("%s: the grid is %+v, ITK's %+v", c.Fields, v.Grid, c.ITK.Grid)
			}
		}
		for i, x := range want {
			if x = math.Trunc(x + math.Copysign(0.5, x)); float64(v.Data[i]) != x {
				t.Errorf("%s: voxel %d is %v, want %v", c.Fields, i, v.Data[i], x)
				break
			}
		}
	}
	if byITK < files/2 {
		t.Errorf("SimpleITK read %d of %d files; want most", byITK, files)
	}
}

// Real files: a chest CT with a nodule's label, and two slices with their lungs'.
func TestFixtures(t *testing.T) {
	interpreter := python(t, "SimpleITK")
	root := fixtures(t)
	for _, name := range []string{
		"vol_pyradiomics_lung1/data/lung1_image.nrrd",
		"vol_pyradiomics_lung1/data/lung1_label.nrrd",
		"cip_crop2_lungmask/Testing/Data/Input/crop_ct_2slices.nrrd",
		"cip_crop2_lungmask/cip_python/dcnn/projects/lung_segmenter/tests/baseline/crop_ct_2slices_dcnnLungSegmentationLabelmap.nrrd",
	} {
		path := filepath.Join(root, name)
		v, err := readFile(t, path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		out, err := exec.Command(interpreter, "testdata/describe.py", path).Output()
		if err != nil {
			t.Fatalf("describe.py: %v", err)
		}
		var want struct {
			volume.Grid
			SHA256 string
		}
		if err := json.Unmarshal(out, &want); err != nil {
			t.Fatal(err)
		}
		if got := digest(v.Data); got != want.SHA256 || !v.Near(want.Grid, 1e-9) {
			t.Errorf("%s: %+v with voxels of digest %s; SimpleITK has %+v", name, v.Grid, got, want)
		}
	}
}

// fixtures returns the folder of real files, or skips the test.
func fixtures(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if path := filepath.Join(dir, "shared", "fixtures"); isFolder(path) {
			return path
		}
	}
	t.Skip("no folder shared/fixtures beside the checkout")
	return ""
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
