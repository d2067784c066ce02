package deid

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"ctcohort/io/dicomio"
)

// TestOddFiles: odd, broken and compressed files each end rejected, or with the
// same pixels, fragment by fragment, in every transfer syntax.
func TestOddFiles(t *testing.T) {
	root := fixtures(t)
	d := newDeidentifier(t, "research")
	codes, syntaxes, passed := map[string]int{}, map[string]int{}, 0
	for _, dir := range []string{"odd_pydicom_testfiles", "odd_dicognito", "ts_cornerstone_ct", "ts_wg04_ct", "seg_dcmqi", "rtstruct_dicompyler", "deid_ctbrain"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			var out bytes.Buffer
			result, err := d.File(bytes.NewReader(data), into(&out))
			var r *Rejection
			if errors.As(err, &r) {
				codes[r.Code]++
				return nil
			}
			if err != nil {
				t.Errorf("%s: File() = %v, want a Rejection", e.Name(), err)
				return nil
			}
			passed++
			syntaxes[result.TransferSyntax]++
			_, native, fragments, err := dicomio.ReadFile(bytes.NewReader(data), 64<<20)
			if err != nil {
				t.Errorf("%s: %v", e.Name(), err)
			}
			_, gotNative, gotFragments, err := dicomio.ReadFile(&out, 64<<20)
			if err != nil {
				t.Errorf("%s: reading the output: %v", e.Name(), err)
			}
			if !bytes.Equal(native, gotNative) || !slices.EqualFunc(fragments, gotFragments, bytes.Equal) {
				t.Errorf("%s: pixels differ", e.Name())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d de-identified, rejected: %v, syntaxes: %v", passed, codes, syntaxes)
	for _, syntax := range []string{dicomio.ImplicitLittleEndian, dicomio.ExplicitLittleEndian, dicomio.ExplicitBigEndian, dicomio.DeflatedExplicit, "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70"} {
		if syntaxes[syntax] == 0 {
			t.Errorf("no file of syntax %s was de-identified", syntax)
		}
	}
}

// TestTableIsCurrent: table.go is what gen makes of the standard's table.
func TestTableIsCurrent(t *testing.T) {
	table := filepath.Join(fixtures(t), "ps315_table", "standard", "confidentiality_profile_attributes.json")
	out := filepath.Join(t.TempDir(), "table.go")
	if message, err := exec.Command("go", "run", "./gen", "-table", table, "-out", out).CombinedOutput(); err != nil {
		t.Fatalf("go run ./gen: %v\n%s", err, message)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("table.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("table.go differs from what gen makes: run go generate")
	}
}
