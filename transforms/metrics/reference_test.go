package metrics

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// The reference's name of each measure, and how far the two may be apart:
// exactly rounded counts for overlap, sums in another order for distances.
var referenceNames = map[string]struct {
	name      string
	tolerance float64
}{
	"dice": {"dice", 1e-9}, "iou": {"iou", 1e-9}, "sensitivity": {"sensitivity", 1e-9}, "precision": {"precision", 1e-9},
	"specificity": {"specificity", 1e-9}, "volume_prediction": {"vol_pred_ml", 1e-9}, "volume_reference": {"vol_ref_ml", 1e-9},
	"volume_error": {"vol_diff_ml", 1e-9}, "volume_relative_error": {"vol_rel_err", 1e-9},
	"hd": {"hd", 1e-9}, "hd95": {"hd95", 1e-9}, "assd": {"assd", 1e-9},
	"surface_dice_1mm": {"nsd_1", 1e-9}, "surface_dice_2mm": {"nsd_2", 1e-9},
	"lesion_f1": {"lesion_f1", 1e-9}, "lesion_sensitivity": {"lesion_sensitivity", 1e-9}, "lesions_prediction": {"lesions_pred", 0}, "lesions_reference": {"lesions_ref", 0},
}

type referenceCase struct {
	Name       string     `json:"name"`
	Size       [3]int     `json:"size"`
	Spacing    [3]float64 `json:"spacing"`
	prediction shape
	reference  shape
}

func referenceCases() (cases []referenceCase) {
	add := func(name string, p, r shape) {
		cases = append(cases, referenceCase{Name: name, Size: p.Size, Spacing: p.SpacingMM, prediction: p, reference: r})
	}
	random := rand.New(rand.NewPCG(1, 2))
	spacings := [][3]float64{{1, 1, 1}, {0.7, 0.7, 1.25}, {0.683594, 0.683594, 5}, {2.5, 0.4, 1.1}, {3, 3, 0.3}}
	for i, spacing := range spacings {
		for j, size := range [][3]int{{41, 37, 29}, {8, 9, 33}, {1, 30, 30}, {23, 1, 5}} {
			p := newShape(size, spacing).blobs(random, 8)
			r := newShape(size, spacing).blobs(random, 8)
			add(fmt.Sprintf("blobs_%d_%d", i, j), p, r)
		}
		size := [3]int{31, 17, 19}
		add(fmt.Sprintf("speckle_%d", i), newShape(size, spacing).speckle(random, 0.01), newShape(size, spacing).speckle(random, 0.02))
		add(fmt.Sprintf("dense_%d", i), newShape(size, spacing).speckle(random, 0.6), newShape(size, spacing).blobs(random, 5))
		add(fmt.Sprintf("near_%d", i), newShape([3]int{44, 40, 30}, spacing).ball(1, [3]float64{18, 16, 15}, 12), newShape([3]int{44, 40, 30}, spacing).ball(1, [3]float64{18.4, 16, 15}, 12.5))
	}
	size, spacing := [3]int{12, 11, 10}, [3]float64{0.8, 0.9, 2.5}
	empty := func() shape { return newShape(size, spacing) }
	add("single_far", empty().set(2, [3]int{0, 0, 0}), empty().set(2, [3]int{11, 10, 9}))
	add("single_same", empty().set(2, [3]int{5, 5, 5}), empty().set(2, [3]int{5, 5, 5}))
	add("both_empty", empty(), empty())
	add("prediction_empty", empty(), empty().set(2, [3]int{3, 4, 5}))
	add("reference_empty", empty().set(2, [3]int{3, 4, 5}), empty())
	add("infection_missed", empty().cube(1, [3]int{1, 1, 1}, [3]int{5, 5, 5}), empty().cube(1, [3]int{1, 1, 1}, [3]int{5, 5, 5}).set(2, [3]int{2, 2, 2}))
	add("infection_invented", empty().cube(1, [3]int{1, 1, 1}, [3]int{5, 5, 5}).set(2, [3]int{2, 2, 2}), empty().cube(1, [3]int{1, 1, 1}, [3]int{5, 5, 5}))
	add("lung_missed", empty(), empty().cube(1, [3]int{1, 1, 1}, [3]int{5, 5, 5}))
	add("no_infection", empty().cube(1, [3]int{1, 1, 1}, [3]int{5, 5, 5}), empty().cube(1, [3]int{2, 1, 1}, [3]int{5, 5, 5}))
	add("everything", empty().cube(2, [3]int{}, size), empty().cube(2, [3]int{}, size))
	add("everything_against_border", empty().cube(1, [3]int{}, size), empty().cube(1, [3]int{}, [3]int{12, 11, 1}))
	add("corner_touch", empty().cube(2, [3]int{0, 0, 0}, [3]int{3, 3, 3}).cube(2, [3]int{3, 3, 3}, [3]int{2, 2, 2}), empty().cube(2, [3]int{4, 4, 4}, [3]int{3, 3, 3}).set(2, [3]int{0, 10, 9}))
	return cases
}

func TestComputeEqualsReference(t *testing.T) { equalsReference(t, referenceCases()) }

// Labels that were drawn on real CT, and such as thresholds give.
func TestComputeEqualsReferenceOnRealCT(t *testing.T) {
	if os.Getenv("CTCOHORT_SLOW") == "" {
		t.Skip("takes long: run by `make test-go`, or with CTCOHORT_SLOW=1")
	}
	python, fixtures, folder := findPython(t), filepath.Join(filepath.Dir(findAcceptance(t)), "fixtures"), t.TempDir()
	if _, err := os.Stat(fixtures); err != nil {
		t.Skip("no shared/fixtures beside the checkout; CTCOHORT_SHARED names its folder")
	}
	command := exec.Command(python, "testdata/real_pairs.py", fixtures, folder)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("making label pairs: %v", err)
	}
	var cases []referenceCase
	if err := json.Unmarshal(out, &cases); err != nil || len(cases) != 3 {
		t.Fatalf("label pairs are %s, %v; want three", out, err)
	}
	for i := range cases {
		c := &cases[i]
		for side, s := range map[string]*shape{"prediction": &c.prediction, "reference": &c.reference} {
			*s = newShape(c.Size, c.Spacing)
			if s.Data, err = os.ReadFile(filepath.Join(folder, c.Name+"."+side)); err != nil {
				t.Fatal(err)
			}
		}
	}
	equalsReference(t, cases)
}

func equalsReference(t *testing.T, cases []referenceCase) {
	t.Helper()
	want := runReference(t, cases)
	for _, c := range cases {
		rows := Compute(c.prediction.Volume, c.reference.Volume, nil)
		for _, label := range []string{Lung, Infection} {
			for metric, ref := range referenceNames {
				got, want := valueOf(find(rows, label, metric)), number(t, want[c.Name][label][ref.name])
				if !near(got, want, ref.tolerance) {
					t.Errorf("%s: %s %s = %v; the reference has %v", c.Name, label, metric, got, want)
				}
			}
			status := want[c.Name][label]["status"].(string)
			if status == "ok" {
				status = ""
			}
			if got := find(rows, label, "dice").Reason; got != status {
				t.Errorf("%s: %s dice has reason %q; want %q", c.Name, label, got, status)
			}
		}
	}
}

func runReference(t *testing.T, cases []referenceCase) (want map[string]map[string]map[string]any) {
	t.Helper()
	python, acceptance := findPython(t), findAcceptance(t)
	folder := t.TempDir()
	list, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"cases.json": list}
	for _, c := range cases {
		files[c.Name+".prediction"], files[c.Name+".reference"] = c.prediction.Data, c.reference.Data
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(python, "testdata/reference_metrics.py", acceptance, folder)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("running the reference: %v", err)
	}
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatalf("reading the reference's results: %v", err)
	}
	return want
}

// findPython returns a Python with the packages of shared/acceptance/requirements.txt.
func findPython(t *testing.T) string {
	t.Helper()
	python := os.Getenv("CTCOHORT_PYTHON")
	if python == "" {
		python = findUp("build/venv/bin/python")
	}
	if python == "" {
		t.Skip("no Python: set CTCOHORT_PYTHON or run `make venv`")
	}
	if err := exec.Command(python, "-c", "import scipy, SimpleITK, surface_distance").Run(); err != nil {
		t.Skip("this Python lacks scipy, SimpleITK or surface-distance")
	}
	return python
}

func findAcceptance(t *testing.T) string {
	t.Helper()
	folder := findUp("shared/acceptance")
	if shared := os.Getenv("CTCOHORT_SHARED"); shared != "" {
		folder = filepath.Join(shared, "acceptance")
	}
	if _, err := os.Stat(filepath.Join(folder, "reference_ct.py")); err != nil {
		t.Skip("no shared/acceptance/reference_ct.py beside the checkout; CTCOHORT_SHARED names its folder")
	}
	return folder
}

// findUp returns the path of a file or folder in this folder or the nearest above it, or "".
func findUp(name string) string {
	folder, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		up := filepath.Dir(folder)
		if up == folder {
			return ""
		}
		folder = up
	}
}

// valueOf is NaN for an undefined row, as in the reference.
func valueOf(r Row) float64 {
	if r.Value == nil {
		return math.NaN()
	}
	return *r.Value
}

func number(t *testing.T, v any) float64 {
	t.Helper()
	switch v := v.(type) {
	case float64:
		return v
	case string:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	t.Fatalf("the reference has no number but %v", v)
	return 0
}

func near(a, b, tolerance float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= tolerance
}
