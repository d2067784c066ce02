package dicomio

import (
	"bytes"
	"fmt"
	"io"
	"slices"
)

// A Drawing is a binary segmentation of a series, plane by plane on its images,
// as WriteSegmentation writes it.
type Drawing struct {
	SOPInstanceUID, SeriesUID string // of the segmentation; the first of at most 62 bytes, for others derive from it
	SeriesNumber              int
	ContentLabel, Description string // a CS and an LO

	// Source is the data set of one of the images, or what PatientAndStudy keeps
	// of it. The date is taken from it too, so that no clock comes in.
	Source          Dataset
	SourceSeriesUID string
	Images          []DrawnImage // in the order of position
	Rows, Columns   int
	Orientation     [6]float64 // as SliceHeader
	PixelSpacingMM  [2]float64
	ThicknessMM     float64 // 0 where unknown: then StepMM
	StepMM          float64 // between the planes of images

	Segments  []DrawnSegment
	Overlap   bool // segments share pixels
	Algorithm Algorithm

	// Inside writes which pixels of an image belong to each of the segments, row
	// by row. They come as false; it is called once for each image.
	Inside func(image int, segments [][]bool) error
}

// DrawnImage is an image that is drawn on.
type DrawnImage struct {
	SOPClassUID, SOPInstanceUID string
	Frame                       int // from 1 in an image of several frames, else 0
	PositionMM                  [3]float64
}

// DrawnSegment is a class of a drawing.
type DrawnSegment struct {
	Label          string
	Category, Type Code
	CIELab         [3]uint16 // the colour recommended, as PS3.3 section C.10.7.1.1 scales it
}

// Algorithm is what drew, a program or a network.
type Algorithm struct {
	Name, Version                 string
	Manufacturer, ModelName       string // of the program, as equipment
	SerialNumber, SoftwareVersion string
}

// Attributes that are taken from the source image: of the patient, the study,
// the frame of reference, and what de-identification says of itself.
var fromSource = []Tag{
	TagSpecificCharset,
	0x00080020, 0x00080030, 0x00080050, 0x00080090, // study date and time, accession number, referring physician
	0x00100010, 0x00100020, 0x00100030, 0x00100040, // patient's name, ID, birth date, sex
	0x00101010,                                     // age
	0x00120062, 0x00120063, 0x00120064, 0x00280303, // de-identification
	0x0020000D, 0x00200010, 0x00200052, 0x00201040, // study UID and ID, frame of reference and its indicator
}

// emptyWhereAbsent are those of them that a data set holds even without a value.
var emptyWhereAbsent = map[Tag]string{
	0x00080020: "DA", 0x00080030: "TM", 0x00080050: "SH", 0x00080090: "PN",
	0x00100010: "PN", 0x00100020: "LO", 0x00100030: "DA", 0x00100040: "CS",
	0x00200010: "SH", 0x00201040: "LO",
}

// PatientAndStudy returns what a segmentation takes from one of its images,
// in explicit VR little endian; ReadPatientAndStudy reads it.
func PatientAndStudy(image *File) []byte {
	var d Dataset
	for _, t := range fromSource {
		if e, ok := image.Dataset.Find(t); ok {
			d = append(d, anew(e))
		}
	}
	return appendDataset(nil, d, encoding{known: true})
}

// ReadPatientAndStudy reads what PatientAndStudy returned.
func ReadPatientAndStudy(data []byte) (Dataset, error) {
	p := &parser{source: newSource(bytes.NewReader(data), 4096)}
	d, _, _, err := p.dataset(encoding{known: true}, unbounded, 0, true, false)
	if err != nil {
		return nil, fmt.Errorf("reading patient and study of a source image: %w", err)
	}
	return d, nil
}

// WriteSegmentation writes a drawing as a DICOM SEG, binary, in explicit VR
// little endian (PS3.3 section A.51): a frame for each image and segment that
// has a pixel, one frame that is empty where there is none. Its memory is two
// bits a pixel of those frames.
func WriteSegmentation(w io.Writer, d Drawing) error {
	if len(d.Images) == 0 || len(d.Segments) == 0 {
		return fmt.Errorf("dicomio: a segmentation of %d images and %d segments", len(d.Images), len(d.Segments))
	}
	frames, pixels, err := d.frames()
	if err != nil {
		return err
	}
	f := &File{Syntax: Syntax{UID: ExplicitLittleEndian}, enc: encoding{known: true}}
	f.SetMeta(Dataset{
		NewElement(0x00020001, "OB", []byte{0, 1}),
		TextElement(0x00020002, "UI", SegmentationStorage),
		TextElement(0x00020003, "UI", d.SOPInstanceUID),
		TextElement(TagTransferSyntaxUID, "UI", ExplicitLittleEndian),
		TextElement(0x00020012, "UI", ImplementationUID),
	})
	if _, err := w.Write(f.AppendMeta(nil)); err != nil {
		return fmt.Errorf("writing a segmentation: %w", err)
	}
	set := d.dataset(frames)
	set.Put(NewElement(TagPixelData, "OB", pixels))
	if err := f.WriteDataset(w, set); err != nil {
		return fmt.Errorf("writing a segmentation: %w", err)
	}
	return nil
}

// drawnFrame is a frame: one segment on one image.
type drawnFrame struct{ segment, image int }

// frames draws the segments on every image and packs what is not empty, segment
// by segment, a bit a pixel, lowest first, without a gap between frames (PS3.5
// section 8.1.1).
func (d *Drawing) frames() (frames []drawnFrame, packed []byte, err error) {
	n := d.Rows * d.Columns
	segments, drawn := make([][]bool, len(d.Segments)), make([][]bitFrame, len(d.Segments))
	for s := range segments {
		segments[s] = make([]bool, n)
	}
	for i := range d.Images {
		for _, pixels := range segments {
			clear(pixels)
		}
		if err := d.Inside(i, segments); err != nil {
			return nil, nil, err
		}
		for s, pixels := range segments {
			if slices.Contains(pixels, true) {
				drawn[s] = append(drawn[s], bitFrame{i, pack(pixels)})
			}
		}
	}
	for s, of := range drawn {
		for _, f := range of {
			packed = appendBits(packed, len(frames)*n, f.bits)
			frames = append(frames, drawnFrame{s, f.image})
		}
	}
	if len(frames) == 0 {
		frames, packed = []drawnFrame{{}}, make([]byte, (n+7)/8)
	}
	packed = packed[:(len(frames)*n+7)/8]
	if len(packed)%2 == 1 {
		packed = append(packed, 0)
	}
	return frames, packed, nil
}

// bitFrame is what one segment has on an image, a bit a pixel.
type bitFrame struct {
	image int
	bits  []byte
}

func pack(pixels []bool) []byte {
	bits := make([]byte, (len(pixels)+7)/8)
	for i, inside := range pixels {
		if inside {
			bits[i>>3] |= 1 << (i & 7)
		}
	}
	return bits
}

// appendBits appends bits to data, of which so many bits are taken.
func appendBits(data []byte, taken int, bits []byte) []byte {
	data = data[:(taken+7)/8]
	shift := taken & 7
	if shift == 0 {
		return append(data, bits...)
	}
	for _, b := range bits {
		data[len(data)-1] |= b << shift
		data = append(data, b>>(8-shift))
	}
	return data
}
