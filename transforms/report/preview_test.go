package report

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"ctcohort/model/mesh"
)

func unpack(t *testing.T, p packed) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(string(p))
	if err != nil {
		t.Fatal(err)
	}
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// unpackHU reads what packHU wrote, as the page's script does.
func unpackHU(data []byte, size [3]int, stepHU int) []int {
	steps := make([]int, size[0]*size[1]*size[2])
	for i := range steps {
		code := int(data[0])
		data = data[1:]
		if code == 255 {
			code = int(binary.LittleEndian.Uint16(data))
			data = data[2:]
		}
		d := code / 2
		if code%2 == 1 {
			d = -(code + 1) / 2
		}
		steps[i] = guess(steps, i, size) + d
	}
	for i, s := range steps {
		steps[i] = lowestHU + s*stepHU
	}
	return steps
}

func TestPackHU(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	size := [3]int{7, 5, 3}
	hu := make([]float64, 7*5*3)
	for i := range hu {
		hu[i] = -1500 + 4500*random.Float64()
	}
	for _, step := range []int{1, 4, 20} {
		got := unpackHU(packHU(hu, size, step), size, step)
		for i, v := range hu {
			want := max(lowestHU, min(highestHU, v))
			if math.Abs(float64(got[i])-want) > float64(step)/2 {
				t.Fatalf("step %d: voxel %d is %d HU; want %.1f", step, i, got[i], want)
			}
		}
	}
}

func TestPreviewFitsItsLimit(t *testing.T) {
	hu, reference, prediction := thorax(false)
	e, err := NewExhibit(hu, reference, Segmentation{"net", prediction})
	if err != nil {
		t.Fatal(err)
	}
	surfaces := e.Surfaces()
	bare := len(encoded(e.bare(surfaces)))
	var voxels, steps []int
	for _, limit := range []int{8 << 20, bare + 240<<10, bare + 1000, bare - 1} {
		data := e.Preview(surfaces, limit)
		if len(data) > limit {
			t.Errorf("a preview of %d bytes; want at most %d", len(data), limit)
		}
		if limit < bare {
			if data != nil {
				t.Errorf("surfaces of %d bytes in a limit of %d", bare, limit)
			}
			continue
		}
		var p preview
		if err := json.Unmarshal(data, &p); err != nil {
			t.Fatal(err)
		}
		if (p.HU == "") != (limit == bare+1000) || p.Masks[0].Lung.Triangles == 0 {
			t.Errorf("limit %d: slices %v, %d triangles", limit, p.HU != "", p.Masks[0].Lung.Triangles)
		}
		voxels, steps = append(voxels, p.Size[0]*p.Size[1]*p.Size[2]), append(steps, p.StepHU)
	}
	if voxels[0] < voxels[1] || steps[0] != 4 || steps[1] <= steps[0] {
		t.Errorf("voxels %v and steps of HU %v for ever less room; want them to get coarser", voxels, steps)
	}
}

// TestPreviewShowsTheVolume reads a preview back: where it is as fine as the
// volume, every voxel is the volume's.
func TestPreviewShowsTheVolume(t *testing.T) {
	for _, flip := range []bool{false, true} {
		hu, reference, prediction := thorax(flip)
		e, err := NewExhibit(hu, reference, Segmentation{"net", prediction})
		if err != nil {
			t.Fatal(err)
		}
		var p preview
		if err := json.Unmarshal(e.Preview(withoutSurfaces(e), 8<<20), &p); err != nil {
			t.Fatal(err)
		}
		got, labels := unpackHU(unpack(t, p.HU), p.Size, p.StepHU), unpack(t, p.Masks[1].Labels)
		i := 0
		for s := range p.Size[2] {
			for y := range p.Size[1] {
				for l := range p.Size[0] {
					at := e.view.at(e.shown.lo[0]+l, e.shown.lo[1]+y, e.shown.hi[2]-1-s)
					if math.Abs(float64(got[i]-max(lowestHU, int(hu.Data[at])))) > 2 || labels[i] != prediction.Data[at] {
						t.Fatalf("flip %v: at (%d, %d, %d) %d HU and label %d; want %d and %d", flip, l, y, s, got[i], labels[i], hu.Data[at], prediction.Data[at])
					}
					i++
				}
			}
		}
	}
}

// withoutSurfaces are the masks of an exhibit with nothing to draw.
func withoutSurfaces(e *Exhibit) (all []Surfaces) {
	for range e.masks() {
		all = append(all, Surfaces{Lung: &mesh.Mesh{}, Infection: &mesh.Mesh{}})
	}
	return all
}

func TestReducedKeepsTheMean(t *testing.T) {
	hu, reference, prediction := thorax(false)
	e, err := NewExhibit(hu, reference, Segmentation{"net", prediction})
	if err != nil {
		t.Fatal(err)
	}
	mean := func(values []float64) (sum float64) {
		for _, v := range values {
			sum += v / float64(len(values))
		}
		return sum
	}
	fine, coarse := e.reduce(500, 500), e.reduce(37, 23)
	if coarse.size[0] > 37 || coarse.size[1] > 37 || coarse.size[2] != 23 || fine.size[0] != e.shown.hi[0]-e.shown.lo[0] {
		t.Errorf("sizes %v and %v", fine.size, coarse.size)
	}
	a, b := mean(e.meanHU(fine)), mean(e.meanHU(coarse))
	if math.Abs(a-b) > 1e-6 {
		t.Errorf("the mean is %.6f HU, reduced %.6f", a, b)
	}
}
