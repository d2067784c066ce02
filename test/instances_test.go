package test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/io/dicomio"
	"ctcohort/pipelines"
	"ctcohort/schemas"
	"ctcohort/test/phantom"
	"ctcohort/transforms/deid"
)

// difficult is an archive with files that claim to be one object, files that are
// no images, and one that turns out to be broken after its pixels. It returns
// how many files end how.
func difficult(t *testing.T, folder string) (ends map[string]int) {
	t.Helper()
	generate(t, phantom.Options{Out: folder, Patients: 2, Seed: 3, Size: 32, MaxSlices: 6, NoBad: true})
	var images []string
	files := 0
	for path := range tree(t, folder) {
		files++
		if f, err := dicomio.ReadHeader(bytes.NewReader(read(t, filepath.Join(folder, path)))); err == nil && f.Pixel != nil && f.Dataset.Text(0x00080060) == "CT" {
			images = append(images, path)
		}
	}
	slices.Sort(images)
	if len(images) < 8 {
		t.Fatalf("the phantom has %d CT images, want 8 or more", len(images))
	}
	add := func(name string, data []byte) {
		path := filepath.Join(folder, "more", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	original := func(i int) []byte { return read(t, filepath.Join(folder, images[i])) }

	same := original(0)
	add("same", same)
	add("0/same again", same)
	other := original(1)
	other[len(other)-1] ^= 1
	add("other pixels", other)
	cut := original(2)
	add("0/cut within pixels", cut[:len(cut)-100])
	add("broken after pixels", append(original(3), "\xfc\xff\xfc\xff\x4f"...))
	add("more pixels", append(original(4), "\xe0\x7f\x10\x00OW\x00\x00\x02\x00\x00\x00ab"...))
	add("report.txt", bytes.Repeat([]byte("no DICOM "), 100))
	add("empty", nil)
	add("DICOMDIR", directory())
	return map[string]int{"ok": files - 1, "duplicate": 2, "rejected uid_collision": 2, "rejected truncated": 2, "rejected unparseable": 1, "rejected not_dicom": 2, "rejected dicomdir": 1}
}

// directory is the smallest DICOMDIR that has the class of one.
func directory() []byte {
	var f dicomio.File
	f.SetMeta(dicomio.Dataset{
		dicomio.NewElement(0x00020002, "UI", []byte("1.2.840.10008.1.3.10")),
		dicomio.NewElement(dicomio.TagTransferSyntaxUID, "UI", []byte(dicomio.ExplicitLittleEndian+"\x00")),
	})
	return f.AppendDataset(f.AppendMeta(nil), dicomio.Dataset{dicomio.NewElement(0x00041130, "CS", []byte("SET1"))})
}

// anonymised runs the stage over an archive and returns the output root.
func anonymised(t *testing.T, archive, profile string, workers int) string {
	t.Helper()
	if !beam.Initialized() {
		beam.Init()
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	folder := t.TempDir()
	key := filepath.Join(folder, "key")
	if err := os.WriteFile(key, []byte("a key for tests, of enough bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := configs.Default()
	cfg.Name, cfg.Output, cfg.Workers = "test", filepath.Join(folder, "out"), workers
	cfg.Deidentification.Key, cfg.Deidentification.Profile = "file:"+key, profile
	cfg.Cohorts = []configs.Cohort{{Name: "china", Archive: archive, Site: "hospital"}}
	if _, err := pipelines.Anonymise(t.Context(), pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output}); err != nil {
		t.Fatal(err)
	}
	return cfg.Output
}

// TestInstances: one row an input file, however it ends, and on the disk what the rows say, no more.
func TestInstances(t *testing.T) {
	archive := t.TempDir()
	want := difficult(t, archive)
	root := anonymised(t, archive, "research", 4)
	on := tree(t, root)
	ends, inputs := map[string]int{}, map[string]bool{}
	rejected := map[string]string{}
	for _, r := range rows[schemas.Instance](t, root) {
		ends[strings.TrimSpace(r.Status+" "+r.ReasonCode)]++
		inputs[r.InputHMAC] = true
		if r.Profile != "research" || r.RulesVersion != deid.RulesVersion {
			t.Errorf("row of %s: profile %q, rules version %q", r.InputHMAC, r.Profile, r.RulesVersion)
		}
		if r.Status == "rejected" {
			rejected[r.InputHMAC] = r.ReasonCode
			if r != (schemas.Instance{InputHMAC: r.InputHMAC, Cohort: "china", Profile: r.Profile, RulesVersion: r.RulesVersion, Status: r.Status, ReasonCode: r.ReasonCode}) {
				t.Errorf("row of a rejected file says more than why: %+v", r)
			}
			continue
		}
		data, ok := on[r.URI]
		if sum := sha256.Sum256(data); !ok || hex.EncodeToString(sum[:]) != r.SHA256 || int64(len(data)) != r.Bytes {
			t.Errorf("%s: on the disk %d bytes, in the table %d, or another digest", r.Status, len(data), r.Bytes)
		}
		if r.Modality == "CT" && (r.PixelBefore == "" || r.PixelBefore != r.PixelAfter || r.Kept == 0 || r.Removed == 0 || r.Mapped == 0) {
			t.Errorf("row of a CT image without what was done: %+v", r)
		}
	}
	if !maps.Equal(ends, want) {
		t.Errorf("files end as %v, want %v", ends, want)
	}
	total := 0
	for _, n := range want {
		total += n
	}
	if len(inputs) != total {
		t.Errorf("rows name %d inputs, want %d", len(inputs), total)
	}
	for _, r := range rows[schemas.Reject](t, root) {
		if rejected[r.Subject] != r.ReasonCode {
			t.Errorf("reject %s of %s is %q among the instances", r.ReasonCode, r.Subject, rejected[r.Subject])
		}
		delete(rejected, r.Subject)
	}
	if len(rejected) > 0 {
		t.Errorf("rejected among the instances, but not in rejects: %v", rejected)
	}
	written := map[string]bool{}
	for _, r := range rows[schemas.Instance](t, root) {
		written[r.URI] = true
	}
	for name := range on {
		if !written[name] && !strings.HasPrefix(name, "tables/") && !strings.HasPrefix(name, "state/") {
			t.Errorf("%s lies in the output, and no row has it", name)
		}
	}
}

// TestAnonymiseRepeats: the output does not depend on the number of workers, nor
// that of the data on the names and order of the files.
func TestAnonymiseRepeats(t *testing.T) {
	archive, shuffled := t.TempDir(), t.TempDir()
	difficult(t, archive)
	for name, data := range tree(t, archive) {
		sum := sha256.Sum256([]byte(name))
		to := filepath.Join(shuffled, hex.EncodeToString(sum[:4]))
		if strings.HasSuffix(name, ".nii.gz") { // named by its series
			to = filepath.Join(shuffled, filepath.Base(name))
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, profile := range []string{"research", "basic"} {
		first := tree(t, anonymised(t, archive, profile, 1))
		for _, again := range []struct {
			name, archive string
			workers       int
			compared      string // what must be equal
		}{{"as before", archive, 1, ""}, {"with 5 workers", archive, 5, ""}, {"under other names", shuffled, 3, "dicom/"}} {
			second := tree(t, anonymised(t, again.archive, profile, again.workers))
			compare(t, fmt.Sprintf("%s, %s", profile, again.name), first, second, again.compared)
		}
	}
}

// compare compares two output roots, the table of runs left out.
func compare(t *testing.T, name string, first, second map[string][]byte, within string) {
	t.Helper()
	names := map[string]bool{}
	for n := range first {
		names[n] = true
	}
	for n := range second {
		names[n] = true
	}
	compared := 0
	for n := range names {
		if strings.HasPrefix(n, "tables/runs/") || !strings.HasPrefix(n, within) {
			continue
		}
		compared++
		if a, b := first[n], second[n]; !bytes.Equal(a, b) {
			t.Errorf("%s: %s differs: %d and %d bytes", name, n, len(a), len(b))
		}
	}
	if compared < 8 {
		t.Errorf("%s: only %d files compared", name, compared)
	}
}

// tree returns all files below a folder by their slash-separated names.
func tree(t *testing.T, root string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		all[filepath.ToSlash(name)] = read(t, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
