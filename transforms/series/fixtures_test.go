package series

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

// shared returns a path in the folder of shared test data, which lies beside the
// checkout or where CTCOHORT_SHARED says; without it the test is skipped.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("CTCOHORT_SHARED")
	if root == "" {
		root = above("shared/fixtures", func(p string) string { return filepath.Dir(p) })
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); root == "" || err != nil {
		t.Skipf("shared test data %s is not there", filepath.Join(elem...))
	}
	return path
}

// python returns an interpreter that has the reference tools.
func python(t testing.TB) string {
	t.Helper()
	exe := interpreter()
	if exe == "" {
		t.Skip("no Python with SimpleITK and pydicom (CTCOHORT_PYTHON or build/venv)")
	}
	return exe
}

var interpreter = sync.OnceValue(func() string {
	exe := os.Getenv("CTCOHORT_PYTHON")
	if exe == "" {
		exe = above("build/venv/bin/python", func(p string) string { return p })
	}
	if exe == "" || exec.Command(exe, "-c", "import SimpleITK, pydicom").Run() != nil {
		return ""
	}
	return exe
})

// above looks for a relative path in the parents of the working directory.
func above(relative string, found func(string) string) string {
	dir, err := os.Getwd()
	for err == nil {
		if p := filepath.Join(dir, relative); exists(p) {
			return found(p)
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readDir reads all slices of a folder. Files that are no slice fail the test.
func readDir(t testing.TB, dir string) []*dicomio.Slice {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.dcm"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	var out []*dicomio.Slice
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := dicomio.ReadSlices(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("ReadSlices(%s): %v", filepath.Base(name), err)
		}
		out = append(out, s...)
	}
	return out
}

// reference reads a series with SimpleITK.
func reference(t testing.TB, dir string) *volume.Volume[int16] {
	t.Helper()
	prefix := filepath.Join(t.TempDir(), "reference")
	cmd := exec.Command(python(t), shared(t, "acceptance", "reference_ct.py"), "volume", dir, "--out", prefix)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("reference_ct.py volume: %v\n%s", err, out)
	}
	var g struct {
		Size                       [3]int
		Spacing, Origin, Direction []float64
	}
	b, err := os.ReadFile(prefix + ".json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	v := volume.New[int16](volume.Grid{Size: g.Size, SpacingMM: [3]float64(g.Spacing), OriginMM: [3]float64(g.Origin), Direction: [9]float64(g.Direction)})
	v.Data = readNPY(t, prefix+".npy")
	return v
}

// readNPY reads an array of little-endian int16, in C order.
func readNPY(t testing.TB, path string) []int16 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("\x93NUMPY\x01")) || !strings.Contains(string(b[:80]), "'<i2', 'fortran_order': False") {
		t.Fatalf("%s is no array of int16 in C order", filepath.Base(path))
	}
	b = b[10+int(binary.LittleEndian.Uint16(b[8:])):]
	out := make([]int16, len(b)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return out
}

// trap writes a series of trap_series.py and returns it with its true HU.
func trap(t testing.TB, mode string) (dir string, truth []int16) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), mode)
	cmd := exec.Command(python(t), shared(t, "acceptance", "trap_series.py"), dir, mode)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("trap_series.py %s: %v\n%s", mode, err, out)
	}
	return dir, readNPY(t, dir+"_truth.npy")
}

// assembled expects a folder to be one volume.
func assembled(t testing.TB, dir string) Result {
	t.Helper()
	results, rejects := Assemble(readDir(t, dir))
	if len(results) != 1 || len(rejects) != 0 {
		t.Fatalf("Assemble(%s) = %d volumes, rejects %v; want 1 and none", filepath.Base(dir), len(results), rejects)
	}
	return results[0]
}

func equalHU(t testing.TB, got, want []int16) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d voxels, want %d", len(got), len(want))
	}
	differ, most := 0, 0
	for i := range got {
		if d := int(got[i]) - int(want[i]); d != 0 {
			differ++
			most = max(most, int(math.Abs(float64(d))))
		}
	}
	if differ > 0 {
		t.Errorf("%d of %d voxels differ, by up to %d HU", differ, len(got), most)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var reject *Reject
	if !errors.As(err, &reject) || reject.Code != code {
		t.Errorf("error %v, want code %q", err, code)
	}
}
