package niftiio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"

	"ctcohort/io/voxelio"
	"ctcohort/model/volume"
)

// grids are orientations that take each branch of the quaternion, both hands.
func grids() []volume.Grid {
	directions := [][9]float64{
		volume.Identity(),
		{-1, 0, 0, 0, 1, 0, 0, 0, -1}, // feet first, prone
		{-1, 0, 0, 0, -1, 0, 0, 0, 1}, // the identity in RAS
		{1, 0, 0, 0, 0, 1, 0, -1, 0},  // coronal
		{0, 0, 1, 1, 0, 0, 0, -1, 0},  // sagittal
		{-1, 0, 0, 0, 1, 0, 0, 0, 1},  // left-handed
		{1, 0, 0, 0, -1, 0, 0, 0, -1},
		{1, 0, 0, 0, 0.9781476, -0.2079117, 0, 0.2079117, 0.9781476}, // turned by 12°
		{0.36, 0.48, -0.8, -0.8, 0.6, 0, 0.48, 0.64, 0.6},
		{0, -1, 0, 1, 0, 0, 0, 0, -1},
	}
	var out []volume.Grid
	for _, d := range directions {
		out = append(out, volume.Grid{Size: [3]int{3, 4, 5}, SpacingMM: [3]float64{0.703125, 0.8, 2.5}, OriginMM: [3]float64{-174.25, 12.7, -1034.125}, Direction: d})
	}
	return out
}

func filled[T volume.Voxel](g volume.Grid) *volume.Volume[T] {
	v := volume.New[T](g)
	for i := range v.Data {
		v.Data[i] = T(i*i%251 + i%2)
	}
	return v
}

func convert[T, S volume.Voxel](in []S) []T {
	out := make([]T, len(in))
	for i, x := range in {
		out[i] = T(x)
	}
	return out
}

func encoded[T volume.Voxel](t testing.TB, v *volume.Volume[T], gz bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, v, gz); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteThenRead(t *testing.T) {
	for i, g := range grids() {
		for _, gz := range []bool{false, true} {
			v := filled[int16](g)
			v.Data[0], v.Data[1] = math.MinInt16, math.MaxInt16
			got, err := ReadHU(bytes.NewReader(encoded(t, v, gz)), v.Len())
			if err != nil {
				t.Fatalf("grid %d: %v", i, err)
			}
			if !slices.Equal(got.Data, v.Data) || !got.Near(g, 1e-3) {
				t.Errorf("grid %d: written as %+v, read as %+v", i, v, got)
			}
			labels, err := ReadLabels(bytes.NewReader(encoded(t, filled[uint8](g), gz)), v.Len())
			if err != nil || !slices.Equal(labels.Data, filled[uint8](g).Data) {
				t.Errorf("grid %d: labels are read as %v, %v", i, labels, err)
			}
		}
	}
}

// A grid along the patient's axes whose numbers float32 can hold comes back as it was.
func TestGeometryIsExact(t *testing.T) {
	for i, g := range grids()[:7] {
		g.SpacingMM, g.OriginMM = [3]float64{0.703125, 0.75, 2.5}, [3]float64{-174.25, 0, -1034.125}
		got, err := ReadHU(bytes.NewReader(encoded(t, filled[int16](g), false)), 60)
		if err != nil || got.Grid != g {
			t.Errorf("grid %d: %+v comes back as %+v, %v", i, g, got.Grid, err)
		}
		for _, x := range append(got.OriginMM[:], got.Direction[:]...) {
			if x == 0 && math.Signbit(x) {
				t.Errorf("grid %d: has a minus zero: %+v", i, got.Grid)
			}
		}
	}
}

func TestHeaderBytes(t *testing.T) {
	b := encoded(t, filled[int16](grids()[0]), false)
	if len(b) != 352+2*60 {
		t.Fatalf("the file has %d bytes, want %d", len(b), 352+2*60)
	}
	for _, field := range []struct {
		name string
		at   int
		want any
	}{
		{"sizeof_hdr", 0, int32(348)},
		{"dim", 40, [8]int16{3, 3, 4, 5, 1, 1, 1, 1}},
		{"datatype and bitpix", 70, [2]int16{4, 16}},
		{"pixdim", 76, [8]float32{1, 0.703125, 0.8, 2.5, 1, 1, 1, 1}},
		{"vox_offset, scl_slope, scl_inter", 108, [3]float32{352, 1, 0}},
		{"xyzt_units", 123, uint8(2)},
		{"qform_code, sform_code", 252, [2]int16{1, 1}},
		{"quatern: half a turn about z", 256, [3]float32{0, 0, 1}},
		{"qoffset: x and y turn with RAS", 268, [3]float32{174.25, -12.7, -1034.125}},
		{"srow", 280, [12]float32{-0.703125, 0, 0, 174.25, 0, -0.8, 0, -12.7, 0, 0, 2.5, -1034.125}},
		{"magic", 344, [4]byte{'n', '+', '1', 0}},
		{"no extension", 348, [4]byte{}},
	} {
		got := reflect.New(reflect.TypeOf(field.want))
		if _, err := binary.Decode(b[field.at:], binary.LittleEndian, got.Interface()); err != nil {
			t.Fatal(err)
		}
		if got.Elem().Interface() != field.want {
			t.Errorf("%s = %v, want %v", field.name, got.Elem(), field.want)
		}
	}
}

func TestBytesAreReproducible(t *testing.T) {
	v := thorax([3]int{64, 64, 9})
	a, b := encoded(t, v, true), encoded(t, v, true)
	if !bytes.Equal(a, b) {
		t.Error("writing twice gives other bytes")
	}
	// RFC 1952: magic, deflate, no flags, no time, fastest level, no system.
	if want := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}; !bytes.Equal(a[:10], want) {
		t.Errorf("the gzip header is % x, want % x", a[:10], want)
	}
}

// patched returns a written file with other bytes at an offset.
func patched(t testing.TB, at int, value any) []byte {
	b := encoded(t, filled[int16](grids()[0]), false)
	if _, err := binary.Encode(b[at:], binary.LittleEndian, value); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadRefuses(t *testing.T) {
	whole := encoded(t, filled[int16](grids()[0]), false)
	zipped := encoded(t, filled[int16](grids()[0]), true)
	nan := float32(math.NaN())
	tests := []struct {
		name string
		file []byte
		want error
	}{
		{"nothing", nil, voxelio.ErrTruncated},
		{"one byte", whole[:1], voxelio.ErrTruncated},
		{"half a header", whole[:200], voxelio.ErrTruncated},
		{"no voxels", whole[:352], voxelio.ErrTruncated},
		{"a voxel too few", whole[:len(whole)-1], voxelio.ErrTruncated},
		{"half a gzip header", zipped[:5], voxelio.ErrTruncated},
		{"half a gzip file", zipped[:len(zipped)/2], voxelio.ErrTruncated},
		{"gzip without its end", zipped[:len(zipped)-1], voxelio.ErrTruncated},
		{"gzip with another checksum", slices.Concat(zipped[:len(zipped)-8], []byte{1, 2, 3, 4}, zipped[len(zipped)-4:]), gzip.ErrChecksum},
		{"text", bytes.Repeat([]byte("DICM"), 100), ErrNotNIfTI},
		{"Analyze", patched(t, 344, [4]byte{}), ErrUnsupported},
		{"a pair of files", patched(t, 344, [4]byte{'n', 'i', '1', 0}), ErrUnsupported},
		{"no dimension", patched(t, 40, int16(0)), ErrNotNIfTI},
		{"eight dimensions", patched(t, 40, int16(8)), ErrNotNIfTI},
		{"a negative side", patched(t, 42, int16(-3)), ErrNotNIfTI},
		{"more voxels than allowed", patched(t, 42, int16(4)), voxelio.ErrTooLarge},
		{"more voxels than there can be", patched(t, 42, [3]int16{32767, 32767, 32767}), voxelio.ErrTooLarge},
		{"two volumes", patched(t, 40, [5]int16{4, 3, 4, 5, 2}), ErrUnsupported},
		{"colours", patched(t, 70, [2]int16{128, 24}), ErrUnsupported},
		{"bits that are not the type's", patched(t, 72, int16(8)), ErrNotNIfTI},
		{"voxels inside the header", patched(t, 108, float32(100)), ErrNotNIfTI},
		{"voxels far away", patched(t, 108, float32(1e30)), ErrNotNIfTI},
		{"voxels at no number", patched(t, 108, nan), ErrNotNIfTI},
		{"voxels beyond the end", patched(t, 108, float32(4096)), voxelio.ErrTruncated},
		{"unknown unit", patched(t, 123, uint8(5)), ErrUnsupported},
		{"sheared", patched(t, 284, float32(0.1)), voxelio.ErrGeometry},
		{"an axis of no length", patched(t, 280, float32(0)), voxelio.ErrGeometry},
		{"an axis that is no number", patched(t, 280, nan), voxelio.ErrGeometry},
		{"an origin that is no number", patched(t, 292, nan), voxelio.ErrGeometry},
		{"an intercept that is no number", patched(t, 116, nan), voxelio.ErrVoxel},
	}
	for _, test := range tests {
		if v, err := ReadHU(bytes.NewReader(test.file), 60); !errors.Is(err, test.want) || !strings.HasPrefix(err.Error(), "reading NIfTI: ") {
			t.Errorf("%s: ReadHU = %v, %v; want %v", test.name, v, err, test.want)
		}
	}
	if _, err := ReadHU(iotest.ErrReader(io.ErrClosedPipe), 60); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a failing reader gives %v, want its own error", err)
	}
}

func TestReadSkewWithinRounding(t *testing.T) {
	if _, err := ReadHU(bytes.NewReader(patched(t, 284, float32(0.0005))), 60); err != nil {
		t.Errorf("an axis that is 0.04° off is refused: %v", err)
	}
}

func TestReadUnits(t *testing.T) {
	for unit, factor := range map[uint8]float64{0: 1, 1: 1000, 2: 1, 3: 0.001} {
		v, err := ReadHU(bytes.NewReader(patched(t, 123, unit)), 60)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := v.SpacingMM[2], 2.5*factor; math.Abs(got-want) > 1e-9*want {
			t.Errorf("unit %d: a spacing of 2.5 is read as %v mm, want %v", unit, got, want)
		}
	}
}

func TestReadWithoutForms(t *testing.T) {
	v, err := ReadHU(bytes.NewReader(patched(t, 252, [2]int16{})), 60)
	if err != nil {
		t.Fatal(err)
	}
	// pixdim alone has no orientation: as ITK, the axes of LPS, from the origin.
	if want := volume.Identity(); v.Direction != want || v.OriginMM != [3]float64{} {
		t.Errorf("the grid is %+v, want direction %v from the origin", v.Grid, want)
	}
}

func TestReadValues(t *testing.T) {
	g := grids()[0]
	scores := filled[float32](g)
	scores.Data[0], scores.Data[1], scores.Data[2], scores.Data[3], scores.Data[4] = 0.5, -0.5, 0.49, 1e9, float32(math.Inf(-1))
	v, err := ReadHU(bytes.NewReader(encoded(t, scores, false)), 60)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int16{1, -1, 0, math.MaxInt16, math.MinInt16}; !slices.Equal(v.Data[:5], want) {
		t.Errorf("0.5, −0.5, 0.49, 1e9 and −∞ are read as %v, want %v", v.Data[:5], want)
	}
	scores.Data[7] = float32(math.NaN())
	if _, err := ReadHU(bytes.NewReader(encoded(t, scores, false)), 60); !errors.Is(err, voxelio.ErrVoxel) {
		t.Errorf("HU that are not a number give %v, want ErrVoxel", err)
	}
	for _, bad := range []float32{0.5, -1, 256, float32(math.NaN())} {
		labels := filled[float32](g)
		labels.Data[59] = bad
		if _, err := ReadLabels(bytes.NewReader(encoded(t, labels, false)), 60); !errors.Is(err, voxelio.ErrVoxel) {
			t.Errorf("a label of %v gives %v, want ErrVoxel", bad, err)
		}
	}
}

func TestWriteRefusesSidesThatTheHeaderCannotHold(t *testing.T) {
	for _, size := range [][3]int{{40000, 1, 1}, {0, 1, 1}} {
		g := grids()[0]
		g.Size = size
		if err := Write(io.Discard, volume.New[uint8](g), false); err == nil {
			t.Errorf("Write of %v voxels succeeds, want an error", size)
		}
	}
}

func TestWriteReportsTheWritersError(t *testing.T) {
	for _, gz := range []bool{false, true} {
		if err := Write(failingWriter{}, filled[int16](grids()[0]), gz); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("gz=%v: Write to a failing writer = %v, want its error", gz, err)
		}
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// What can be read can be written, and comes back the same.
func FuzzReadHU(f *testing.F) {
	f.Add(encoded(f, filled[int16](grids()[0]), false))
	f.Add(encoded(f, filled[float32](grids()[7]), false))
	f.Add(encoded(f, filled[uint8](grids()[5]), true))
	f.Add(patched(f, 252, [2]int16{1, 0}))
	f.Fuzz(func(t *testing.T, file []byte) {
		const limit = 1 << 12
		v, err := ReadHU(bytes.NewReader(file), limit)
		if err != nil {
			return
		}
		if v.Len() > limit || len(v.Data) != v.Len() {
			t.Fatalf("%d voxels in a grid of %v, limit %d", len(v.Data), v.Size, limit)
		}
		again, err := ReadHU(bytes.NewReader(encoded(t, v, false)), limit)
		if errors.Is(err, voxelio.ErrGeometry) {
			return // float32 took a spacing or an angle over its limit
		}
		if err != nil {
			t.Fatalf("reading again: %v", err)
		}
		if !slices.Equal(again.Data, v.Data) {
			t.Fatal("the voxels change")
		}
		far := 0.0
		for c := range 3 {
			far = max(far, math.Abs(v.OriginMM[c]), float64(v.Size[c])*v.SpacingMM[c])
		}
		if !again.Near(v.Grid, 1e-5*far) {
			t.Fatalf("the grid changes from %+v to %+v", v.Grid, again.Grid)
		}
	})
}
