package test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ctcohort/configs"
	"ctcohort/io/parquetio"
	"ctcohort/pipelines"
	"ctcohort/schemas"
	"ctcohort/test/phantom"
)

// A faultRow is a row of the matrix in docs/faults.md.
type faultRow struct{ fault, want, outcome string }

var faultRows = []struct {
	fault, want string
	try         func(*testing.T, *faultBed) (seen string)
}{
	{"kill -9 at random moments, then run again", "nothing half-written is visible; in the end the tree of a clean run", killed},
	{"disk full, then run again on a larger one", "one clear line, status 1, nothing half-written; in the end the tree of a clean run", diskFull},
	{"truncated, lying, deeply nested, bomb-like, path-traversing DICOM", "each a reject, or harmless, within a limit of memory; nothing outside the root, the others as without them", hostileFiles},
	{"links out of the archive, to folders, in circles, to nothing; pipes", "what they lead to is not read, none is lost without a word", linksAndPipes},
	{"duplicate and contradictory UIDs", "equal files are one, contradictory ones all rejects", sameUIDs},
	{"two patients with one ID, at two sites and at one", "two pseudonyms; one, with no identifier of either left", oneID},
	{"an object store that fails one request in five, and is slow", "the bytes of local folders", flakyStore},
	{"a huge series beside small ones, under a limit of memory", "all volumes are made", hugeSeries},
	{"no network route at all", "the tree of a clean run", noNetwork},
	{"umask 000", "no file or folder is open to others", openUmask},
}

// A faultBed is what the faults are tried on.
type faultBed struct {
	cfg     configs.Config
	planted []*phantom.Manifest
	clean   map[string][]byte // tree of a run without a fault
	took    time.Duration     // by it
	seed    uint64
}

// TestFaults tries every fault of the matrix, and looks for identifiers in every
// output, unpacked, and in all that was said. With CTCOHORT_FAULTS it writes the
// matrix to that file; with CTCOHORT_SOAK there are 50 kills, not 3.
func TestFaults(t *testing.T) {
	slow(t)
	bed := newFaultBed(t)
	var rows []faultRow
	for _, f := range faultRows {
		row := faultRow{f.fault, f.want, "not tried"}
		t.Run(f.fault, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					row.outcome = "FAILED"
				}
			}()
			row.outcome = "passed: " + f.try(t, bed)
		})
		rows = append(rows, row)
	}
	text := matrix(rows)
	fmt.Print(text)
	if file := os.Getenv("CTCOHORT_FAULTS"); file != "" {
		if err := os.WriteFile(file, []byte(faultsHead+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const faultsHead = `# Faults

What was done to runs of all stages, and what came of it. ` + "`make faults`" + ` tries them and writes this page; ` + "`make soak`" + ` does the same with
50 kills. After each, all outputs — unpacked where they are compressed — and all that was said are searched for the identifiers that the phantom
planted. How a run goes on: [recovery.md](recovery.md).

`

func matrix(rows []faultRow) string {
	var text strings.Builder
	text.WriteString("| fault | what must hold | outcome |\n|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&text, "| %s | %s | %s |\n", r.fault, r.want, r.outcome)
	}
	return text.String()
}

func newFaultBed(t *testing.T) *faultBed {
	cfg := recoverable(t, 2)
	archive := filepath.Join(t.TempDir(), "archive")
	bed := &faultBed{planted: []*phantom.Manifest{
		generate(t, phantom.Options{Out: archive, Patients: 2, Seed: 33, Size: 24, MaxSlices: 12, Cohort: phantom.China}),
	}}
	cfg.Cohorts[0].Archive = archive
	bed.cfg = cfg
	bed.seed = uint64(time.Now().UnixNano())
	if text := os.Getenv("CTCOHORT_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		bed.seed = seed
	}
	begin := time.Now()
	said := start(t, cfg, nil).succeeds(t)
	bed.took = time.Since(begin)
	bed.clean = tree(t, cfg.Output)
	bed.private(t, bed.clean, said)
	return bed
}

// private wants no identifier in outputs, unpacked, their names, or what was said.
func (b *faultBed) private(t *testing.T, files map[string][]byte, said string, more ...string) {
	t.Helper()
	needles := [][]byte{}
	for _, text := range more {
		needles = append(needles, []byte(text))
	}
	for _, m := range b.planted {
		for _, p := range m.Patients {
			for _, id := range p.Identifiers {
				if id.Searchable && len(id.Bytes) > 0 {
					needles = append(needles, id.Bytes, []byte(id.Text))
				}
			}
		}
	}
	look := func(where string, data []byte) {
		for _, needle := range needles {
			if bytes.Contains(data, needle) {
				t.Errorf("%s holds the identifier %q", where, needle)
			}
		}
	}
	for name, data := range files {
		look("the name of a file", []byte(name))
		look(name, plain(t, name, data))
	}
	look("what was said", []byte(said))
}

// plain is what a file holds behind its compression.
func plain(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	if path.Ext(name) == ".gz" {
		return gunzip(t, data)
	}
	table := strings.Split(name, "/")
	if path.Ext(name) != ".parquet" || table[0] != "tables" {
		return data
	}
	read := map[string]func(*testing.T, []byte) string{
		"instances": texts[schemas.Instance], "series": texts[schemas.Series], "patients": texts[schemas.Patient], "predictions": texts[schemas.Prediction],
		"metrics": texts[schemas.Metric], "histograms": texts[schemas.Histogram], "rejects": texts[schemas.Reject], "runs": texts[schemas.Run],
		"summaries": texts[schemas.Summary], "comparisons": texts[schemas.Comparison],
	}[table[1]]
	if read == nil {
		t.Fatalf("table %s is not known here", table[1])
	}
	return append([]byte(read(t, data)), data...)
}

func texts[T schemas.Record](t *testing.T, data []byte) string {
	t.Helper()
	rows, err := parquetio.Read[T](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v", rows)
}

// equalsClean wants the tree of the clean run.
func (b *faultBed) equalsClean(t *testing.T, root, said string) {
	t.Helper()
	compare(t, "after the fault", clockless(b.clean), lasting(t, root), "")
	b.private(t, tree(t, root), said)
	if found, err := pipelines.Verify(t.Context(), pipelines.Job{In: root}); err != nil || len(found.Faults)+len(found.Incomplete) > 0 {
		t.Errorf("Verify() = %+v, %v; want no fault", found, err)
	}
}

// halfWritten wants every visible file of an interrupted run to be one that the
// clean run has, with its bytes.
func (b *faultBed) halfWritten(t *testing.T, root, said string) {
	t.Helper()
	visible := tree(t, root)
	maps.DeleteFunc(visible, func(name string, _ []byte) bool {
		return strings.HasPrefix(path.Base(name), ".ctcohort-") && strings.HasSuffix(name, ".tmp") // not committed
	})
	for name, data := range clockless(visible) {
		want, ok := b.clean[name]
		switch {
		case name == "report/index.html", strings.HasSuffix(name, "rejects/_SUCCESS"): // quotes the clock; grows with every stage
		case !ok:
			t.Errorf("%s is visible, and no clean run has it", name)
		case !bytes.Equal(data, want):
			t.Errorf("%s is visible with %d bytes that are not the %d of the clean run", name, len(data), len(want))
		}
	}
	b.private(t, visible, said)
}

// killed kills runs at work, several on one root, and then lets one end. How long
// a run takes changes with what else the machine does, so what ends before it is
// killed tells anew.
func killed(t *testing.T, b *faultBed) string {
	kills := 3
	if os.Getenv("CTCOHORT_SOAK") != "" {
		kills = 50
	}
	t.Logf("CTCOHORT_SEED=%d", b.seed)
	random := rand.New(rand.NewPCG(b.seed, 0))
	cfg, hit, trees := elsewhere(t, b.cfg), 0, 0
	for try := 0; hit < kills && !t.Failed(); try++ {
		if try == 20*kills {
			t.Fatalf("of %d runs only %d could be killed at work", try, hit)
		}
		p := start(t, cfg, nil)
		begin := time.Now()
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(random.Float64()*float64(b.took)), func() { _ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL) })
		err := p.Wait()
		kill.Stop()
		var exit *exec.ExitError
		switch {
		case err == nil:
			b.took = time.Since(begin)
			b.equalsClean(t, cfg.Output, p.said.String())
			cfg, trees = elsewhere(t, b.cfg), trees+1
			continue
		case !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL:
			t.Fatalf("the run: %v\n%s", err, p.said)
		}
		hit++
		if _, err := os.Stat(cfg.Output); err == nil {
			b.halfWritten(t, cfg.Output, p.said.String())
		}
		if hit%5 == 0 || hit == kills {
			b.equalsClean(t, cfg.Output, start(t, cfg, nil).succeeds(t))
			cfg, trees = elsewhere(t, b.cfg), trees+1
		}
	}
	return fmt.Sprintf("%d runs were killed at work, up to 5 on one root; %d trees equal", hit, trees)
}

func diskFull(t *testing.T, b *faultBed) string {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=400k"); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	cfg := b.cfg
	cfg.Output = filepath.Join(disk, "out")
	tries := 0
	for size := 400; ; size *= 2 {
		if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%dk", size)); err != nil {
			t.Fatal(err)
		}
		p := start(t, cfg, nil)
		err := p.Run()
		said := p.said.String()
		if err == nil {
			if tries == 0 {
				t.Error("the disk was never full")
			}
			b.equalsClean(t, cfg.Output, said)
			return fmt.Sprintf("stopped %d times, each time a disk twice as large; tree equal", tries)
		}
		tries++
		lines := strings.Split(strings.TrimSpace(said), "\n")
		last := lines[len(lines)-1]
		if !strings.HasPrefix(last, "ctcohort: ") || !strings.Contains(last, "no space left on device") || p.ProcessState.ExitCode() != 1 {
			t.Fatalf("on a full disk it ended with status %d and %q", p.ProcessState.ExitCode(), last)
		}
		b.halfWritten(t, cfg.Output, said)
	}
}

// more runs a copy of the archive with more files in it, and wants all that the
// clean run made of the others.
func (b *faultBed) more(t *testing.T, add func(archive string)) (root string, ends map[string]int) {
	t.Helper()
	cfg := elsewhere(t, b.cfg)
	archive := filepath.Join(t.TempDir(), "archive")
	if err := os.CopyFS(archive, os.DirFS(b.cfg.Cohorts[0].Archive)); err != nil {
		t.Fatal(err)
	}
	add(archive)
	cfg.Cohorts = slices.Clone(cfg.Cohorts)
	cfg.Cohorts[0].Archive = archive
	said := start(t, cfg, []string{fmt.Sprintf("%s=%d", childMiB, hugeMiB)}).succeeds(t)
	made := tree(t, cfg.Output)
	for name, data := range b.clean {
		if (strings.HasPrefix(name, "dicom/") || strings.HasPrefix(name, "volumes/") || strings.HasPrefix(name, "masks/")) && !bytes.Equal(made[name], data) {
			t.Errorf("%s is not as without the fault", name)
		}
	}
	b.private(t, made, said, canary)
	ends = map[string]int{}
	for _, r := range rows[schemas.Instance](t, cfg.Output) {
		ends[strings.TrimSpace(r.Status+" "+r.ReasonCode)]++
	}
	for _, r := range rows[schemas.Instance](t, b.cfg.Output) {
		ends[strings.TrimSpace(r.Status+" "+r.ReasonCode)]--
	}
	maps.DeleteFunc(ends, func(_ string, n int) bool { return n == 0 })
	return cfg.Output, ends
}

// canary stands in what the faults add.
const canary = "KANARIE^VOGEL"

func noNetwork(t *testing.T, b *faultBed) string {
	if out, err := exec.Command("unshare", "-rn", "true").CombinedOutput(); err != nil {
		t.Skipf("a namespace without a network: %v %s", err, out)
	}
	cfg := elsewhere(t, b.cfg)
	// Prism's own workers talk over the loopback, which is no route anywhere.
	said := start(t, cfg, nil, "unshare", "-rn", "sh", "-c", `ip link set lo up && exec "$0"`).succeeds(t)
	b.equalsClean(t, cfg.Output, said)
	return "tree equal, in a namespace that has a loopback alone"
}

func openUmask(t *testing.T, b *faultBed) string {
	cfg := elsewhere(t, b.cfg)
	said := start(t, cfg, []string{childUmask + "=000"}).succeeds(t)
	b.equalsClean(t, cfg.Output, said)
	seen := 0
	err := filepath.WalkDir(cfg.Output, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %04o", strings.TrimPrefix(name, cfg.Output), info.Mode().Perm())
		}
		seen++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d files and folders are their owner's alone; tree equal", seen)
}
