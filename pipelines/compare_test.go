package pipelines

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/io/niftiio"
	"ctcohort/model/volume"
)

func TestCompareFolders(t *testing.T) {
	predictions, references := t.TempDir(), t.TempDir()
	label := func(folder, name string, size int, values ...uint8) {
		t.Helper()
		v := volume.New[uint8](volume.Grid{Size: [3]int{size, 2, 2}, SpacingMM: [3]float64{1, 1, 1}, Direction: volume.Identity()})
		copy(v.Data, values)
		name = filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(niftiio.Write(f, v, strings.HasSuffix(name, ".gz")), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	label(predictions, "a.nii.gz", 3, 1, 1)
	label(references, "a.nii", 3, 1, 0)
	label(predictions, "in/b.nii", 3, 2)
	label(references, "in/b.nii", 3, 2)
	label(predictions, "other-grid.nii", 4, 1)
	label(references, "other-grid.nii", 3, 1)
	label(predictions, "alone.nii", 3, 1)
	label(references, "unseen.nii", 3, 1)
	if err := os.WriteFile(filepath.Join(references, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	all, faults := CompareFolders(t.Context(), predictions+"/", references)
	if len(all) != 2 || all[0].Case != "a" || all[1].Case != "in/b" {
		t.Fatalf("compared %+v, want a and in/b", all)
	}
	if dice := all[0].Rows[0]; dice.Metric != "dice" || *dice.Value != 2.0/3 {
		t.Errorf("first measure of a is %+v, want a Dice of 2/3", dice)
	}
	told := errors.Join(faults...).Error()
	for _, want := range []string{"alone has a prediction and no reference", "unseen has a reference and no prediction", "other-grid: the prediction"} {
		if !strings.Contains(told, want) {
			t.Errorf("faults lack %q:\n%s", want, told)
		}
	}
	if len(faults) != 3 {
		t.Errorf("%d faults, want 3:\n%s", len(faults), told)
	}
	var text bytes.Buffer
	if err := PrintCompared(&text, all); err != nil || !strings.HasPrefix(text.String(), "case  label") || !strings.Contains(text.String(), "in/b  infection") {
		t.Errorf("printed %v:\n%s", err, text.String())
	}
	text.Reset()
	if err := PrintCompared(&text, []Compared{{Rows: all[0].Rows}}); err != nil || !strings.HasPrefix(text.String(), "label") {
		t.Errorf("a pair of files is printed as %v:\n%s", err, text.String())
	}
	if _, faults := CompareFolders(t.Context(), t.TempDir(), t.TempDir()); len(faults) != 1 {
		t.Errorf("of empty folders the faults are %v, want one", faults)
	}
}
