package dicomio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// element encodes one element in explicit VR little endian.
func element(t Tag, vr string, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, t.Group())
	b = binary.LittleEndian.AppendUint16(b, t.Element())
	b = append(b, vr...)
	if len(value)%2 == 1 {
		value = append(bytes.Clone(value), 0)
	}
	if vr == "SQ" || vr == "OB" || vr == "OW" {
		b = append(b, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	}
	return append(b, value...)
}

func us(t Tag, v int) []byte {
	return element(t, "US", binary.LittleEndian.AppendUint16(nil, uint16(v)))
}

func text(t Tag, vr, v string) []byte { return element(t, vr, []byte(v)) }

func sequence(t Tag, items ...[]byte) []byte {
	var all []byte
	for _, item := range items {
		all = append(all, 0xFE, 0xFF, 0x00, 0xE0)
		all = binary.LittleEndian.AppendUint32(all, uint32(len(item)))
		all = append(all, item...)
	}
	return element(t, "SQ", all)
}

// smallSEG is a segmentation of 3×5 pixels: as many frames as numbers, of the
// given segments, 2 mm apart.
func smallSEG(kind string, bits int, pixels []byte, numbers ...int) []byte {
	file := append(make([]byte, 128), "DICM"...)
	file = append(file, text(TagTransferSyntaxUID, "UI", "1.2.840.10008.1.2.1")...)
	var frames [][]byte
	for i, n := range numbers {
		frames = append(frames, slices.Concat(
			sequence(tagPlanePosition, text(tagImagePosition, "DS", `0\0\`+string(rune('0'+2*i)))),
			sequence(tagSegmentIdentify, us(tagReferencedSegment, n))))
	}
	return slices.Concat(file,
		text(tagSOPClassUID, "UI", SegmentationStorage),
		us(tagSamplesPerPixel, 1), text(tagNumberOfFrames, "IS", string(rune('0'+len(numbers)))),
		us(tagRows, 3), us(tagColumns, 5), us(tagBitsAllocated, bits), us(tagBitsStored, bits), us(tagHighBit, bits-1), us(TagPixelRepresentation, 0),
		text(tagSegmentationType, "CS", kind),
		sequence(tagSegments, slices.Concat(us(tagSegmentNumber, 1), text(tagSegmentLabel, "LO", "Lung"))),
		us(tagMaxFractional, 100),
		sequence(tagSharedGroups, slices.Concat(
			sequence(tagPlaneOrientation, text(tagImageOrientation, "DS", `1\0\0\0\1\0`)),
			sequence(tagPixelMeasures, text(tagPixelSpacing, "DS", `2\1`)))),
		sequence(tagPerFrameGroups, frames...),
		element(TagPixelData, "OB", pixels))
}

func TestSegmentationFrames(t *testing.T) {
	cases := []struct {
		reason string
		kind   string
		bits   int
		pixels []byte
		frame  int
		want   []uint16
	}{
		{"bits from the lowest up", "BINARY", 1, []byte{0b0000_0101, 0, 0, 0}, 0, []uint16{3, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"the second frame starts at bit 15, not at a byte", "BINARY", 1, []byte{0, 0b1000_0000, 0b0000_0001, 0b0010_0000}, 1, []uint16{4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4}},
		{"one half is inside, less is not", "FRACTIONAL", 8, append([]byte{49, 50, 51, 100}, make([]byte, 26)...), 0, []uint16{0, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	}
	for _, c := range cases {
		s, err := ReadSegmentation(bytes.NewReader(smallSEG(c.kind, c.bits, c.pixels, 3, 4)))
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		got := make([]uint16, 15)
		if s.Labels(c.frame, got); !slices.Equal(got, c.want) {
			t.Errorf("%s: Labels = %v, want %v", c.reason, got, c.want)
		}
		if f := s.Frames[1]; f.Segment != 4 || f.PositionMM != [3]float64{0, 0, 2} || f.PixelSpacingMM != [2]float64{2, 1} {
			t.Errorf("%s: frame %+v, want segment 4 at 2 mm with pixels of 2×1 mm", c.reason, f)
		}
		if len(s.Segments) != 1 || s.Segments[0].Label != "Lung" {
			t.Errorf("%s: segments %+v, want one called Lung", c.reason, s.Segments)
		}
	}
}

func TestLabelMapSegmentation(t *testing.T) {
	s := &Segmentation{Type: "LABELMAP", Rows: 1, Columns: 4, bits: 16, order: binary.LittleEndian, pixels: []byte{1, 0, 0, 1, 5, 0, 0, 0}, Frames: make([]SegmentationFrame, 1)}
	padding := uint16(5)
	s.padding = &padding
	got := make([]uint16, 4)
	if s.Labels(0, got); !slices.Equal(got, []uint16{1, 256, 0, 0}) {
		t.Errorf("Labels = %v, want 1, 256, and 0 for padding and background", got)
	}
}

func TestSegmentationRejects(t *testing.T) {
	whole := smallSEG("BINARY", 1, make([]byte, 4), 3, 4)
	cases := []struct {
		reason, code string
		file         []byte
	}{
		{"pixels cut short", "truncated", smallSEG("BINARY", 1, make([]byte, 2), 3, 4)},
		{"another number of bits than the type has", "unsupported_pixels", smallSEG("BINARY", 8, make([]byte, 30), 3, 4)},
		{"a frame of no segment", "bad_segments", smallSEG("BINARY", 1, make([]byte, 4), 3, 0)},
		{"rows × columns beyond bounds", "bad_matrix", bytes.Replace(whole, slices.Concat(us(tagRows, 3), us(tagColumns, 5)), slices.Concat(us(tagRows, 65535), us(tagColumns, 65535)), 1)},
		{"more frames than functional groups", "missing_geometry", bytes.Replace(whole, text(tagNumberOfFrames, "IS", "2"), text(tagNumberOfFrames, "IS", "9"), 1)},
		{"no pixel spacing", "missing_geometry", bytes.Replace(whole, []byte("2\\1\x00"), []byte("0\\1\x00"), 1)},
		{"a CT image class", "not_segmentation", bytes.Replace(whole, []byte(SegmentationStorage), []byte("1.2.840.10008.5.1.4.1.1.2\x00\x00\x00"), 1)},
	}
	for _, c := range cases {
		_, err := ReadSegmentation(bytes.NewReader(c.file))
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: ReadSegmentation: %v; want code %s", c.reason, err, c.code)
		}
	}
}

func TestEnhancedFrames(t *testing.T) {
	f, err := os.Open(filepath.Join(fixtures(t), "ts_cornerstone_ct", "CT0012.fragmented_no_bot_jpeg_baseline.51.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := ReadSlices(f)
	if err != nil || len(s) != 2 {
		t.Fatalf("ReadSlices = %d slices, %v; want 2", len(s), err)
	}
	first, second := s[0].SliceHeader, s[1].SliceHeader
	if first.PositionMM != [3]float64{99.5, -301.5, -159} || second.PositionMM != [3]float64{99.5, -301.5, -149} {
		t.Errorf("positions %v, %v; want each frame's own", first.PositionMM, second.PositionMM)
	}
	if !first.HasGeometry || first.Orientation != [6]float64{-1, 0, 0, 0, 1, 0} || first.PixelSpacingMM != [2]float64{0.388672, 0.388672} ||
		first.ThicknessMM != 10 || first.Slope != 1 || first.Intercept != -1024 || first.AcquisitionNumber != 1 || first.ImageType[3] != "RCBF" {
		t.Errorf("header %+v, want what the shared groups say", first)
	}
	if slices.Equal(s[0].HU, s[1].HU) {
		t.Error("both frames have the same pixels")
	}
}

func FuzzReadSegmentation(f *testing.F) {
	f.Add(smallSEG("BINARY", 1, make([]byte, 4), 3, 4))
	f.Add(smallSEG("FRACTIONAL", 8, make([]byte, 30), 1, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadSegmentation(bytes.NewReader(data))
		if err != nil {
			return
		}
		dst := make([]uint16, s.Rows*s.Columns)
		for i := range s.Frames {
			s.Labels(i, dst)
		}
	})
}

func FuzzReadSlices(f *testing.F) {
	whole := smallSEG("BINARY", 1, make([]byte, 60), 3, 4)
	f.Add(bytes.Replace(whole, us(tagBitsAllocated, 1), us(tagBitsAllocated, 16), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadSlices(bytes.NewReader(data))
		for _, slice := range s {
			if len(slice.HU) != slice.Rows*slice.Columns {
				t.Errorf("%d pixels of %d × %d, %v", len(slice.HU), slice.Rows, slice.Columns, err)
			}
		}
	})
}
