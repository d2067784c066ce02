package test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/io/niftiio"
	"ctcohort/io/parquetio"
	"ctcohort/model/volume"
	"ctcohort/pipelines"
	"ctcohort/schemas"
	"ctcohort/test/phantom"
)

// paperCohorts are five hospitals with the paper's 861 patients, and the German cohort.
var paperCohorts = []struct {
	name     string
	patients int
	external bool
}{{"wuhan", 400, false}, {"beijing", 200, false}, {"hangzhou", 150, false}, {"guangzhou", 100, false}, {"jinan", 11, false}, {"germany", 10, true}}

// paperSettings are those of the paper's split, with small patches.
func paperSettings(root string) configs.Config {
	cfg := configs.Default()
	cfg.Output = root
	for _, h := range paperCohorts {
		cfg.Cohorts = append(cfg.Cohorts, configs.Cohort{Name: h.name, Archive: "none", Site: h.name, External: h.external})
	}
	cfg.Split.StratifyBy = "site"
	cfg.Tile.SizeVoxels, cfg.Tile.Patches, cfg.Tile.ShardMiB = [3]int{16, 16, 8}, 2, 1
	return cfg
}

// The paper's cohort as the stage before leaves it, with tiny volumes. The
// second time its rows are in other files and in another order, and other
// numbers of workers are at it.
func TestSplitAndShardsOf861Patients(t *testing.T) {
	first, second := resampled(t, 1, nil), resampled(t, 3, rand.New(rand.NewPCG(1, 2)))
	cfg := paperSettings(first)
	notes := splitAndTile(t, cfg, 1)
	splitAndTile(t, paperSettings(second), 4)
	want := digests(t, first, "tables/patients", "patches")
	if diff := differing(want, digests(t, second, "tables/patients", "patches")); len(diff) > 0 {
		t.Errorf("with the rows shuffled and 4 workers these files differ: %v", diff)
	}
	if want["patches/cohort=wuhan/split=train/part-00001-of-00002.parquet"] == "" {
		t.Errorf("the patches of wuhan's training are not in two shards: %v", slices.Sorted(maps.Keys(want)))
	}
	if !strings.Contains(notes, "731 train, 140 test (10 of external cohorts), 0 unused") || !strings.Contains(notes, "none of 871 patients, 871 studies, 871 frames of reference and 871 volumes is on both sides") {
		t.Errorf("the split says %q", notes)
	}

	count, sideOf := map[string]int{}, map[string]string{}
	for _, p := range rows[schemas.Patient](t, first) {
		count[p.Cohort+" "+p.Split]++
		count[p.Split]++
		sideOf[p.PatientID] = p.Split
	}
	// Each hospital's share of 130 and 731 of 861, by largest remainders.
	for key, n := range map[string]int{
		"train": 731, "test": 140, "unused": 0, "germany test": 10,
		"wuhan train": 340, "wuhan test": 60, "beijing train": 170, "beijing test": 30, "hangzhou train": 127, "hangzhou test": 23,
		"guangzhou train": 85, "guangzhou test": 15, "jinan train": 9, "jinan test": 2,
	} {
		if count[key] != n {
			t.Errorf("%d patients are %s; want %d", count[key], key, n)
		}
	}
	shardsOfTheirSide(t, first, sideOf, 871*2)
}

// shardsOfTheirSide checks that each patch is in the partition of its patient's side.
func shardsOfTheirSide(t *testing.T, root string, sideOf map[string]string, patches int) {
	t.Helper()
	found, homes := 0, map[string]string{}
	for name := range digests(t, root, "patches") {
		if !strings.HasSuffix(name, ".parquet") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for p, err := range parquetio.ReadPatches(bytes.NewReader(data), int64(len(data))) {
			if err != nil {
				t.Fatal(err)
			}
			found++
			if !strings.Contains(name, "/split="+sideOf[p.PatientID]+"/") {
				t.Errorf("a patient of %s has a patch in %s", sideOf[p.PatientID], name)
			}
			if home := homes[p.PatientID]; home != "" && home != name {
				t.Errorf("a patient has patches in %s and %s", home, name)
			}
			homes[p.PatientID] = name
		}
	}
	if found != patches || len(homes) != len(sideOf) {
		t.Errorf("%d patches of %d patients; want %d of %d", found, len(homes), patches, len(sideOf))
	}
}

// A cohort that cannot give the numbers stops the stage, with how many there
// are, and leaves no table behind; so does an external cohort that is not there.
func TestSplitRefusesWhatCannotBe(t *testing.T) {
	root := resampled(t, 1, nil)
	for _, tt := range []struct {
		name string
		set  func(*configs.Config)
		want string
	}{
		{"too many", func(c *configs.Config) { c.Split.Test = 131 },
			"731 for train and 131 for test are asked for, of 861 patients (200 of beijing, 100 of guangzhou, 150 of hangzhou, 11 of jinan, 400 of wuhan)"},
		{"an external cohort misspelt", func(c *configs.Config) { c.Split.External = []string{"german"} },
			`split.external names cohort "german", but the table of series has beijing, germany, guangzhou, hangzhou, jinan, wuhan`},
		{"a site without a name", func(c *configs.Config) { c.Cohorts[2].Site = "" }, "cohort hangzhou has no site"},
	} {
		cfg := paperSettings(root)
		tt.set(&cfg)
		startBeam()
		_, err := pipelines.Split(t.Context(), pipelines.Job{Config: cfg, In: root})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want one line with %q", tt.name, err, tt.want)
		}
		if _, err := os.Stat(filepath.Join(root, "tables/patients/_SUCCESS")); err == nil {
			t.Errorf("%s: the table of patients is complete", tt.name)
		}
	}
}

// resampled writes the table of series and the volumes of the paperCohorts, the
// rows of each cohort in so many parts and in an order that r, if any, shuffles.
func resampled(t *testing.T, parts int, r *rand.Rand) (root string) {
	t.Helper()
	root = t.TempDir()
	var names []string
	for _, h := range paperCohorts {
		var all []schemas.Series
		for i := range h.patients {
			all = append(all, tinySeries(t, root, h.name, i))
		}
		if r != nil {
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		for part := range parts {
			name := fmt.Sprintf("tables/series/cohort=%s/part-%05d.parquet", h.name, part)
			var data bytes.Buffer
			if err := parquetio.Write(&data, all[len(all)*part/parts:len(all)*(part+1)/parts]); err != nil {
				t.Fatal(err)
			}
			save(t, filepath.Join(root, name), data.Bytes())
			names = append(names, name)
		}
	}
	type file struct {
		Name string `json:"name"`
	}
	var manifest struct {
		Files []file `json:"files"`
	}
	for _, name := range names {
		manifest.Files = append(manifest.Files, file{name})
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(root, "tables/series/_SUCCESS"), text)
	return root
}

// tinySeries writes a volume of noise and its label, and returns its row.
func tinySeries(t *testing.T, root, cohort string, i int) schemas.Series {
	t.Helper()
	id := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, cohort, i)))[:16]
	grid := volume.Grid{Size: [3]int{18, 17, 9}, SpacingMM: [3]float64{1, 1, 1}, Direction: volume.Identity()}
	hu, label := volume.New[int16](grid), volume.New[uint8](grid)
	r := rand.New(rand.NewChaCha8(sha256.Sum256([]byte(id))))
	for v := range hu.Data {
		hu.Data[v] = int16(r.IntN(64) - 800)
		label.Data[v] = uint8(r.IntN(3))
	}
	row := schemas.Series{
		Cohort: cohort, PatientID: id, StudyUID: "2.25.1" + id, SeriesUID: "2.25.2" + id, FrameOfReference: "2.25.3" + id,
		VolumeSizeX: 18, VolumeSizeY: 17, VolumeSizeZ: 9, VolumeURI: "volumes/" + id + "/image.nii.gz", LabelURI: "volumes/" + id + "/label.nii.gz", Status: "ok",
	}
	row.VolumeSHA256 = saveVolume(t, filepath.Join(root, row.VolumeURI), hu)
	row.LabelSHA256 = saveVolume(t, filepath.Join(root, row.LabelURI), label)
	return row
}

func saveVolume[T volume.Voxel](t *testing.T, path string, v *volume.Volume[T]) (digest string) {
	t.Helper()
	var data bytes.Buffer
	if err := niftiio.Write(&data, v, true); err != nil {
		t.Fatal(err)
	}
	save(t, path, data.Bytes())
	return fmt.Sprintf("%x", sha256.Sum256(data.Bytes()))
}

func save(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func startBeam() {
	if !beam.Initialized() {
		beam.Init()
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the embedded runner's own log
}

// splitAndTile runs the two stages and returns what the split says of itself.
func splitAndTile(t *testing.T, cfg configs.Config, workers int) string {
	t.Helper()
	startBeam()
	cfg.Workers = workers
	job := pipelines.Job{Config: cfg, In: cfg.Output}
	summary, err := pipelines.Split(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipelines.Tile(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	return strings.Join(summary.Notes, ", ")
}

// digests returns the digest of every file below the folders of a root, by name.
func digests(t *testing.T, root string, folders ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			found[strings.TrimPrefix(path, root+"/")] = fmt.Sprintf("%x", sha256.Sum256(data))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// differing returns the names whose digests are not the same in both.
func differing(a, b map[string]string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

// The same from an archive of DICOM, through every stage but inference. It
// takes minutes: set CTCOHORT_861=1 to run it.
func Test861PatientsFromTheirArchive(t *testing.T) {
	if os.Getenv("CTCOHORT_861") == "" {
		t.Skip("861 patients take minutes: set CTCOHORT_861=1")
	}
	startBeam()
	folder := t.TempDir()
	archive, shuffled := filepath.Join(folder, "archive"), filepath.Join(folder, "shuffled")
	if _, err := phantom.Generate(t.Context(), phantom.Options{Out: archive, Patients: 861, Seed: 5, Size: 16, MaxSlices: 12, NoBad: true}); err != nil {
		t.Fatal(err)
	}
	shuffle(t, archive, shuffled)
	key := filepath.Join(folder, "key")
	save(t, key, []byte("a key for tests, of enough bytes"))
	var found []map[string]string
	for i, in := range []string{archive, shuffled} {
		cfg := configs.Default()
		cfg.Output, cfg.Workers = filepath.Join(folder, fmt.Sprint("out", i)), 1+3*i
		cfg.Cohorts = []configs.Cohort{{Name: "china", Archive: in}}
		cfg.Deidentification.Key = "file:" + key
		cfg.Volume.SpacingMM = [3]float64{20, 20, 20}
		cfg.Tile.SizeVoxels, cfg.Tile.Patches, cfg.Tile.ShardMiB = [3]int{16, 16, 8}, 4, 1
		job := pipelines.Job{Config: cfg, In: cfg.Output}
		for _, stage := range pipelines.Stages[:4] {
			summary, err := stage.Run(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %v, %v, %d rejects, %s", summary.Stage, summary.Rows, summary.Notes, summary.Rejects, summary.Took)
			if summary.Rejects > 0 {
				t.Errorf("%d rejects of %s: %v", summary.Rejects, summary.Stage, rows[schemas.Reject](t, cfg.Output))
			}
		}
		count := map[string]int{}
		for _, p := range rows[schemas.Patient](t, cfg.Output) {
			count[p.Split]++
		}
		if count["train"] != 731 || count["test"] != 130 || len(count) != 2 {
			t.Errorf("patients by side: %v; want 731 train and 130 test", count)
		}
		found = append(found, digests(t, cfg.Output, "tables/series", "tables/patients", "volumes", "patches"))
	}
	if diff := differing(found[0], found[1]); len(diff) > 0 || len(found[0]) < 2*861 {
		t.Errorf("of %d files, these differ with the archive shuffled: %v", len(found[0]), diff)
	}
}

// shuffle links every DICOM file of an archive into one folder, under names that
// put them in another order; labels, whose names matter, stay as they are.
func shuffle(t *testing.T, archive, to string) {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(archive, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range rand.New(rand.NewPCG(3, 4)).Perm(len(paths)) {
		name := filepath.Join("all", fmt.Sprintf("%07d", i))
		if strings.HasSuffix(paths[at], ".nii.gz") {
			name = filepath.Join("labels", filepath.Base(paths[at]))
		}
		if err := os.MkdirAll(filepath.Join(to, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(paths[at], filepath.Join(to, name)); err != nil {
			t.Fatal(err)
		}
	}
}
