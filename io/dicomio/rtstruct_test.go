package dicomio

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// smallRTSTRUCT is a structure set with the given data set elements after its SOP class.
func smallRTSTRUCT(elements ...[]byte) []byte {
	file := append(make([]byte, 128), "DICM"...)
	file = append(file, text(TagTransferSyntaxUID, "UI", "1.2.840.10008.1.2.1")...)
	file = append(file, text(tagSOPClassUID, "UI", StructureSetStorage)...)
	return append(file, slices.Concat(elements...)...)
}

func roi(number, name string) []byte {
	return slices.Concat(text(tagROINumber, "IS", number), text(tagROIName, "LO", name))
}

// drawnROI is an item of the ROI contour sequence with one contour.
func drawnROI(number, kind, points, data string) []byte {
	contour := slices.Concat(
		sequence(tagContourImage, text(tagReferencedSOP, "UI", "1.2.3.4")),
		text(tagContourType, "CS", kind), text(tagContourPoints, "IS", points), text(tagContourData, "DS", data))
	return slices.Concat(sequence(tagContours, contour), text(tagReferencedROI, "IS", number))
}

func wholeRTSTRUCT() []byte {
	series := slices.Concat(text(tagSeriesInstanceUID, "UI", "1.2.3"), sequence(tagContourImage, text(tagReferencedSOP, "UI", "1.2.3.4")))
	frame := slices.Concat(text(tagFrameOfReference, "UI", "1.2"), sequence(tagRTReferencedStudy, sequence(tagRTReferencedSeries, series)))
	code := slices.Concat(text(tagCodeValue, "SH", "39607008"), text(tagCodingScheme, "SH", "SCT"), text(tagCodeMeaning, "LO", "Lung"))
	return smallRTSTRUCT(
		text(tagSeriesInstanceUID, "UI", "9.9"), text(tagStructureSetDate, "DA", "20200102"), text(tagStructureSetTime, "TM", "0800"),
		sequence(tagReferencedFrames, frame),
		sequence(tagROIs, roi("1", "Lung L"), roi("7", "Heart")),
		sequence(tagROIContours, drawnROI("7", "POINT", "1", `1\2\3`), drawnROI("1", "CLOSED_PLANAR", "3", ` 0\0\-1.5 \1e1\0\-1.5\ 0\+10\-1.5`)),
		sequence(tagROIObservations, slices.Concat(text(tagReferencedROI, "IS", "1"), sequence(tagROIIdentification, code))))
}

func TestReadStructureSet(t *testing.T) {
	s, err := ReadStructureSet(bytes.NewReader(wholeRTSTRUCT()))
	if err != nil {
		t.Fatal(err)
	}
	if s.Created != "202001020800" || !slices.Equal(s.ReferencedSeriesUIDs, []string{"1.2.3"}) || !slices.Contains(s.ReferencedSOPUIDs, "1.2.3.4") || len(s.ROIs) != 2 {
		t.Fatalf("%+v; want two regions on series 1.2.3", s)
	}
	lung, heart := s.ROIs[0], s.ROIs[1]
	if lung.Number != 1 || lung.Name != "Lung L" || lung.FrameOfReferenceUID != "1.2" || len(lung.Codes) != 1 || lung.Codes[0].Value != "39607008" {
		t.Errorf("%+v; want the lung, with its code and the frame of reference of the set", lung)
	}
	if len(lung.Contours) != 1 || !lung.Contours[0].Closed() || !slices.Equal(lung.Contours[0].PointsMM, [][3]float64{{0, 0, -1.5}, {10, 0, -1.5}, {0, 10, -1.5}}) {
		t.Errorf("%+v; want one triangle", lung.Contours)
	}
	if len(heart.Contours) != 1 || heart.Contours[0].Closed() || heart.Contours[0].PointsMM[0] != [3]float64{1, 2, 3} {
		t.Errorf("%+v; want one point", heart.Contours)
	}
}

func TestStructureSetRejects(t *testing.T) {
	triangle := `0\0\0\1\0\0\0\1\0`
	with := func(items ...[]byte) []byte {
		return smallRTSTRUCT(sequence(tagROIs, roi("1", "Lung")), sequence(tagROIContours, items...))
	}
	cases := []struct {
		reason, code string
		file         []byte
	}{
		{"another class", "not_structure_set", bytes.Replace(wholeRTSTRUCT(), []byte(StructureSetStorage), []byte("1.2.840.10008.5.1.4.1.1.481.5"), 1)},
		{"a type that is none", "bad_contours", with(drawnROI("1", "CLOSED_CURVE", "3", triangle))},
		{"fewer points than it says", "bad_contours", with(drawnROI("1", "CLOSED_PLANAR", "4", triangle))},
		{"two thirds of a point", "bad_contours", with(drawnROI("1", "CLOSED_PLANAR", "3", triangle[:len(triangle)-2]))},
		{"no points", "bad_contours", with(drawnROI("1", "CLOSED_PLANAR", "0", ""))},
		{"no contour data", "bad_contours", with(slices.Concat(sequence(tagContours, text(tagContourType, "CS", "POINT")), text(tagReferencedROI, "IS", "1")))},
		{"a word for a number", "bad_contours", with(drawnROI("1", "CLOSED_PLANAR", "1", `0\zero\0`))},
		{"no number", "bad_contours", with(drawnROI("1", "CLOSED_PLANAR", "1", `0\NaN\0`))},
		{"farther than a patient can lie", "bad_contours", with(drawnROI("1", "CLOSED_PLANAR", "1", `0\1e30\0`))},
		{"infinitely far", "bad_contours", with(drawnROI("1", "CLOSED_PLANAR", "1", `0\-Inf\0`))},
		{"contours of a region that is not listed", "bad_contours", with(drawnROI("2", "CLOSED_PLANAR", "3", triangle))},
		{"two regions of one number", "bad_contours", smallRTSTRUCT(sequence(tagROIs, roi("1", "Lung"), roi("1", "Heart")))},
		{"cut short", "truncated", wholeRTSTRUCT()[:400]},
	}
	for _, c := range cases {
		_, err := ReadStructureSet(bytes.NewReader(c.file))
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: ReadStructureSet: %v; want code %s", c.reason, err, c.code)
		}
	}
}

// FuzzReadStructureSet: what is read has points within bounds, and only codes come back.
func FuzzReadStructureSet(f *testing.F) {
	f.Add(wholeRTSTRUCT())
	f.Add(smallRTSTRUCT(sequence(tagROIs, roi("1", "Lung")), sequence(tagROIContours, drawnROI("1", "CLOSEDPLANAR_XOR", "1", `0\0\0`))))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadStructureSet(bytes.NewReader(data))
		if err != nil {
			if e := (*Error)(nil); !errors.As(err, &e) {
				t.Errorf("ReadStructureSet: %v; want an Error", err)
			}
			return
		}
		for _, r := range s.ROIs {
			for _, c := range r.Contours {
				if len(c.PointsMM) == 0 {
					t.Error("a contour without points")
				}
				for _, p := range c.PointsMM {
					for _, v := range p {
						if !(v >= -maxCoordinateMM && v <= maxCoordinateMM) {
							t.Errorf("a coordinate of %v mm", v)
						}
					}
				}
			}
		}
	})
}
