package deid

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTableIsCurrent: table.go and types.go are what gen makes of the standard's
// table and of its modules.
func TestTableIsCurrent(t *testing.T) {
	t.Parallel()
	table := filepath.Join(fixtures(t), "ps315_table", "standard", "confidentiality_profile_attributes.json")
	dir := t.TempDir()
	args := []string{"run", "./gen", "-table", table, "-out", filepath.Join(dir, "table.go")}
	files := []string{"table.go"}
	if modules := highdicom(t); modules != "" {
		args = append(args, "-modules", modules, "-types", filepath.Join(dir, "types.go"))
		files = append(files, "types.go")
	}
	if message, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, message)
	}
	for _, name := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from what gen makes: run go generate", name)
		}
	}
}

// highdicom returns the folder with the modules of PS3.3; "" without a Python that has it.
func highdicom(t *testing.T) string {
	python := os.Getenv("CTCOHORT_PYTHON")
	if python == "" {
		t.Log("CTCOHORT_PYTHON is not set: types.go is not compared")
		return ""
	}
	out, err := exec.Command(python, "-c", "import importlib.util as u, pathlib as p; print(p.Path(u.find_spec('highdicom').origin).parent / '_standard')").Output()
	if err != nil {
		t.Fatalf("finding highdicom: %v", err)
	}
	return strings.TrimSpace(string(out))
}
