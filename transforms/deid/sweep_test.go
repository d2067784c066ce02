package deid

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

// sweepFolders hold files that are odd, broken, compressed, or no images at all.
var sweepFolders = []string{
	"odd_pydicom_testfiles", "odd_dicognito", "ts_cornerstone_ct", "ts_wg04_ct", "seg_dcmqi", "rtstruct_dicompyler", "deid_ctbrain", "cip_crop2_lungmask",
}

// sweepMinimum is how many files of sweepFolders are de-identified at least, by profile.
var sweepMinimum = map[string]int{"research": 85, "basic": 85}

// TestSweep: every file ends de-identified, read by pydicom and with its pixels,
// or rejected with a reason; none panics, none vanishes.
func TestSweep(t *testing.T) {
	root := fixtures(t)
	for profile, minimum := range sweepMinimum {
		t.Run(profile, func(t *testing.T) {
			d := withOptions(t, profile)
			if profile == "research" {
				d = withOptions(t, profile, cleanStructuredContent.Name)
			}
			var pairs strings.Builder
			reasons, syntaxes, files, passed := map[string][]string{}, map[string]int{}, 0, 0
			for _, path := range filesOf(t, root, sweepFolders...) {
				files++
				name := strings.TrimPrefix(path, root+"/")
				output, result, err := sweepFile(t, d, path)
				var r *Rejection
				switch {
				case errors.As(err, &r):
					if r.Code == "" || r.Detail == "" {
						t.Errorf("%s: rejected without a reason: %q", name, r)
					}
					reasons[r.Error()] = append(reasons[r.Error()], name)
				case err != nil:
					t.Errorf("%s: File() = %v, want a Rejection", name, err)
				default:
					passed++
					syntaxes[result.TransferSyntax]++
					fmt.Fprintf(&pairs, "%s\t%s\n", path, output)
				}
			}
			t.Logf("%d files: %d de-identified, in %v", files, passed, syntaxes)
			for _, reason := range slices.Sorted(maps.Keys(reasons)) {
				t.Logf("%3d %s: %s", len(reasons[reason]), reason, strings.Join(reasons[reason], " "))
			}
			if passed < minimum {
				t.Errorf("%d files were de-identified, want %d at least", passed, minimum)
			}
			for _, syntax := range []string{dicomio.ImplicitLittleEndian, dicomio.ExplicitLittleEndian, dicomio.ExplicitBigEndian, dicomio.DeflatedExplicit, "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70"} {
				if syntaxes[syntax] == 0 {
					t.Errorf("no file of syntax %s was de-identified", syntax)
				}
			}
			readByPydicom(t, pairs.String(), passed)
		})
	}
}

// sweepFile de-identifies one file, compares its pixels byte by byte, and
// returns where the output lies.
func sweepFile(t *testing.T, d *Deidentifier, path string) (output string, result Result, err error) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if result, err = d.File(bytes.NewReader(data), into(&out)); err != nil {
		return "", result, err
	}
	output = filepath.Join(t.TempDir(), "out.dcm")
	if err := os.WriteFile(output, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	_, native, fragments, err := dicomio.ReadFile(bytes.NewReader(data), 64<<20)
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	_, gotNative, gotFragments, err := dicomio.ReadFile(&out, 64<<20)
	if err != nil {
		t.Errorf("%s: reading the output: %v", path, err)
	}
	if !bytes.Equal(native, gotNative) || !slices.EqualFunc(fragments, gotFragments, bytes.Equal) {
		t.Errorf("%s: pixels differ", path)
	}
	return output, result, nil
}

func filesOf(t *testing.T, root string, folders ...string) []string {
	t.Helper()
	var paths []string
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// readByPydicom checks each pair of original and output with testdata/sweep.py.
func readByPydicom(t *testing.T, pairs string, want int) {
	t.Helper()
	python := os.Getenv("CTCOHORT_PYTHON")
	if python == "" {
		t.Skip("CTCOHORT_PYTHON is not set: the files were not read by pydicom")
	}
	list := filepath.Join(t.TempDir(), "pairs.tsv")
	if err := os.WriteFile(list, []byte(pairs), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(python, filepath.Join("testdata", "sweep.py"), list).Output()
	if err != nil {
		t.Fatalf("running sweep.py: %v", err)
	}
	read, how := 0, map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(said)), "\n") {
		verdict := strings.Split(line, "\t")
		how[verdict[1]]++
		if verdict[0] == "ok" {
			read++
		} else {
			t.Error(line)
		}
	}
	t.Logf("read by pydicom: %d, compared by %v", read, how)
	if read != want {
		t.Errorf("pydicom read %d files, want %d", read, want)
	}
}

// TestROINames: of the names of regions in a real structure set the anatomy
// stays, but for Breast, which is also this patient's name. Block, which some are
// called, goes.
func TestROINames(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(fixtures(t), "rtstruct_dicompyler", "rtss.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	f, _, _ := deidentify(t, newDeidentifier(t, "research"), data)
	var names []string
	for _, roi := range f.Dataset.Items(0x30060020) {
		names = append(names, roi.Text(0x30060026))
	}
	want := []string{"BODY", "Areola", "Borders", "", "Heart", "Lt Lung", "Nodes", "Scar", "Tumor Bed", "Tumor Bed"}
	if !slices.Equal(names, want) {
		t.Errorf("ROI names are %q, want %q", names, want)
	}
}
