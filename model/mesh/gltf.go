package mesh

// The parts of a glTF document that WriteGLB uses, as the specification names them.
type (
	document struct {
		Asset       asset        `json:"asset"`
		Scene       int          `json:"scene"`
		Scenes      []scene      `json:"scenes"`
		Nodes       []node       `json:"nodes"`
		Meshes      []glMesh     `json:"meshes,omitempty"`
		Materials   []material   `json:"materials,omitempty"`
		Accessors   []accessor   `json:"accessors,omitempty"`
		BufferViews []bufferView `json:"bufferViews,omitempty"`
		Buffers     []buffer     `json:"buffers,omitempty"`
	}
	asset struct {
		Version   string `json:"version"`
		Generator string `json:"generator"`
	}
	scene struct {
		Nodes []int `json:"nodes"`
	}
	node struct {
		Name     string    `json:"name"`
		Matrix   []float64 `json:"matrix,omitempty"` // by columns
		Mesh     *int      `json:"mesh,omitempty"`
		Children []int     `json:"children,omitempty"`
	}
	glMesh struct {
		Name       string      `json:"name"`
		Primitives []primitive `json:"primitives"`
	}
	primitive struct {
		Attributes attributes `json:"attributes"`
		Indices    int        `json:"indices"`
		Material   int        `json:"material"`
	}
	attributes struct {
		Position int `json:"POSITION"`
		Normal   int `json:"NORMAL"`
	}
	material struct {
		Name        string `json:"name"`
		PBR         pbr    `json:"pbrMetallicRoughness"`
		Alpha       string `json:"alphaMode,omitempty"`
		DoubleSided bool   `json:"doubleSided,omitempty"`
	}
	pbr struct {
		Colour    [4]float32 `json:"baseColorFactor"`
		Metallic  float32    `json:"metallicFactor"`
		Roughness float32    `json:"roughnessFactor"`
	}
	accessor struct {
		View      int       `json:"bufferView"`
		Component int       `json:"componentType"`
		Count     int       `json:"count"`
		Type      string    `json:"type"`
		Min       []float32 `json:"min,omitempty"`
		Max       []float32 `json:"max,omitempty"`
	}
	bufferView struct {
		Buffer int `json:"buffer"`
		Offset int `json:"byteOffset"`
		Length int `json:"byteLength"`
		Target int `json:"target"`
	}
	buffer struct {
		Length int `json:"byteLength"`
	}
)
