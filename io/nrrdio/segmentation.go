package nrrdio

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"ctcohort/io/voxelio"
	"ctcohort/model/volume"
)

// A Segmentation is label maps of one grid, in which segments are values.
type Segmentation struct {
	Segments []Segment // empty for a label map of which the file says no more
	Layers   []*volume.Volume[uint8]
}

// A Segment is what a file says of one value of one layer.
type Segment struct {
	Name  string
	Codes []Code
	Layer int
	Value uint8
}

// A Code is one of a segment's terminology: category, type, modifiers, region.
type Code struct{ Scheme, Value, Meaning string }

// maxSegments is as many as labels can have values.
const maxSegments = 255

// ReadSegmentation reads a segmentation, as 3D Slicer writes it, or a plain label
// map, as ReadLabels does. Segments may overlap: each then is a value of a layer.
func ReadSegmentation(r io.Reader, open Opener, maxVoxels int) (*Segmentation, error) {
	h, layers, err := readLayers(r, open, maxVoxels, voxelio.Label)
	if err != nil {
		return nil, fmt.Errorf("reading NRRD: %w", err)
	}
	segments, err := h.segments(len(layers))
	if err != nil {
		return nil, fmt.Errorf("reading NRRD: %w", err)
	}
	if len(segments) == 0 && len(layers) > 1 {
		return nil, fmt.Errorf("reading NRRD: %w: %d values a voxel", ErrUnsupported, len(layers))
	}
	return &Segmentation{Segments: segments, Layers: layers}, nil
}

// segments returns what Segment0_… and its followers say. Files of before layers
// could be shared say neither: there each segment is the 1 of a layer of its own.
func (h *header) segments(layers int) ([]Segment, error) {
	var out []Segment
	for i := range maxSegments + 1 {
		of := func(key string) (string, bool) { v, ok := h.pairs[fmt.Sprintf("Segment%d_%s", i, key)]; return v, ok }
		name, named := of("Name")
		_, known := of("ID")
		if !named && !known {
			return out, nil
		}
		s := Segment{Name: name, Value: 1}
		if layers > 1 {
			s.Layer = i
		}
		if text, ok := of("LabelValue"); ok {
			value, err := strconv.ParseUint(strings.TrimSpace(text), 10, 8)
			if err != nil || value == 0 {
				return nil, fmt.Errorf("%w: a segment whose label value is not 1 to 255", ErrUnsupported)
			}
			s.Value = uint8(value)
		}
		if text, ok := of("Layer"); ok {
			layer, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil {
				return nil, fmt.Errorf("%w: a segment whose layer is no number", ErrNotNRRD)
			}
			s.Layer = layer
		}
		if s.Layer < 0 || s.Layer >= layers {
			return nil, fmt.Errorf("%w: a segment on a layer that is not there", ErrNotNRRD)
		}
		tags, _ := of("Tags")
		s.Codes = codes(tags)
		out = append(out, s)
	}
	return nil, fmt.Errorf("%w: more than %d segments", ErrUnsupported, maxSegments)
}

// codes returns the codes in a segment's tags,
// "…|TerminologyEntry:context~SCT^123^Meaning~…|…".
func codes(tags string) []Code {
	var out []Code
	for _, tag := range strings.Split(tags, "|") {
		entry, ok := strings.CutPrefix(tag, "TerminologyEntry:")
		if !ok {
			continue
		}
		for _, part := range strings.Split(entry, "~") {
			if c := strings.Split(part, "^"); len(c) == 3 && c[1] != "" {
				out = append(out, Code{c[0], c[1], c[2]})
			}
		}
	}
	return out
}
