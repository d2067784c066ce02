package dicomio

import (
	"bytes"
	"io"
	"strconv"
)

// StructureSetStorage is the SOP class of RT structure sets (PS3.4 B.5).
const StructureSetStorage = "1.2.840.10008.5.1.4.1.1.481.3"

// maxCoordinateMM is farther than any patient lies from an origin.
const maxCoordinateMM = 1e5

// StructureSet is a DICOM RTSTRUCT: regions of interest (ROI), each drawn as
// contours in patient space (PS3.3 A.19). Identifiers are as the file gives them.
type StructureSet struct {
	SOPInstanceUID       string
	StudyUID             string
	SeriesUID            string
	PatientID            string
	ReferencedSeriesUIDs []string
	ReferencedSOPUIDs    []string // the images that it was drawn on, as far as it says
	Created              string   // structure set date and time, YYYYMMDDHHMMSS…; empty where it has no date
	ROIs                 []ROI
}

// ROI is one region.
type ROI struct {
	Number              int
	Name                string
	Description         string
	FrameOfReferenceUID string
	Codes               []Code // what the region is, where an observation says so
	Contours            []Contour
}

// Contour is one line of a region. Type is CLOSED_PLANAR, CLOSEDPLANAR_XOR,
// OPEN_PLANAR, OPEN_NONPLANAR or POINT; a closed one does not repeat its first point.
type Contour struct {
	Type     string
	PointsMM [][3]float64 // LPS
}

// Closed says whether the contour encloses an area.
func (c *Contour) Closed() bool { return c.Type == "CLOSED_PLANAR" || c.Type == "CLOSEDPLANAR_XOR" }

// ReadStructureSet reads an RTSTRUCT. A file of another SOP class is an Error
// "not_structure_set"; points that are no numbers, lie beyond bounds, or are not
// as many as their contour says, "bad_contours".
func ReadStructureSet(r io.Reader) (*StructureSet, error) {
	f, err := ReadHeader(r)
	if err != nil {
		return nil, err
	}
	d := f.Dataset
	if d.Text(tagSOPClassUID) != StructureSetStorage {
		return nil, &Error{Code: NotStructureSet, Detail: "the SOP class is not a structure set"}
	}
	s := &StructureSet{
		SOPInstanceUID: d.Text(tagSOPInstanceUID), StudyUID: d.Text(tagStudyInstanceUID),
		SeriesUID: d.Text(tagSeriesInstanceUID), PatientID: d.Text(tagPatientID),
		Created: created(d, tagStructureSetDate, tagStructureSetTime),
	}
	frame := s.references(d)
	at := map[int]int{} // index in ROIs by number
	for _, item := range d.Items(tagROIs) {
		roi := ROI{
			Number: firstInt(item, tagROINumber, -1), Name: item.Text(tagROIName),
			Description: item.Text(tagROIDescription), FrameOfReferenceUID: item.Text(tagROIFrame),
		}
		if roi.FrameOfReferenceUID == "" {
			roi.FrameOfReferenceUID = frame
		}
		if _, twice := at[roi.Number]; twice {
			return nil, &Error{Code: BadContours, Detail: "two regions have one number"}
		}
		at[roi.Number] = len(s.ROIs)
		s.ROIs = append(s.ROIs, roi)
	}
	for _, item := range d.Items(tagROIContours) {
		i, ok := at[firstInt(item, tagReferencedROI, -1)]
		if !ok {
			return nil, &Error{Code: BadContours, Detail: "contours of a region that is not listed"}
		}
		for _, c := range item.Items(tagContours) {
			contour, err := s.contour(c)
			if err != nil {
				return nil, err
			}
			s.ROIs[i].Contours = append(s.ROIs[i].Contours, contour)
		}
	}
	for _, item := range d.Items(tagROIObservations) {
		if i, ok := at[firstInt(item, tagReferencedROI, -1)]; ok {
			for _, c := range item.Items(tagROIIdentification) {
				s.ROIs[i].Codes = append(s.ROIs[i].Codes, Code{c.Text(tagCodeValue), c.Text(tagCodingScheme), c.Text(tagCodeMeaning)})
			}
		}
	}
	return s, nil
}

// references gathers the series and images that the set refers to, and returns
// its frame of reference where there is but one.
func (s *StructureSet) references(d Dataset) (frame string) {
	frames := d.Items(tagReferencedFrames)
	for _, f := range frames {
		frame = f.Text(tagFrameOfReference)
		for _, study := range f.Items(tagRTReferencedStudy) {
			for _, series := range study.Items(tagRTReferencedSeries) {
				if uid := series.Text(tagSeriesInstanceUID); uid != "" {
					s.ReferencedSeriesUIDs = append(s.ReferencedSeriesUIDs, uid)
				}
				s.images(series)
			}
		}
	}
	if len(frames) != 1 {
		return ""
	}
	return frame
}

func (s *StructureSet) images(d Dataset) {
	for _, image := range d.Items(tagContourImage) {
		if uid := image.Text(tagReferencedSOP); uid != "" {
			s.ReferencedSOPUIDs = append(s.ReferencedSOPUIDs, uid)
		}
	}
}

func (s *StructureSet) contour(d Dataset) (Contour, error) {
	s.images(d)
	c := Contour{Type: d.Text(tagContourType)}
	switch c.Type {
	case "CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "OPEN_PLANAR", "OPEN_NONPLANAR", "POINT":
	default:
		return c, &Error{Code: BadContours, Detail: "a contour of an unknown geometric type"}
	}
	e, ok := d.Find(tagContourData)
	if !ok {
		return c, &Error{Code: BadContours, Detail: "a contour without points"}
	}
	if c.PointsMM = points(e.Value); c.PointsMM == nil {
		return c, &Error{Code: BadContours, Detail: "a contour's coordinates are not triples of numbers within bounds"}
	}
	if n := firstInt(d, tagContourPoints, len(c.PointsMM)); n != len(c.PointsMM) {
		return c, &Error{Code: BadContours, Detail: "a contour has another number of points than it says"}
	}
	return c, nil
}

// points parses x\y\z\x\y\z…; nil where that is not what the text is.
func points(text []byte) [][3]float64 {
	values := bytes.Count(text, []byte{'\\'}) + 1
	if values%3 != 0 {
		return nil
	}
	out := make([][3]float64, values/3)
	for i := range values {
		var value []byte
		value, text, _ = bytes.Cut(text, []byte{'\\'})
		v, err := strconv.ParseFloat(string(bytes.Trim(value, " \x00")), 64)
		if err != nil || !(v >= -maxCoordinateMM && v <= maxCoordinateMM) {
			return nil
		}
		out[i/3][i%3] = v
	}
	return out
}
