package test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// layers are the packages of DESIGN.md §2, lowest first: a package may import
// those above it in this list and none below.
var layers = []string{
	"schemas",
	"configs/naming",
	"configs",
	"model/volume",
	"model/mesh",
	"io/store",
	"io/secret",
	"io/sharedlib",
	"io/duckdb",
	"io/openjpeg",
	"io/dicomio",
	"io/voxelio",
	"io/niftiio",
	"io/nrrdio",
	"io/parquetio",
	"model",
	"model/onnx",
	"transforms/deid", "transforms/crosswalk", "transforms/series", "transforms/split", "transforms/tile", "transforms/metrics", "transforms/report", "transforms/views", "transforms/progress",
	"transforms",
	"test/flaky", "test/phantom", "test/bench/volumes",
	"pipelines",
	"pipelines/ctcohort",
}

// only says which packages may import a dependency, by the prefix of its path.
var only = map[string][]string{
	"github.com/apache/beam/":           {"transforms", "pipelines", "pipelines/ctcohort"},
	"github.com/apache/arrow/":          {"schemas", "io/parquetio"},
	"github.com/yalue/onnxruntime_go":   {"model/onnx"},
	"github.com/ebitengine/purego":      {"io/openjpeg"},
	"github.com/suyashkumar/dicom":      {"io/dicomio", "transforms/deid/gen"},
	"cloud.google.com/go/":              {"io/store"},
	"google.golang.org/api/":            {"io/store", "io/secret"},
	"filippo.io/age":                    {"configs", "transforms/crosswalk"},
	"github.com/spf13/cobra":            {"pipelines/ctcohort"},
	"github.com/schollz/progressbar/v3": {"pipelines/ctcohort"},
	"C":                                 {"model/onnx"},
}

func TestImportsGoUpTheLayers(t *testing.T) {
	for path, imports := range imports(t) {
		if isGenerator(path) {
			continue
		}
		own := slices.Index(layers, path)
		if own < 0 {
			t.Errorf("package %s has no layer; add it to DESIGN's list and to this test", path)
			continue
		}
		for _, imported := range imports {
			name, ours := strings.CutPrefix(imported, "ctcohort/")
			if !ours {
				continue
			}
			if theirs := slices.Index(layers, name); theirs < 0 || theirs >= own {
				t.Errorf("%s imports %s, which is not above it", path, name)
			}
		}
	}
}

func TestDependenciesStayInTheirRooms(t *testing.T) {
	for path, imports := range imports(t) {
		for _, imported := range imports {
			for prefix, rooms := range only {
				if strings.HasPrefix(imported, prefix) && (prefix != "C" || imported == "C") && !slices.Contains(rooms, path) {
					t.Errorf("%s imports %s, which only %v may", path, imported, rooms)
				}
			}
		}
	}
}

// isGenerator tells the commands that `go generate` runs.
func isGenerator(path string) bool {
	return path == "schemas/dictionary" || path == "configs/flextemplate" || strings.HasPrefix(path, "transforms/deid/")
}

// imports returns the imports of every package of the module but tests, by its
// path within the module.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports, Dir: ".."}, "ctcohort/...")
	if err != nil {
		t.Fatalf("loading the packages: %v", err)
	}
	found := map[string][]string{}
	for _, p := range loaded {
		for _, e := range p.Errors {
			t.Errorf("loading %s: %v", p.PkgPath, e)
		}
		path := strings.TrimPrefix(p.PkgPath, "ctcohort/")
		if path == "test" {
			continue
		}
		for imported := range p.Imports {
			found[path] = append(found[path], imported)
		}
	}
	if len(found) < len(layers) {
		t.Errorf("%d packages found, want the %d of the layout", len(found), len(layers))
	}
	return found
}
