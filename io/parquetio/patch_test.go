package parquetio

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcohort/schemas"
)

// patch returns the patch of an index with noise like a CT's.
func patch(size [3]int, index int) schemas.Patch {
	voxels := size[0] * size[1] * size[2]
	p := schemas.Patch{
		PatientID: "patient", SeriesUID: "2.25.1", Index: int32(index), OriginX: -3, OriginZMM: 1.5, SpacingX: 0.7, SpacingY: 0.7, SpacingZ: 1,
		SizeX: int32(size[0]), SizeY: int32(size[1]), SizeZ: int32(size[2]),
		Image: make([]byte, 2*voxels), Label: make([]byte, voxels), HasLabel: true, LungFraction: 0.25, InfectionFraction: 0.125,
	}
	r := rand.New(rand.NewPCG(uint64(index), 7))
	for i := range voxels {
		tissue := i / size[0] / 16 % 3
		binary.LittleEndian.PutUint16(p.Image[2*i:], uint16(int16(-850+tissue*400+int(r.NormFloat64()*12))))
		p.Label[i] = byte(tissue)
	}
	return p
}

func shard(t testing.TB, size [3]int, n int, format string) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewPatchWriter(&file, size, format)
	if err != nil {
		t.Fatalf("NewPatchWriter = %v", err)
	}
	for i := range n {
		if err := w.Write(patch(size, i)); err != nil {
			t.Fatalf("Write(%d) = %v", i, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatalf("Close = %v", err)
	}
	return file.Bytes()
}

func TestPatchesRoundTrip(t *testing.T) {
	size := [3]int{16, 8, 4}
	for _, n := range []int{0, 1, 4, 11} {
		for _, format := range []string{schemas.PatchParquet, schemas.PatchArrow, schemas.PatchTensor} {
			if !bytes.Equal(shard(t, size, n, format), shard(t, size, n, format)) {
				t.Errorf("%d patches as %s: other bytes the second time", n, format)
			}
		}
		file := shard(t, size, n, schemas.PatchParquet)
		i := 0
		for got, err := range ReadPatches(bytes.NewReader(file), int64(len(file))) {
			if err != nil {
				t.Fatalf("ReadPatches: %v", err)
			}
			if diff := cmp.Diff(patch(size, i), got); diff != "" {
				t.Errorf("patch %d (-want +got):\n%s", i, diff)
			}
			i++
		}
		if i != n {
			t.Errorf("%d patches of %d", i, n)
		}
	}
}

func TestPatchWriterRefuses(t *testing.T) {
	size := [3]int{4, 4, 2}
	short := patch(size, 2)
	short.Image = short.Image[1:]
	for _, c := range []struct {
		name  string
		patch schemas.Patch
	}{
		{"the same patch twice", patch(size, 1)},
		{"an earlier patch", patch(size, 0)},
		{"another size", patch([3]int{4, 2, 4}, 2)},
		{"a short image", short},
	} {
		w, err := NewPatchWriter(io.Discard, size, schemas.PatchParquet)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(patch(size, 1)); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(c.patch); err == nil {
			t.Errorf("%s is written", c.name)
		}
		if err := w.Close(); err == nil {
			t.Errorf("%s: Close succeeds after an error", c.name)
		}
	}
}

func BenchmarkPatches(b *testing.B) {
	size := [3]int{128, 128, 64}
	patches := make([]schemas.Patch, 8)
	for i := range patches {
		patches[i] = patch(size, i)
	}
	raw := int64(8 * 3 * 128 * 128 * 64)
	for _, format := range []string{schemas.PatchParquet, schemas.PatchArrow, schemas.PatchTensor} {
		b.Run("write/"+format, func(b *testing.B) {
			b.SetBytes(raw)
			for b.Loop() {
				w, err := NewPatchWriter(io.Discard, size, format)
				if err != nil {
					b.Fatal(err)
				}
				for _, p := range patches {
					if err := w.Write(p); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(8*b.N)/b.Elapsed().Seconds(), "patches/s")
		})
	}
	file := shard(b, size, 8, schemas.PatchParquet)
	b.Run("read", func(b *testing.B) {
		b.SetBytes(raw)
		n := 0
		for b.Loop() {
			for _, err := range ReadPatches(bytes.NewReader(file), int64(len(file))) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "patches/s")
		b.ReportMetric(float64(len(file))/float64(raw), "of_raw")
	})
}
