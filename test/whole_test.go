package test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/model/onnx"
	"ctcohort/pipelines"
	"ctcohort/schemas"
	"ctcohort/test/phantom"
)

const demoModel = "../train/models/covid_segnet_w8_demo.onnx"

// settings are those of a run of the demo model into a new folder.
func settings(t *testing.T) configs.Config {
	t.Helper()
	if _, err := onnx.FindLibrary("", onnx.Auto); err != nil {
		t.Skipf("no ONNX Runtime (%v): run `make onnxruntime`", err)
	}
	folder := t.TempDir()
	key := filepath.Join(folder, "key")
	if err := os.WriteFile(key, []byte("a key for tests, of enough bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := configs.Default()
	cfg.Name, cfg.Output = "test", filepath.Join(folder, "out")
	cfg.Deidentification.Key = "file:" + key
	cfg.Volume.SpacingMM = [3]float64{3, 3, 3}
	cfg.Split.Train, cfg.Split.Test = 1, 2
	cfg.Tile.SizeVoxels, cfg.Tile.Patches = [3]int{64, 64, 48}, 3
	cfg.Inference.Models = []string{demoModel}
	cfg.Report.Figures = 1
	return cfg
}

// runAll checks the plan and runs every stage.
func runAll(t *testing.T, cfg configs.Config) {
	t.Helper()
	if !beam.Initialized() {
		beam.Init()
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the embedded runner's own log
	job := pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output}
	if _, err := pipelines.Plan(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	for _, st := range pipelines.Stages {
		summary, err := st.Run(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %s", summary.Stage, summary.Took)
	}
}

// whole takes a small phantom of both cohorts through every stage and returns
// the output root and what was planted.
func whole(t *testing.T) (root string, planted []*phantom.Manifest) {
	t.Helper()
	cfg := settings(t)
	cfg.Inference.Overlap = 0 // fewer windows: how well they join is tested with the model
	for _, cohort := range []struct {
		name     string
		patients int
	}{{phantom.China, 3}, {phantom.Germany, 1}} {
		archive := filepath.Join(t.TempDir(), cohort.name)
		m, err := phantom.Generate(t.Context(), phantom.Options{Out: archive, Patients: cohort.patients, Seed: 11, Size: 48, MaxSlices: 48, Cohort: cohort.name})
		if err != nil {
			t.Fatal(err)
		}
		planted = append(planted, m)
		cfg.Cohorts = append(cfg.Cohorts, configs.Cohort{Name: cohort.name, Archive: archive, External: cohort.name == phantom.Germany})
	}
	runAll(t, cfg)
	return cfg.Output, planted
}

func TestWholeRun(t *testing.T) {
	root, planted := whole(t)
	t.Run("no identity in any byte or name", func(t *testing.T) { noIdentity(t, root, planted) })
	t.Run("every bad file is a reject", func(t *testing.T) { badFiles(t, root, planted) })
	t.Run("the split is as asked", func(t *testing.T) { sides(t, root) })
	t.Run("every patient has its labels", func(t *testing.T) { labels(t, root, planted) })
	t.Run("every file is what its dataset says", func(t *testing.T) {
		found, err := pipelines.Verify(t.Context(), pipelines.Job{In: root})
		if err != nil || len(found.Faults) > 0 || len(found.Incomplete) > 0 || found.Files < 100 {
			t.Errorf("Verify() = %+v, %v; want no fault", found, err)
		}
	})
	t.Run("masks on their images", func(t *testing.T) { masks(t, root) })
	t.Run("metrics and tables, as Python sees them", func(t *testing.T) { python(t, root) })
	t.Run("metrics, as the acceptance's reference has them", func(t *testing.T) { reference(t, root) })
	t.Run("the questions of docs/analysis.md", func(t *testing.T) { questions(t, root) })
}

// noIdentity searches every output, unpacked where it is compressed, and every
// name for what was planted.
func noIdentity(t *testing.T, root string, planted []*phantom.Manifest) {
	var needles [][]byte
	for _, m := range planted {
		for _, p := range m.Patients {
			for _, id := range p.Identifiers {
				if id.Searchable && len(id.Bytes) > 0 {
					needles = append(needles, id.Bytes, []byte(id.Text))
				}
			}
		}
	}
	if len(needles) < 100 {
		t.Fatalf("only %d identifiers were planted", len(needles))
	}
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		name := strings.TrimPrefix(path, root)
		data := unpacked(t, path)
		for _, needle := range needles {
			if bytes.Contains(data, needle) || strings.Contains(name, string(needle)) {
				t.Errorf("%s holds the planted identifier %q", name, needle)
			}
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files searched, %v; want more than 100", files, err)
	}
}

func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return data
	}
	return gunzip(t, data)
}

func gunzip(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// rows reads a table.
func rows[T schemas.Record](t *testing.T, root string) []T {
	t.Helper()
	s, err := store.Open(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	var row T
	all, err := parquetio.ReadTable[T](t.Context(), s, row.Table())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func badFiles(t *testing.T, root string, planted []*phantom.Manifest) {
	bad := 0
	for _, m := range planted {
		bad += len(m.BadFiles)
	}
	byCode := map[string]int{}
	for _, r := range rows[schemas.Reject](t, root) {
		byCode[r.ReasonCode]++
		if r.Detail == "" || r.Subject == "" {
			t.Errorf("reject %+v lacks its subject or detail", r)
		}
	}
	total := 0
	for _, n := range byCode {
		total += n
	}
	// The files of one localizer series make one reject together.
	if bad == 0 || total == 0 || total > bad {
		t.Errorf("%d rejects for %d bad files: %v", total, bad, byCode)
	}
	for _, code := range []string{"not_dicom", "truncated", "localizer", "no_patient_id", "no_sop_instance_uid"} {
		if byCode[code] == 0 {
			t.Errorf("no reject is %s: %v", code, byCode)
		}
	}
}

func sides(t *testing.T, root string) {
	count := map[string]int{}
	for _, p := range rows[schemas.Patient](t, root) {
		count[p.Cohort+"/"+p.Split]++
	}
	if count["china/train"] != 1 || count["china/test"] != 2 || count["germany/test"] != 1 || len(count) != 3 {
		t.Errorf("patients by side: %v; want china 1 train and 2 test, germany 1 test", count)
	}
}

// labels compares the labels that arrived with the volumes that were drawn.
func labels(t *testing.T, root string, planted []*phantom.Manifest) {
	drawn := 0
	for _, m := range planted {
		for _, p := range m.Patients {
			drawn += len(p.Series)
		}
	}
	sources := map[string]int{}
	used := 0
	for _, r := range rows[schemas.Series](t, root) {
		if r.Status == "ok" {
			sources[r.LabelSource]++
			used++
		}
	}
	if used != drawn || sources["seg"] == 0 || sources["nifti"] == 0 || sources[""] != 0 {
		t.Errorf("%d series with labels %v; want %d, each with a label, by SEG and by NIfTI", used, sources, drawn)
	}
}

// pythonExe returns the project's Python, or skips the test.
func pythonExe(t *testing.T) string {
	t.Helper()
	exe := os.Getenv("CTCOHORT_PYTHON")
	if exe == "" {
		exe = "../build/venv/bin/python"
	}
	if _, err := os.Stat(exe); err != nil {
		t.Skip("no Python: set CTCOHORT_PYTHON or run `make venv`")
	}
	return exe
}

// pythonFound runs one of the folder's Python scripts, on an output root first of all, and returns what it found.
func pythonFound[T any](t *testing.T, name string, args ...string) (found T) {
	t.Helper()
	exe := pythonExe(t)
	var stderr bytes.Buffer
	command := exec.Command(exe, append([]string{name}, args...)...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%s printed %q: %v", name, out, err)
	}
	return found
}

// masks are as highdicom, SimpleITK and dciodvfy see them on the images.
func masks(t *testing.T, root string) {
	found := pythonFound[struct {
		Compared int
		Wrong    map[string][]string
	}](t, "check_masks.py", root)
	if found.Compared < 3 || len(found.Wrong) > 0 {
		t.Errorf("of %d predictions are wrong: %v", found.Compared, found.Wrong)
	}
}

func python(t *testing.T, root string) {
	found := pythonFound[struct {
		Compared int
		Wrong    []string
		Rows     map[string][]int
		Patches  int
	}](t, "check_run.py", root)
	if found.Compared < 40 || len(found.Wrong) > 0 {
		t.Errorf("%d measures compared, wrong: %v", found.Compared, found.Wrong)
	}
	for table, counts := range found.Rows {
		if len(counts) != 1 || counts[0] == 0 {
			t.Errorf("table %s has %v rows as DuckDB, polars, pyarrow and pandas see it; want one number above 0", table, counts)
		}
	}
	if len(found.Rows) != 9 || found.Patches == 0 {
		t.Errorf("%d tables and %d patches; want 9 and some", len(found.Rows), found.Patches)
	}
}

// reference recomputes the metrics by shared/acceptance.
func reference(t *testing.T, root string) {
	shared := os.Getenv("CTCOHORT_SHARED")
	if shared == "" {
		shared = "../../shared"
	}
	acceptance := filepath.Join(shared, "acceptance")
	if _, err := os.Stat(filepath.Join(acceptance, "reference_ct.py")); err != nil {
		t.Skip("no shared/acceptance/reference_ct.py beside the checkout; CTCOHORT_SHARED names its folder")
	}
	found := pythonFound[struct {
		Compared int
		Wrong    []string
	}](t, "check_metrics.py", root, acceptance)
	if found.Compared < 4*2*17 || len(found.Wrong) > 0 {
		t.Errorf("%d measures compared, wrong: %v", found.Compared, found.Wrong)
	}
}

// questions runs the code of docs/analysis.md, whose answers in SQL, pandas and polars must agree.
func questions(t *testing.T, root string) {
	sql, err := pipelines.Views(t.Context(), pipelines.Job{In: root})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "views.sql")
	if err := os.WriteFile(file, []byte(sql), 0o600); err != nil {
		t.Fatal(err)
	}
	found := pythonFound[struct {
		Questions int
		Wrong     map[string][]string
		Rows      map[string]int
	}](t, "check_analysis.py", root, file)
	if found.Questions != 5 || len(found.Wrong) > 0 {
		t.Errorf("%d questions, wrong: %v; want 5 and none", found.Questions, found.Wrong)
	}
	for question, rows := range found.Rows {
		if rows == 0 {
			t.Errorf("%s: no answer", question)
		}
	}
}
