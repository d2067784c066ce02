package nrrdio

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"ctcohort/io/voxelio"
	"ctcohort/model/volume"
)

func digest(data []int16) string {
	sum := sha256.New()
	if err := binary.Write(sum, binary.LittleEndian, data); err != nil {
		panic(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// file returns a NRRD file of the fields, in place of the default's where they
// are the same, and the data behind them. An empty value takes a field out.
func file(data string, fields ...string) []byte {
	all := []string{"type: uchar", "dimension: 3", "space: left-posterior-superior", "sizes: 2 3 1", "space directions: (1,0,0) (0,1,0) (0,0,2)",
		"space origin: (1,2,3)", "encoding: raw"}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ":")
		all = slices.DeleteFunc(all, func(old string) bool { return strings.HasPrefix(old, name+":") })
		if value != "" {
			all = append(all, f)
		}
	}
	return []byte("NRRD0005\n" + strings.Join(all, "\n") + "\n\n" + data)
}

func zipped(data string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, data)
	z.Close()
	return b.String()
}

func TestReadHU(t *testing.T) {
	plain := []int16{1, 2, 3, 4, 5, 6}
	for _, test := range []struct {
		name, reason string
		file         []byte
		want         []int16
	}{
		{"raw", "", file("\x01\x02\x03\x04\x05\x06"), plain},
		{"gzip", "", file(zipped("\x01\x02\x03\x04\x05\x06"), "encoding: gzip"), plain},
		{"text", "", file("1 2,3\n4\t 5 6\n", "encoding: ascii"), plain},
		{"hex", "white space may stand anywhere", file("010 20\n30405 06\n", "encoding: hex"), plain},
		{"bytes before", "", file("abc\x01\x02\x03\x04\x05\x06", "byte skip: 3"), plain},
		{"bytes before, zipped", "they are skipped once unzipped", file(zipped("abc\x01\x02\x03\x04\x05\x06"), "encoding: gzip", "byte skip: 3"), plain},
		{"lines before", "they are skipped before unzipping", file("a\nb\n"+zipped("\x01\x02\x03\x04\x05\x06"), "encoding: gzip", "line skip: 2"), plain},
		{"at the end", "a skip of −1", file(strings.Repeat("another header", 99)+"\x01\x02\x03\x04\x05\x06", "byte skip: -1"), plain},
		{"bytes behind", "ITK reads such files too", file("\x01\x02\x03\x04\x05\x06more"), plain},
		{"big endian", "", file("\x00\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06", "type: short", "endian: big"), plain},
		{"a value that a short cannot hold", "clamped", file("1e9 -1e9 0.5 -0.5 0.49 6", "encoding: txt", "type: double"), []int16{math.MaxInt16, math.MinInt16, 1, -1, 0, 6}},
		{"a fourth dimension of one", "", file("\x01\x02\x03\x04\x05\x06", "dimension: 4", "sizes: 1 2 3 1", "space directions: none (1,0,0) (0,1,0) (0,0,2)", "kinds: vector domain domain domain"), plain},
		{"a fourth dimension that nothing is said of", "", file("\x01\x02\x03\x04\x05\x06", "dimension: 4", "sizes: 2 3 1 1", "space:", "space directions:", "space origin:", "spacings: 1 1 2 nan"), plain},
		{"names in any case, spaces in vectors", "", file("\x01\x02\x03\x04\x05\x06", "type: Unsigned  Char", "encoding: RAW", "space directions: ( 1 , 0,0)(0,1,0) (0,0,2)"), plain},
		{"a field that is not known", "ignored, as it says nothing of voxels", file("\x01\x02\x03\x04\x05\x06", "thicknesses: nan nan 2", "measurement frame: (1,0,0) (0,1,0) (0,0,1)", "sample units: \"HU\""), plain},
		{"no blank line at the end", "of a file that has nothing behind it", bytes.TrimRight(file("", "data file: six"), "\n"), plain},
	} {
		v, err := ReadHU(bytes.NewReader(test.file), six, 6)
		if err != nil || !slices.Equal(v.Data, test.want) || v.Size != [3]int{2, 3, 1} || v.SpacingMM != [3]float64{1, 1, 2} {
			t.Errorf("%s (%s): ReadHU = %+v, %v; want %v", test.name, test.reason, v, err, test.want)
		}
	}
}

// six opens files of six voxels, and none whose name holds a path.
func six(name string) (io.ReadCloser, error) {
	switch {
	case strings.ContainsAny(name, `/\`):
		panic("a data file out of the folder is opened: " + name)
	case name == "six":
		return io.NopCloser(strings.NewReader("\x01\x02\x03\x04\x05\x06")), nil
	case strings.HasPrefix(name, "two"):
		return io.NopCloser(strings.NewReader(name[3:4] + name[3:4])), nil
	}
	return nil, fs.ErrNotExist
}

func TestReadDataFiles(t *testing.T) {
	want := []int16{'7', '7', '8', '8', '9', '9'}
	for _, fields := range [][]string{
		{"data file: LIST\ntwo7\n# a comment\n./two8\ntwo9"},
		{"data file: LIST 2\r\ntwo7\r\ntwo8\r\ntwo9\r"},
		{"data file: two%d 7 9 1"},
		{"data file: ./two%01d 7 9 1 2"},
		{"datafile: two%d.raw 7 9 1"},
	} {
		text := bytes.TrimRight(file("", fields...), "\n")
		v, err := ReadHU(bytes.NewReader(text), six, 6)
		if err != nil || !slices.Equal(v.Data, want) {
			t.Errorf("%q: ReadHU = %+v, %v; want %v", fields, v, err, want)
		}
	}
	v, err := ReadHU(bytes.NewReader(file("", "data file: two%d 9 7 -1")), six, 6)
	if err != nil || !slices.Equal(v.Data, []int16{'9', '9', '8', '8', '7', '7'}) {
		t.Errorf("numbers that fall: ReadHU = %+v, %v", v, err)
	}
}

func TestReadRefuses(t *testing.T) {
	whole := "\x01\x02\x03\x04\x05\x06"
	packed := zipped(whole)
	for _, test := range []struct {
		name string
		file []byte
		want error
	}{
		{"nothing", nil, ErrNotNRRD},
		{"another format", []byte("P5 2 3 255\n"), ErrNotNRRD},
		{"a version to come", bytes.Replace(file(whole), []byte("NRRD0005"), []byte("NRRD0006"), 1), ErrUnsupported},
		{"a version before any", bytes.Replace(file(whole), []byte("NRRD0005"), []byte("NRRD00.01"), 1), ErrUnsupported},
		{"no field", []byte("NRRD0004\n\n"), ErrNotNRRD},
		{"a line that is no field", file(whole, "content: a\nx y z"), ErrNotNRRD},
		{"a header without end", slices.Concat(file(whole)[:50], bytes.Repeat([]byte("#"), maxHeader)), ErrNotNRRD},
		{"a field twice", file(whole, "spacings: 1 1 1\nspacings: 1 1 1"), ErrNotNRRD},
		{"no type", file(whole, "type:"), ErrNotNRRD},
		{"blocks", file(whole, "type: block", "block size: 1"), ErrUnsupported},
		{"an unknown encoding", file(whole, "encoding: zrl"), ErrUnsupported},
		{"no endian", file(whole+whole, "type: short"), ErrNotNRRD},
		{"an endian that is none", file(whole+whole, "type: short", "endian: middle"), ErrNotNRRD},
		{"two dimensions", file(whole, "dimension: 2", "sizes: 2 3", "space directions: (1,0) (0,1)"), ErrUnsupported},
		{"dimensions beyond the format", file(whole, "dimension: 17", "sizes: 2 3"+strings.Repeat(" 1", 15), "space directions:"), ErrNotNRRD},
		{"a size that is missing", file(whole, "sizes: 2 3"), ErrNotNRRD},
		{"a size of nothing", file(whole, "sizes: 2 3 0"), ErrNotNRRD},
		{"a negative size", file(whole, "sizes: 2 3 -1"), ErrNotNRRD},
		{"more voxels than allowed", file(whole, "sizes: 2 4 1"), voxelio.ErrTooLarge},
		{"sizes whose product wraps around", file(whole, "sizes: 4294967296 4294967296 2"), voxelio.ErrTooLarge},
		{"a voxel too few", file(whole[:5]), voxelio.ErrTruncated},
		{"half a gzip file", file(packed[:len(packed)-9], "encoding: gzip"), voxelio.ErrTruncated},
		{"gzip without its end", file(packed[:len(packed)-1], "encoding: gzip"), voxelio.ErrTruncated},
		{"gzip without its start", file("", "encoding: gzip"), voxelio.ErrTruncated},
		{"half a bzip2 file", file("BZh91AY&SY", "encoding: bzip2"), voxelio.ErrTruncated},
		{"text that is no number", file("1 2 three 4 5 6", "encoding: text"), ErrNotNRRD},
		{"text without end", file(strings.Repeat("1", 1<<20), "encoding: text"), ErrNotNRRD},
		{"a number too few", file("1 2 3 4 5", "encoding: text"), voxelio.ErrTruncated},
		{"no number", file("1 2 3 4 5 nan", "encoding: text", "type: float"), voxelio.ErrVoxel},
		{"lines that are not there", file(whole, "line skip: 4"), voxelio.ErrTruncated},
		{"lines without end", file(whole, "line skip: 99999999999"), ErrNotNRRD},
		{"bytes without end", file(packed, "encoding: gzip", "byte skip: 99999999999"), ErrNotNRRD},
		{"the end of what is zipped", file(packed, "encoding: gzip", "byte skip: -1"), ErrUnsupported},
		{"too little at the end", file(whole[:4], "byte skip: -1"), voxelio.ErrTruncated},
		{"two values a voxel", file(whole+whole, "dimension: 4", "sizes: 2 2 3 1", "kinds: list domain domain domain", "space directions: none (1,0,0) (0,1,0) (0,0,2)"), ErrUnsupported},
		{"colours over time", file(strings.Repeat(whole, 4), "dimension: 5", "sizes: 2 2 3 1 2", "kinds: list domain domain domain time", "space directions: none (1,0,0) (0,1,0) (0,0,2) none"), ErrUnsupported},
		{"a space of time too", file(whole, "space: left-posterior-superior-time"), ErrUnsupported},
		{"a space that is not the patient's", file(whole, "space: scanner-xyz"), ErrUnsupported},
		{"directions in a plane", file(whole, "space directions: (1,0) (0,1) (1,1)"), ErrUnsupported},
		{"an origin in a plane", file(whole, "space origin: (1,0)"), ErrUnsupported},
		{"a direction that does not end", file(whole, "space directions: (1,0,0) (0,1,0) (0,0,2"), ErrNotNRRD},
		{"sheared", file(whole, "space directions: (1,0,0) (0.1,1,0) (0,0,2)"), voxelio.ErrGeometry},
		{"two axes alike", file(whole, "space directions: (1,0,0) (1,0,0) (0,0,2)"), voxelio.ErrGeometry},
		{"a direction that is no number", file(whole, "space directions: (nan,0,0) (0,1,0) (0,0,2)"), voxelio.ErrGeometry},
		{"a space without directions", file(whole, "space directions:", "spacings: 1 1 2"), voxelio.ErrGeometry},
		{"no spacing", file(whole, "space:", "space directions:", "space origin:"), voxelio.ErrGeometry},
		{"no spacing along an axis", file(whole, "space:", "space directions:", "space origin:", "spacings: 1 nan 1"), voxelio.ErrGeometry},
		{"spacings for another number of axes", file(whole, "spacings: 1 1"), ErrNotNRRD},
		{"inches", file(whole, `space units: "inch" "inch" "inch"`), ErrUnsupported},
		{"a data file elsewhere", file("", "data file: ../six"), ErrUnsupported},
		{"a data file in a folder", file("", "data file: sub/six"), ErrUnsupported},
		{"a data file of the system", file("", "data file: /etc/passwd"), ErrUnsupported},
		{"a data file in another system", file("", `data file: ..\six`), ErrUnsupported},
		{"a data file that is the folder", file("", "data file: ./.."), ErrUnsupported},
		{"a data file elsewhere in a list", bytes.TrimRight(file("", "data file: LIST\ntwo7\n../two8\ntwo9"), "\n"), ErrUnsupported},
		{"an empty list", bytes.TrimRight(file("", "data file: LIST"), "\n"), ErrUnsupported},
		{"a list that does not divide", bytes.TrimRight(file("", "data file: LIST\ntwo7\ntwo8\ntwo9\ntwo9"), "\n"), ErrNotNRRD},
		{"a data file that is not there", file("", "data file: seven"), fs.ErrNotExist},
		{"a data file that is too short", file("", "data file: two7"), voxelio.ErrTruncated},
		{"numbers without end", file("", "data file: two%d 0 999999999 1"), ErrUnsupported},
		{"numbers that go nowhere", file("", "data file: two%d 1 2 0"), ErrUnsupported},
	} {
		if v, err := ReadHU(bytes.NewReader(test.file), six, 6*4); test.name == "more voxels than allowed" {
			if _, err := ReadHU(bytes.NewReader(test.file), six, 6); !errors.Is(err, test.want) {
				t.Errorf("%s: %v; want %v", test.name, err, test.want)
			}
		} else if !errors.Is(err, test.want) || !strings.HasPrefix(err.Error(), "reading NRRD: ") {
			t.Errorf("%s: ReadHU = %+v, %v; want %v", test.name, v, err, test.want)
		} else if strings.Contains(err.Error(), "passwd") {
			t.Errorf("%s: the error repeats what the file holds: %v", test.name, err)
		}
	}
	if _, err := ReadHU(bytes.NewReader(file("", "data file: six")), nil, 6); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a detached header without an opener gives %v, want ErrUnsupported", err)
	}
	if _, err := ReadHU(iotest.ErrReader(io.ErrClosedPipe), nil, 6); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a failing reader gives %v, want its own error", err)
	}
}

// A small file that unzips to gigabytes is read no further than its sizes say.
func TestReadStopsWhereTheSizesSay(t *testing.T) {
	endless := io.MultiReader(bytes.NewReader(file("")), zeros{})
	if _, err := ReadHU(endless, nil, 6); err != nil {
		t.Errorf("a file without end: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestReadGeometry(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []string
		want   volume.Grid
	}{
		{"LPS", nil, volume.Grid{SpacingMM: [3]float64{1, 1, 2}, OriginMM: [3]float64{1, 2, 3}, Direction: volume.Identity()}},
		{"RAS", []string{"space: RAS"}, volume.Grid{SpacingMM: [3]float64{1, 1, 2}, OriginMM: [3]float64{-1, -2, 3}, Direction: [9]float64{-1, 0, 0, 0, -1, 0, 0, 0, 1}}},
		{"LAS", []string{"space: left-anterior-superior"}, volume.Grid{SpacingMM: [3]float64{1, 1, 2}, OriginMM: [3]float64{1, -2, 3}, Direction: [9]float64{1, 0, 0, 0, -1, 0, 0, 0, 1}}},
		{"metres", []string{`space units: "m" "m" "m"`}, volume.Grid{SpacingMM: [3]float64{1000, 1000, 2000}, OriginMM: [3]float64{1000, 2000, 3000}, Direction: volume.Identity()}},
		{"axes permuted", []string{"space directions: (0,0,3) (0.5,0,0) (0,-2,0)"},
			volume.Grid{SpacingMM: [3]float64{3, 0.5, 2}, OriginMM: [3]float64{1, 2, 3}, Direction: [9]float64{0, 1, 0, 0, 0, -1, 1, 0, 0}}},
		{"lowest and highest of cells", []string{"space:", "space directions:", "space origin:", "axis mins: 0 10 0", "axis maxs: 2 16 4"},
			volume.Grid{SpacingMM: [3]float64{1, 2, 4}, OriginMM: [3]float64{0.5, 11, 2}, Direction: volume.Identity()}},
		{"lowest and highest of nodes", []string{"space:", "space directions:", "space origin:", "sizes: 3 2 1", "centers: node node cell", "axis mins: 0 10 0", "axis maxs: 2 16 4"},
			volume.Grid{SpacingMM: [3]float64{1, 6, 4}, OriginMM: [3]float64{0, 10, 2}, Direction: volume.Identity()}},
	} {
		v, err := ReadHU(bytes.NewReader(file("\x01\x02\x03\x04\x05\x06", test.fields...)), nil, 6)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		test.want.Size = v.Size
		if v.Grid != test.want {
			t.Errorf("%s: the grid is %+v, want %+v", test.name, v.Grid, test.want)
		}
	}
}

// slicer is a segmentation as 3D Slicer writes it: three segments on two layers,
// which are the fastest axis.
func slicer(pairs string) []byte {
	header := file("", "dimension: 4", "sizes: 2 2 3 1", "kinds: list domain domain domain", "space directions: none (1,0,0) (0,1,0) (0,0,2)")
	return []byte(strings.TrimSuffix(string(header), "\n") + pairs + "\n" + "\x01\x00\x01\x01\x02\x01\x02\x00\x00\x00\x01\x00")
}

func TestReadSegmentation(t *testing.T) {
	pairs := `Segment0_ID:=Segment_1
Segment0_Name:=left lung
Segment0_LabelValue:=1
Segment0_Layer:=0
Segment0_Tags:=Segmentation.Status:inprogress|TerminologyEntry:a list~SCT^85756007^Tissue~SCT^39607008^Lung~SCT^7771000^Left~Anatomic codes~^^~^^|
Segment1_ID:=Segment_2
Segment1_Name:=right\nlung
Segment1_LabelValue:=2
Segment1_Layer:=0
Segment2_ID:=Segment_3
Segment2_Name:=ground glass: a first try
Segment2_LabelValue:=1
Segment2_Layer:=1
Segmentation_MasterRepresentation:=Binary labelmap
`
	seg, err := ReadSegmentation(bytes.NewReader(slicer(pairs)), nil, 12)
	if err != nil {
		t.Fatal(err)
	}
	want := []Segment{
		{Name: "left lung", Layer: 0, Value: 1, Codes: []Code{{"SCT", "85756007", "Tissue"}, {"SCT", "39607008", "Lung"}, {"SCT", "7771000", "Left"}}},
		{Name: "right\nlung", Layer: 0, Value: 2},
		{Name: "ground glass: a first try", Layer: 1, Value: 1},
	}
	if fmt.Sprint(seg.Segments) != fmt.Sprint(want) {
		t.Errorf("the segments are %v, want %v", seg.Segments, want)
	}
	if len(seg.Layers) != 2 || !slices.Equal(seg.Layers[0].Data, []uint8{1, 1, 2, 2, 0, 1}) || !slices.Equal(seg.Layers[1].Data, []uint8{0, 1, 1, 0, 0, 0}) {
		t.Errorf("the layers are %+v and %+v", seg.Layers[0], seg.Layers[1])
	}

	// Before layers were shared: no value, no layer.
	seg, err = ReadSegmentation(bytes.NewReader(slicer("Segment0_Name:=a\nSegment1_Name:=b\n")), nil, 12)
	if err != nil || len(seg.Segments) != 2 || seg.Segments[1].Layer != 1 || seg.Segments[1].Value != 1 {
		t.Errorf("an old segmentation: %+v, %v", seg, err)
	}

	plain, err := ReadSegmentation(bytes.NewReader(file("\x00\x01\x02\x00\x01\x02")), nil, 6)
	if err != nil || len(plain.Segments) != 0 || len(plain.Layers) != 1 || !slices.Equal(plain.Layers[0].Data, []uint8{0, 1, 2, 0, 1, 2}) {
		t.Errorf("a label map without segments: %+v, %v", plain, err)
	}

	for _, bad := range []struct {
		name, pairs string
		want        error
	}{
		{"layers of nothing", "", ErrUnsupported},
		{"a layer that is not there", "Segment0_ID:=a\nSegment0_Layer:=2\n", ErrNotNRRD},
		{"a negative layer", "Segment0_ID:=a\nSegment0_Layer:=-1\n", ErrNotNRRD},
		{"a value beyond labels", "Segment0_ID:=a\nSegment0_LabelValue:=256\n", ErrUnsupported},
		{"the background's value", "Segment0_ID:=a\nSegment0_LabelValue:=0\n", ErrUnsupported},
	} {
		if seg, err := ReadSegmentation(bytes.NewReader(slicer(bad.pairs)), nil, 12); !errors.Is(err, bad.want) {
			t.Errorf("%s: %+v, %v; want %v", bad.name, seg, err, bad.want)
		}
	}
	if _, err := ReadSegmentation(bytes.NewReader(slicer(pairs)), nil, 11); !errors.Is(err, voxelio.ErrTooLarge) {
		t.Errorf("layers count as voxels: %v, want ErrTooLarge", err)
	}
}

func TestLayersOnAnyAxis(t *testing.T) {
	for axis, data := range map[int]string{0: "aAbBcCdDeEfF", 1: "abABcdCDefEF", 2: "abcdefABCDEF", 3: "abcdefABCDEF"} {
		sizes := slices.Insert([]string{"2", "3", "1"}, axis, "2")
		directions := slices.Insert([]string{"(1,0,0)", "(0,1,0)", "(0,0,1)"}, axis, "none")
		text := file(data, "dimension: 4", "sizes: "+strings.Join(sizes, " "), "space directions: "+strings.Join(directions, " "))
		_, layers, err := readLayers(bytes.NewReader(text), nil, 12, voxelio.Label)
		if err != nil || string(layers[0].Data) != "abcdef" || string(layers[1].Data) != "ABCDEF" {
			t.Errorf("layers along axis %d: %+v, %v", axis, layers, err)
		}
	}
}

// What can be read has as many voxels as its grid, no more than allowed, and a
// grid that others take.
func FuzzRead(f *testing.F) {
	f.Add(file("\x01\x02\x03\x04\x05\x06"))
	f.Add(file(zipped("\x01\x02\x03\x04\x05\x06"), "encoding: gzip"))
	f.Add(file("1 2 3 4 5 6", "encoding: text"))
	f.Add(file("010203040506", "encoding: hex"))
	f.Add(file("", "data file: six"))
	f.Add(bytes.TrimRight(file("", "data file: LIST\ntwo7\ntwo8\ntwo9"), "\n"))
	f.Add(file("", "data file: two%d 7 9 1"))
	f.Add(file("\x01\x02\x03\x04\x05\x06", "space:", "space directions:", "space origin:", "axis mins: 0 10 0", "axis maxs: 2 16 4"))
	f.Add(file("\x01\x02\x03\x04\x05\x06", "space:", "space directions:", "dimension: 4", "sizes: 1 2 3 1", "spacings: 1 1 1 1\nkinds:"))
	f.Add(slicer("Segment0_ID:=a\nSegment0_LabelValue:=1\nSegment0_Layer:=1\nSegment0_Tags:=TerminologyEntry:a~b^c^d\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		const limit = 1 << 12
		if v, err := ReadHU(bytes.NewReader(text), six, limit); err == nil {
			if len(v.Data) != v.Len() || v.Len() > limit {
				t.Fatalf("%d voxels in a grid of %v, limit %d", len(v.Data), v.Size, limit)
			}
			if !v.Near(v.Grid, 1e-6) {
				t.Fatalf("the grid is no grid: %+v", v.Grid)
			}
		}
		if seg, err := ReadSegmentation(bytes.NewReader(text), six, limit); err == nil {
			for _, s := range seg.Segments {
				if s.Value == 0 || s.Layer >= len(seg.Layers) {
					t.Fatalf("segment %+v of %d layers", s, len(seg.Layers))
				}
			}
		}
	})
}
