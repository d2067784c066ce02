package mesh

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// A Part is one surface of a file, with its name and look.
type Part struct {
	Name    string
	Mesh    *Mesh
	Colour  [3]float32 // linear red, green and blue, 0 to 1
	Opacity float32    // 0 to 1
}

// WriteGLB writes parts as one binary glTF 2.0 file (Khronos Group, 2021), a
// node, a mesh and a material each. Parts without triangles are left out.
//
// Positions are stored as they are, in mm in LPS. The root node's matrix brings
// them to glTF's metres, with the patient's left along x, head along y and front
// along z. The same parts give the same bytes.
func WriteGLB(w io.Writer, parts []Part) error {
	doc := document{
		Asset:  asset{Version: "2.0", Generator: "ctcohort"},
		Scenes: []scene{{Nodes: []int{0}}},
		Nodes:  []node{{Name: "patient, LPS mm", Matrix: []float64{0.001, 0, 0, 0, 0, 0, -0.001, 0, 0, 0.001, 0, 0, 0, 0, 0, 1}}},
	}
	var data bytes.Buffer
	for _, p := range parts {
		if len(p.Mesh.Triangles) > 0 {
			doc.add(p, &data)
		}
	}
	if data.Len() > 0 {
		doc.Buffers = []buffer{{data.Len()}}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encoding the description of a surface: %w", err)
	}
	for len(text)%4 != 0 {
		text = append(text, ' ')
	}
	const version, jsonChunk, binChunk = 2, 0x4E4F534A, 0x004E4942
	length := 12 + 8 + len(text)
	if data.Len() > 0 {
		length += 8 + data.Len()
	}
	out := bytes.NewBuffer(make([]byte, 0, length))
	out.WriteString("glTF")
	words(out, version, uint32(length), uint32(len(text)), jsonChunk)
	out.Write(text)
	if data.Len() > 0 {
		words(out, uint32(data.Len()), binChunk)
		out.Write(data.Bytes())
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("writing a surface: %w", err)
	}
	return nil
}

func words(out *bytes.Buffer, values ...uint32) {
	for _, v := range values {
		out.Write(binary.LittleEndian.AppendUint32(nil, v))
	}
}

// add appends a part: its positions, normals and indices, all of four-byte numbers.
func (d *document) add(p Part, data *bytes.Buffer) {
	const float, uint32Type, arrayBuffer, elementBuffer = 5126, 5125, 34962, 34963
	put := func(values any, target int) int {
		view := bufferView{Offset: data.Len(), Target: target}
		_ = binary.Write(data, binary.LittleEndian, values) // numbers into memory: no error to have
		view.Length = data.Len() - view.Offset
		d.BufferViews = append(d.BufferViews, view)
		return len(d.BufferViews) - 1
	}
	low, high := p.Mesh.Vertices[0], p.Mesh.Vertices[0]
	for _, v := range p.Mesh.Vertices {
		for c := range v {
			low[c], high[c] = min(low[c], v[c]), max(high[c], v[c])
		}
	}
	first := len(d.Accessors)
	d.Accessors = append(d.Accessors,
		accessor{View: put(p.Mesh.Vertices, arrayBuffer), Type: "VEC3", Component: float, Count: len(p.Mesh.Vertices), Min: low[:], Max: high[:]},
		accessor{View: put(p.Mesh.Normals(), arrayBuffer), Type: "VEC3", Component: float, Count: len(p.Mesh.Vertices)},
		accessor{View: put(p.Mesh.Triangles, elementBuffer), Type: "SCALAR", Component: uint32Type, Count: 3 * len(p.Mesh.Triangles)},
	)
	look := material{Name: p.Name, PBR: pbr{Colour: [4]float32{p.Colour[0], p.Colour[1], p.Colour[2], p.Opacity}, Roughness: 0.6}}
	if p.Opacity < 1 {
		look.Alpha, look.DoubleSided = "BLEND", true
	}
	d.Materials = append(d.Materials, look)
	d.Meshes = append(d.Meshes, glMesh{Name: p.Name, Primitives: []primitive{{
		Attributes: attributes{Position: first, Normal: first + 1}, Indices: first + 2, Material: len(d.Materials) - 1,
	}}})
	d.Nodes = append(d.Nodes, node{Name: p.Name, Mesh: new(len(d.Meshes) - 1)})
	d.Nodes[0].Children = append(d.Nodes[0].Children, len(d.Nodes)-1)
}
