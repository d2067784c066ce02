package report

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"math"

	"ctcohort/model/mesh"
)

// packed is bytes as the page's script unpacks them: zlib in base64.
type packed string

func pack(data []byte) packed {
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, zlib.BestCompression)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil { // a valid level, and a buffer that takes everything
		panic("report: compressing into memory: " + err.Error())
	}
	return packed(base64.StdEncoding.EncodeToString(out.Bytes()))
}

// lowestHU is 0 in a preview, and nothing is above highestHU.
const (
	lowestHU  = -1024
	highestHU = 2000
)

// packHU writes the steps of each voxel above lowestHU as what they differ from
// the guess of their neighbours to the left and above, the median edge detector
// of JPEG-LS (ISO/IEC 14495-1): even for more, odd for less; 255 escapes to two
// bytes. It returns the bytes before compression.
func packHU(hu []float64, size [3]int, stepHU int) []byte {
	steps := make([]int, len(hu))
	for i, v := range hu {
		steps[i] = int(math.Round((max(lowestHU, min(highestHU, v)) - lowestHU) / float64(stepHU)))
	}
	out := make([]byte, 0, len(hu))
	for i, q := range steps {
		d := q - guess(steps, i, size)
		code := 2 * d
		if d < 0 {
			code = -2*d - 1
		}
		if code < 255 {
			out = append(out, byte(code))
		} else {
			out = binary.LittleEndian.AppendUint16(append(out, 255), uint16(code))
		}
	}
	return out
}

// guess foretells a voxel from those before it in its slice.
func guess(steps []int, i int, size [3]int) int {
	x, y := i%size[0], i/size[0]%size[1]
	switch {
	case x == 0 && y == 0:
		return 0
	case y == 0:
		return steps[i-1]
	case x == 0:
		return steps[i-size[0]]
	}
	a, b, c := steps[i-1], steps[i-size[0]], steps[i-size[0]-1]
	return max(min(a, b), min(max(a, b), a+b-c))
}

// packedMesh is a surface whose vertices lie on a lattice.
type packedMesh struct {
	Vertices  int    `json:"vertices"`
	Triangles int    `json:"triangles"`
	Data      packed `json:"data"` // differences to the number before, three numbers a vertex, then three a triangle, as varints: even for more, odd for less
}

// latticeMM is the distance of places that a vertex of a preview may have.
const latticeMM = 0.1

// packMesh writes a surface as lattice steps from an origin.
func packMesh(m *mesh.Mesh, originMM [3]float64) packedMesh {
	var data []byte
	var before [3]int64
	for _, v := range m.Vertices {
		for c := range v {
			at := int64(math.Round((float64(v[c]) - originMM[c]) / latticeMM))
			data = binary.AppendVarint(data, at-before[c])
			before[c] = at
		}
	}
	last := int64(0)
	for _, t := range m.Triangles {
		for _, v := range t {
			data = binary.AppendVarint(data, int64(v)-last)
			last = int64(v)
		}
	}
	return packedMesh{len(m.Vertices), len(m.Triangles), pack(data)}
}
