package pipelines

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// modelFolder has a good model with its card, one without metadata, one that is no
// model, and what is not listed.
func modelFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, from := range map[string]string{"a.onnx": "tiny", "b.onnx": "no_metadata", "below/d.onnx": "tiny"} {
		data, err := os.ReadFile(filepath.Join("..", "model", "onnx", "testdata", from+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a.md", "c.onnx", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("some text\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestListModels(t *testing.T) {
	var out bytes.Buffer
	if err := ListModels(t.Context(), modelFolder(t), false, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("ListModels wrote\n%s\nwant a header, a model and two faults", out.String())
	}
	got := strings.Join(strings.Fields(lines[1]), " ")
	const want = "a.onnx tiny threshold 1 – – 3×3×3 16×8×24 background,lung,infection 0.0 "
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " a.md") {
		t.Errorf("the model's line is %q; want %q, digest, a.md", got, want)
	}
	for i, want := range []string{"b.onnx: reading the model's metadata: ctcohort.format is missing", "c.onnx: reading the metadata of a model"} {
		if !strings.HasPrefix(lines[2+i], want) {
			t.Errorf("line %q; want %q", lines[2+i], want)
		}
	}
}

func TestListModelsAsJSON(t *testing.T) {
	var out bytes.Buffer
	if err := ListModels(t.Context(), modelFolder(t), true, &out); err != nil {
		t.Fatal(err)
	}
	var files []map[string]any
	if err := json.Unmarshal(out.Bytes(), &files); err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 || files[0]["name"] != "tiny" || len(files[0]["sha256"].(string)) != 64 || files[1]["error"] == nil || files[2]["error"] == nil {
		t.Errorf("ListModels wrote %s; want a model and two faults", out.String())
	}
}

func TestListModelsOfAnEmptyFolder(t *testing.T) {
	if err := ListModels(t.Context(), t.TempDir(), false, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), ".onnx") {
		t.Errorf("ListModels = %v; want that there is none", err)
	}
}
