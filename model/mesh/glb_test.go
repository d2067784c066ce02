package mesh

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// surfaces are a ball of 20 mm as lung with one of 8 mm in it as infection, and nothing.
func surfaces() []Part {
	inside := func(radius float64) *Mesh {
		v := labels(60, [3]float64{2, 2, 2}, func(p [3]float64) bool { return ball(p, [3]float64{10, 60, -270}, radius) })
		return Surface(v, 1, Options{SpacingMM: 2, Smoothing: 5, Triangles: 800})
	}
	return []Part{
		{Name: "lung", Mesh: inside(20), Colour: [3]float32{0.3, 0.4, 0.6}, Opacity: 0.3},
		{Name: "nothing", Mesh: &Mesh{}, Opacity: 1},
		{Name: "infection", Mesh: inside(8), Colour: [3]float32{0.6, 0.05, 0.03}, Opacity: 1},
	}
}

func TestGLB(t *testing.T) {
	parts := surfaces()
	var file, again bytes.Buffer
	if err := WriteGLB(&file, parts); err != nil {
		t.Fatal(err)
	}
	if err := WriteGLB(&again, parts); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Error("the same parts give another file")
	}
	data := file.Bytes()
	word := func(at int) int { return int(binary.LittleEndian.Uint32(data[at:])) }
	if string(data[:4]) != "glTF" || word(4) != 2 || word(8) != len(data) {
		t.Fatalf("header %q, version %d, %d of %d bytes", data[:4], word(4), word(8), len(data))
	}
	var doc document
	if err := json.Unmarshal(data[20:20+word(12)], &doc); err != nil {
		t.Fatal(err)
	}
	binary0 := data[20+word(12)+8:]
	if word(12)%4 != 0 || len(binary0) != doc.Buffers[0].Length || len(binary0) != word(20+word(12)) {
		t.Errorf("chunks of %d and %d bytes, a buffer of %d", word(12), len(binary0), doc.Buffers[0].Length)
	}
	if len(doc.Meshes) != 2 || len(doc.Nodes) != 3 || doc.Materials[0].Alpha != "BLEND" || doc.Materials[1].Alpha != "" {
		t.Errorf("%d meshes, %d nodes, materials %+v; want lung, translucent, and infection", len(doc.Meshes), len(doc.Nodes), doc.Materials)
	}
	for i, a := range doc.Accessors {
		v := doc.BufferViews[a.View]
		size := 4 * a.Count * map[string]int{"VEC3": 3, "SCALAR": 1}[a.Type]
		if v.Length != size || v.Offset%4 != 0 || v.Offset+v.Length > len(binary0) {
			t.Errorf("accessor %d of %d bytes in a view %+v", i, size, v)
		}
	}
}

func TestGLBOfNothing(t *testing.T) {
	var file bytes.Buffer
	if err := WriteGLB(&file, []Part{{Name: "lung", Mesh: &Mesh{}}}); err != nil {
		t.Fatal(err)
	}
	if n := int(binary.LittleEndian.Uint32(file.Bytes()[8:])); n != file.Len() {
		t.Errorf("a file of %d bytes says %d", file.Len(), n)
	}
}

// TestGLBAgainstTrimesh reads the file with an independent reader, where
// CTCOHORT_TRIMESH names a Python that has trimesh.
func TestGLBAgainstTrimesh(t *testing.T) {
	python := os.Getenv("CTCOHORT_TRIMESH")
	if python == "" {
		t.Skip("no trimesh: set CTCOHORT_TRIMESH to a Python that has it")
	}
	parts := surfaces()
	var file bytes.Buffer
	if err := WriteGLB(&file, parts); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "surface.glb")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	const script = `
import json, sys, trimesh
scene = trimesh.load(sys.argv[1])
out = {}
for name in ("lung", "infection"):
    matrix, geometry = scene.graph[name]
    m = scene.geometry[geometry].copy()
    m.apply_transform(matrix)
    out[name] = {"closed": bool(m.is_watertight and m.is_winding_consistent), "ml": m.volume * 1e6, "centre": list(m.center_mass)}
print(json.dumps(out))`
	out, err := exec.Command(python, "-c", script, path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var found map[string]struct {
		Closed bool
		ML     float64
		Centre [3]float64
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	for _, p := range []Part{parts[0], parts[2]} {
		got := found[p.Name]
		if want := p.Mesh.VolumeML(); !got.Closed || math.Abs(got.ML-want) > 1e-3*want {
			t.Errorf("trimesh sees %s %+v; want it closed, of %.2f ml", p.Name, got, want)
		}
		for c, want := range [3]float64{0.010, -0.270, -0.060} { // left, head, front in metres
			if math.Abs(got.Centre[c]-want) > 5e-4 {
				t.Errorf("trimesh sees %s at %v m; want 0.010, −0.270, −0.060", p.Name, got.Centre)
				break
			}
		}
	}
}
