package dicomio

import (
	"encoding/binary"
	"io"
	"math"
)

// SOP classes of segmentations (PS3.4 B.5).
const (
	SegmentationStorage = "1.2.840.10008.5.1.4.1.1.66.4"
	LabelMapStorage     = "1.2.840.10008.5.1.4.1.1.66.7"
)

// Segmentation is a DICOM SEG: planes in patient space, each saying which of
// its pixels belong to which segment. Identifiers are as the file gives them.
type Segmentation struct {
	SOPInstanceUID       string
	StudyUID             string
	SeriesUID            string
	FrameOfReferenceUID  string
	PatientID            string
	ReferencedSeriesUIDs []string
	ReferencedSOPUIDs    []string // the images that it was drawn on, as far as it says
	Created              string   // content date and time, YYYYMMDDHHMMSS…; empty where it has no date
	Type                 string   // BINARY, FRACTIONAL or LABELMAP
	Rows, Columns        int
	Segments             []Segment
	Frames               []SegmentationFrame

	pixels  []byte
	bits    int     // allocated a pixel: 1, 8 or 16
	most    int     // the fractional value of a pixel that is wholly inside
	least   uint8   // fractional values from here on count as inside
	padding *uint16 // the label map's value for "no segment"
	order   binary.ByteOrder
}

// Segment is one of a segmentation's classes.
type Segment struct {
	Number      int
	Label       string
	Description string
	Codes       []Code // property type, its modifiers, and property category
}

// Code is a coded concept (PS3.3 8.8).
type Code struct{ Value, Scheme, Meaning string }

// SegmentationFrame is where one plane lies.
type SegmentationFrame struct {
	Segment        int        // its segment's number; 0 in a label map, whose pixels say it
	PositionMM     [3]float64 // centre of the first pixel, LPS
	Orientation    [6]float64 // unit vectors along a row, then along a column
	PixelSpacingMM [2]float64 // between rows, then between columns
}

// ReadSegmentation reads a DICOM SEG; a fractional pixel counts as inside from
// one half on, see SetThreshold. A file of another SOP class is an Error
// "not_segmentation", whatever its modality says; planes without a position,
// "missing_geometry".
func ReadSegmentation(r io.Reader) (*Segmentation, error) {
	f, native, fragments, err := ReadFile(r, maxFilePixels)
	if err != nil {
		return nil, err
	}
	d := f.Dataset
	class := d.Text(tagSOPClassUID)
	if class != SegmentationStorage && class != LabelMapStorage {
		return nil, &Error{Code: NotSegmentation, Detail: "the SOP class is not a segmentation"}
	}
	if f.Pixel == nil || f.Pixel.Tag != TagPixelData {
		return nil, &Error{Code: NoPixels, Detail: "the file holds no integer image"}
	}
	s := &Segmentation{
		SOPInstanceUID: d.Text(tagSOPInstanceUID), StudyUID: d.Text(tagStudyInstanceUID),
		SeriesUID: d.Text(tagSeriesInstanceUID), FrameOfReferenceUID: d.Text(tagFrameOfReference),
		PatientID: d.Text(tagPatientID), Type: d.Text(tagSegmentationType),
		Rows: firstInt(d, tagRows, 0), Columns: firstInt(d, tagColumns, 0),
		bits: firstInt(d, tagBitsAllocated, 0), order: binary.LittleEndian,
	}
	if f.Syntax.BigEndian {
		s.order = binary.BigEndian
	}
	s.Created = created(d, tagContentDate, tagContentTime)
	s.references(d)
	if err := s.format(d); err != nil {
		return nil, err
	}
	frames := firstInt(d, tagNumberOfFrames, 1)
	if frames < 1 || frames > maxFrames || s.Rows < 1 || s.Columns < 1 || s.Rows*s.Columns > maxFramePixels ||
		int64(s.Rows*s.Columns)*int64(frames)*int64(s.bits) > 8*maxFilePixels {
		return nil, &Error{Code: BadMatrix, Detail: "rows, columns or frames are missing or beyond bounds"}
	}
	for _, item := range d.Items(tagSegments) {
		s.Segments = append(s.Segments, segment(item))
	}
	if err := s.planes(d, frames); err != nil {
		return nil, err
	}
	if f.Syntax.Encapsulated {
		native, err = s.decompress(f, fragments, frames)
		if err != nil {
			return nil, err
		}
	}
	if need := (int64(s.Rows*s.Columns)*int64(frames)*int64(s.bits) + 7) / 8; int64(len(native)) < need {
		return nil, &Error{Code: Truncated, Detail: "pixel data is shorter than its size says"}
	}
	s.pixels = native
	return s, nil
}

// references gathers what the segmentation says of the images it was drawn on:
// of all of them at the top, of each frame's in its groups.
func (s *Segmentation) references(d Dataset) {
	for _, series := range d.Items(tagReferencedSeries) {
		if uid := series.Text(tagSeriesInstanceUID); uid != "" {
			s.ReferencedSeriesUIDs = append(s.ReferencedSeriesUIDs, uid)
		}
		s.images(series.Items(tagReferencedInstance))
	}
	for _, groups := range append(d.Items(tagSharedGroups), d.Items(tagPerFrameGroups)...) {
		for _, derivation := range groups.Items(tagDerivationImage) {
			s.images(derivation.Items(tagSourceImage))
		}
	}
}

func (s *Segmentation) images(items []Dataset) {
	for _, image := range items {
		if uid := image.Text(tagReferencedSOP); uid != "" {
			s.ReferencedSOPUIDs = append(s.ReferencedSOPUIDs, uid)
		}
	}
}

// created joins a date and a time, so that later is greater; empty without a date.
func created(d Dataset, date, time Tag) string {
	if d.Text(date) == "" {
		return ""
	}
	return d.Text(date) + d.Text(time)
}

// SetThreshold sets from which share of a pixel on, in 0 to 1, a fractional
// segmentation counts it as inside; without it, one half. Other types have no shares.
func (s *Segmentation) SetThreshold(share float64) {
	s.least = uint8(max(1, math.Ceil(share*float64(s.most)-1e-9)))
}

// format checks that pixels are coded as the segmentation's type allows.
func (s *Segmentation) format(d Dataset) error {
	switch {
	case s.Type == "BINARY" && s.bits == 1:
	case s.Type == "FRACTIONAL" && s.bits == 8:
		s.most = firstInt(d, tagMaxFractional, 255)
		if s.most < 1 || s.most > 255 {
			return &Error{Code: BadPixels, Detail: "maximum fractional value outside 1 to 255"}
		}
		s.SetThreshold(0.5)
	case s.Type == "LABELMAP" && (s.bits == 8 || s.bits == 16):
		if v := d.Ints(tagPixelPadding); len(v) > 0 {
			padding := uint16(v[0])
			s.padding = &padding
		}
	default:
		return &Error{Code: UnsupportedPixels, Detail: "segmentation type and bits allocated do not fit"}
	}
	return nil
}

func segment(d Dataset) Segment {
	g := Segment{
		Number: firstInt(d, tagSegmentNumber, 0), Label: d.Text(tagSegmentLabel),
		Description: d.Text(tagSegmentDescription),
	}
	for _, t := range []Tag{tagSegmentProperty, tagSegmentCategory} {
		for _, c := range d.Items(t) {
			g.Codes = append(g.Codes, Code{c.Text(tagCodeValue), c.Text(tagCodingScheme), c.Text(tagCodeMeaning)})
			for _, m := range c.Items(tagSegmentModifier) {
				g.Codes = append(g.Codes, Code{m.Text(tagCodeValue), m.Text(tagCodingScheme), m.Text(tagCodeMeaning)})
			}
		}
	}
	return g
}

// planes reads each frame's place and segment from its functional groups.
func (s *Segmentation) planes(d Dataset, frames int) error {
	var shared Dataset
	if g := d.Items(tagSharedGroups); len(g) > 0 {
		shared = g[0]
	}
	own := d.Items(tagPerFrameGroups)
	if len(own) < frames {
		return &Error{Code: MissingGeometry, Detail: "fewer functional groups than frames"}
	}
	s.Frames = make([]SegmentationFrame, frames)
	for i := range s.Frames {
		var h SliceHeader
		h.apply(shared)
		h.apply(own[i])
		if !h.HasGeometry {
			return &Error{Code: MissingGeometry, Detail: "a frame has no position, orientation or pixel spacing"}
		}
		number := 0
		for _, groups := range []Dataset{shared, own[i]} {
			if g, ok := group(groups, tagSegmentIdentify); ok {
				number = firstInt(g, tagReferencedSegment, number)
			}
		}
		if (number == 0) != (s.Type == "LABELMAP") {
			return &Error{Code: BadSegments, Detail: "a frame does not say its segment"}
		}
		s.Frames[i] = SegmentationFrame{number, h.PositionMM, h.Orientation, h.PixelSpacingMM}
	}
	return nil
}

func (s *Segmentation) decompress(f *File, fragments [][]byte, frames int) ([]byte, error) {
	if s.bits == 1 {
		return nil, unsupportedCodec(f.Syntax.UID)
	}
	joined, err := f.Frames(fragments, frames)
	if err != nil {
		return nil, err
	}
	native := make([]byte, 0, frames*s.Rows*s.Columns*s.bits/8)
	for _, data := range joined {
		pixels, err := DecodeFrame(f.Syntax.UID, data, s.Rows, s.Columns, 1)
		if err != nil {
			return nil, err
		}
		for _, p := range pixels {
			if s.bits == 8 {
				native = append(native, byte(p))
			} else {
				native = binary.LittleEndian.AppendUint16(native, p) // as all encapsulated syntaxes are
			}
		}
	}
	return native, nil
}

// Labels writes the segment number of each pixel of frame i to dst, row by
// row, 0 where no segment is. It panics when dst is not rows × columns long.
func (s *Segmentation) Labels(i int, dst []uint16) {
	n := s.Rows * s.Columns
	if len(dst) != n {
		panic("dicomio: labels of another size than the frame")
	}
	number := uint16(s.Frames[i].Segment)
	switch {
	case s.bits == 1:
		for k := range dst {
			bit := i*n + k
			dst[k] = number * uint16(s.pixels[bit>>3]>>(bit&7)&1)
		}
	case s.Type == "FRACTIONAL":
		for k, v := range s.pixels[i*n : (i+1)*n] {
			dst[k] = 0
			if v >= s.least {
				dst[k] = number
			}
		}
	default:
		for k := range dst {
			if s.bits == 8 {
				dst[k] = uint16(s.pixels[i*n+k])
			} else {
				dst[k] = s.order.Uint16(s.pixels[2*(i*n+k):])
			}
			if s.padding != nil && dst[k] == *s.padding {
				dst[k] = 0
			}
		}
	}
}
