package series

import (
	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

// A Source is where a volume came from, so that what is drawn on the volume can be
// drawn on the images: the grid before resampling, and the images themselves.
type Source struct {
	Size      [3]int     `json:"size"`       // voxels along x, y, z of the grid
	SpacingMM [3]float64 `json:"spacing_mm"` // as volume.Grid has them, like the two that follow
	OriginMM  [3]float64 `json:"origin_mm"`
	Direction [9]float64 `json:"direction"`

	// Stack is missing where the source is a volume and no DICOM series.
	Stack *SourceStack `json:"stack,omitempty"`
}

// SourceStack is the images of a source, all with the same pixels.
type SourceStack struct {
	SeriesUID      string        `json:"series_uid"`
	PatientStudy   []byte        `json:"patient_and_study"` // dicomio.PatientAndStudy of an image
	Rows           int           `json:"rows"`
	Columns        int           `json:"columns"`
	Orientation    [6]float64    `json:"orientation"` // as dicomio.SliceHeader has it
	PixelSpacingMM [2]float64    `json:"pixel_spacing_mm"`
	ThicknessMM    float64       `json:"thickness_mm"` // 0 where unknown
	StepMM         float64       `json:"step_mm"`
	Images         []SourceImage `json:"images"` // in the order of position
}

// SourceImage is one image, a file or a frame of one.
type SourceImage struct {
	SOPClassUID    string     `json:"sop_class_uid"`
	SOPInstanceUID string     `json:"sop_uid"`
	Frame          int        `json:"frame,omitempty"` // from 1, in files of several frames
	PositionMM     [3]float64 `json:"position_mm"`
}

// Source describes a volume that was built, on its grid. Of a series, who has read
// its files adds patient and study.
func (i Info) Source(g volume.Grid) Source {
	source := Source{Size: g.Size, SpacingMM: g.SpacingMM, OriginMM: g.OriginMM, Direction: g.Direction}
	s := i.stack
	if s == nil {
		return source
	}
	source.Stack = &SourceStack{
		SeriesUID: s.head.SeriesUID, Rows: s.head.Rows, Columns: s.head.Columns,
		Orientation: s.head.Orientation, PixelSpacingMM: s.head.PixelSpacingMM, ThicknessMM: s.thickness, StepMM: s.stepMM,
	}
	for _, k := range s.Slices {
		h := &s.headers[k]
		image := SourceImage{SOPClassUID: h.SOPClassUID, SOPInstanceUID: h.SOPInstanceUID, PositionMM: h.PositionMM}
		if h.Frames > 1 {
			image.Frame = h.Frame + 1
		}
		source.Stack.Images = append(source.Stack.Images, image)
	}
	return source
}

// Grid is the grid before resampling.
func (s Source) Grid() volume.Grid {
	return volume.Grid{Size: s.Size, SpacingMM: s.SpacingMM, OriginMM: s.OriginMM, Direction: s.Direction}
}

// Grid is the grid of one image, one voxel deep.
func (s *SourceStack) Grid(image int) volume.Grid {
	row, column := s.Orientation[:3], s.Orientation[3:]
	n := (&dicomio.SliceHeader{Orientation: s.Orientation}).Normal()
	return volume.Grid{
		Size: [3]int{s.Columns, s.Rows, 1}, SpacingMM: [3]float64{s.PixelSpacingMM[1], s.PixelSpacingMM[0], s.StepMM},
		OriginMM:  s.Images[image].PositionMM,
		Direction: [9]float64{row[0], column[0], n[0], row[1], column[1], n[1], row[2], column[2], n[2]},
	}
}
