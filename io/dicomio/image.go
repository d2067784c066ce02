package dicomio

import (
	"io"
	"math"
)

// Bounds on one file's pixels, checked before memory is allocated.
const (
	maxFramePixels = 1 << 24 // 4096 × 4096
	maxFilePixels  = 1 << 30 // bytes of pixel data in one file, inflated
	maxFrames      = 1 << 16
)

// SliceHeader is what the assembly of a series needs to know of one CT slice:
// a classic image, or one frame of an enhanced one. Identifiers are as the file
// gives them and must not reach an output.
type SliceHeader struct {
	SOPClassUID         string
	SOPInstanceUID      string
	StudyUID            string
	SeriesUID           string
	FrameOfReferenceUID string
	PatientID           string
	TransferSyntax      string
	Modality            string
	ImageType           []string // of the frame, where an enhanced image gives one
	Manufacturer        string
	Kernel              string

	AcquisitionNumber int
	InstanceNumber    int
	TemporalPosition  int
	Frame             int // 0-based, within the file
	Frames            int // of the file, at least 1

	Rows, Columns  int
	HasGeometry    bool       // position, orientation and pixel spacing are there and sound
	PositionMM     [3]float64 // centre of the first pixel, LPS
	Orientation    [6]float64 // unit vectors along a row, then along a column
	PixelSpacingMM [2]float64 // between rows, then between columns: DICOM's order
	ThicknessMM    float64    // 0 where absent

	Slope, Intercept float64
	RescaleType      string

	Samples       int
	BitsAllocated int
	BitsStored    int
	HighBit       int
	Signed        bool
	HasPadding    bool
	Padding       [2]int // the range of stored values that mean "no data", as signed as the pixels
}

// Slice is a CT slice with its attenuation.
type Slice struct {
	SliceHeader
	HU []int16 // row by row; nil when only the header was read
}

// Normal returns the unit vector row × column, the direction of positive
// slice steps.
func (h *SliceHeader) Normal() [3]float64 {
	r, c := h.Orientation[:3], h.Orientation[3:]
	return [3]float64{r[1]*c[2] - r[2]*c[1], r[2]*c[0] - r[0]*c[2], r[0]*c[1] - r[1]*c[0]}
}

// ReadSliceHeaders returns the headers of all slices in a file, one for a
// classic image, one a frame for an enhanced one, without reading its pixels.
func ReadSliceHeaders(r io.Reader) ([]SliceHeader, error) {
	f, err := ReadHeader(r)
	if err != nil {
		return nil, err
	}
	return sliceHeaders(f)
}

// ReadSlice returns the one slice of a classic CT image in HU; see ReadSlices.
func ReadSlice(r io.Reader) (*Slice, error) {
	s, err := ReadSlices(r)
	if err != nil {
		return nil, err
	}
	if len(s) != 1 {
		return nil, &Error{Code: MultiFrame, Detail: "the file holds several frames"}
	}
	return s[0], nil
}

// ReadSlices returns all slices of a file with their pixels in HU; see Frames.HU.
func ReadSlices(r io.Reader) ([]*Slice, error) {
	f, err := ReadFrames(r)
	if err != nil {
		return nil, err
	}
	slices := make([]*Slice, len(f.Headers))
	for i, h := range f.Headers {
		hu, err := f.HU(i)
		if err != nil {
			return nil, err
		}
		slices[i] = &Slice{SliceHeader: h, HU: hu}
	}
	return slices, nil
}

// Frames are the slices of one file, of which each is decoded when it is asked for.
type Frames struct {
	Headers []SliceHeader

	source *frameSource
}

// ReadFrames reads a file, its pixels as they are stored. A codec that is not
// there is an Error "unsupported_codec" that names it.
func ReadFrames(r io.Reader) (*Frames, error) {
	in, f, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	headers, err := sliceHeaders(f)
	if err != nil {
		return nil, err
	}
	source, err := newFrameSource(in, f, &headers[0])
	if err != nil {
		return nil, err
	}
	return &Frames{Headers: headers, source: source}, nil
}

// HU returns the i-th frame's pixels, row by row: stored value × the frame's own
// slope + intercept, rounded half away from zero and saturated to int16. Padding
// becomes AirHU; other values below it stay.
func (f *Frames) HU(i int) ([]int16, error) {
	h := &f.Headers[i]
	if h.Samples != 1 {
		return nil, &Error{Code: UnsupportedPixels, Detail: "more than one sample a pixel"}
	}
	return f.source.hu(h)
}

// Drop lets go of the i-th frame's memory; Has tells whether it is still there.
func (f *Frames) Drop(i int)     { f.source.frames[f.Headers[i].Frame] = nil }
func (f *Frames) Has(i int) bool { return f.source.frames[f.Headers[i].Frame] != nil }

func sliceHeaders(f *File) ([]SliceHeader, error) {
	if f.Pixel == nil || f.Pixel.Tag != TagPixelData {
		return nil, &Error{Code: NoPixels, Detail: "the file holds no integer image"}
	}
	d := f.Dataset
	h := SliceHeader{
		SOPClassUID: d.Text(tagSOPClassUID), SOPInstanceUID: d.Text(tagSOPInstanceUID),
		StudyUID: d.Text(tagStudyInstanceUID), SeriesUID: d.Text(tagSeriesInstanceUID),
		FrameOfReferenceUID: d.Text(tagFrameOfReference), PatientID: d.Text(tagPatientID),
		TransferSyntax: f.Syntax.UID, Modality: d.Text(tagModality), ImageType: d.Texts(tagImageType),
		Manufacturer: d.Text(tagManufacturer), Kernel: d.Text(tagConvolutionKernel),
		AcquisitionNumber: firstInt(d, tagAcquisitionNumber, 0), InstanceNumber: firstInt(d, tagInstanceNumber, 0),
		TemporalPosition: firstInt(d, tagTemporalPosition, 0), Frames: firstInt(d, tagNumberOfFrames, 1),
		Rows: firstInt(d, tagRows, 0), Columns: firstInt(d, tagColumns, 0),
		ThicknessMM: firstFloat(d, tagSliceThickness, 0), RescaleType: d.Text(tagRescaleType),
		Slope: firstFloat(d, tagRescaleSlope, 1), Intercept: firstFloat(d, tagRescaleIntercept, 0),
		Samples: firstInt(d, tagSamplesPerPixel, 1), BitsAllocated: firstInt(d, tagBitsAllocated, 16),
		Signed: firstInt(d, TagPixelRepresentation, 0) == 1,
	}
	h.BitsStored = firstInt(d, tagBitsStored, h.BitsAllocated)
	h.HighBit = firstInt(d, tagHighBit, h.BitsStored-1)
	h.padding(d)
	if h.Rows < 1 || h.Columns < 1 || h.Rows*h.Columns > maxFramePixels {
		return nil, &Error{Code: BadMatrix, Detail: "rows and columns are missing or beyond bounds"}
	}
	if h.Frames < 1 || h.Frames > maxFrames || int64(h.Rows*h.Columns)*int64(h.Frames) > maxFilePixels/2 {
		return nil, &Error{Code: BadMatrix, Detail: "the number of frames is beyond bounds"}
	}
	h.geometry(d.Floats(tagImagePosition), d.Floats(tagImageOrientation), d.Floats(tagPixelSpacing))
	headers := h.perFrame(d)
	for i := range headers {
		if h := &headers[i]; h.Slope == 0 || !finite(h.Slope) || !finite(h.Intercept) {
			return nil, &Error{Code: BadRescale, Detail: "rescale slope or intercept is zero or not finite"}
		}
	}
	return headers, nil
}

// geometry takes position, orientation and spacing when they are complete and
// the orientation is two perpendicular unit vectors.
func (h *SliceHeader) geometry(position, orientation, spacing []float64) {
	h.HasGeometry = false
	if len(position) != 3 || len(orientation) != 6 || len(spacing) != 2 {
		return
	}
	h.PositionMM, h.Orientation, h.PixelSpacingMM = [3]float64(position), [6]float64(orientation), [2]float64(spacing)
	for _, v := range position {
		if !finite(v) {
			return
		}
	}
	for _, v := range spacing {
		if !finite(v) || v <= 0 {
			return
		}
	}
	h.HasGeometry = orthonormal(&h.Orientation)
}

// orthonormal says whether o is two perpendicular directions, as precisely as
// sixteen characters can give them, and normalises them.
func orthonormal(o *[6]float64) bool {
	const tolerance = 1e-3
	var rr, cc, rc float64
	for i := range 3 {
		rr += o[i] * o[i]
		cc += o[i+3] * o[i+3]
		rc += o[i] * o[i+3]
	}
	if !(math.Abs(rr-1) < tolerance && math.Abs(cc-1) < tolerance && math.Abs(rc) < tolerance) {
		return false
	}
	r, c := math.Sqrt(rr), math.Sqrt(cc)
	for i := range 3 {
		o[i] /= r
		o[i+3] /= c
	}
	return true
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func firstInt(d Dataset, t Tag, absent int) int {
	if v := d.Ints(t); len(v) > 0 {
		return v[0]
	}
	return absent
}

func firstFloat(d Dataset, t Tag, absent float64) float64 {
	if v := d.Floats(t); len(v) > 0 {
		return v[0]
	}
	return absent
}
