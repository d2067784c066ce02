package series

import (
	"fmt"
	"strings"

	"ctcohort/io/dicomio"
	"ctcohort/io/nrrdio"
	"ctcohort/model/volume"
)

// SegmentClasses returns the label map of a NRRD segmentation, in which voxels
// are classes, and which of lung and infection its segments are, separated by a
// space. Where segments overlap, infection wins. The error is a *Reject.
func SegmentClasses(seg *nrrdio.Segmentation, names Names) (*volume.Volume[uint8], string, error) {
	var known [3]bool
	classes := make([][256]uint8, len(seg.Layers)) // of each value
	for _, s := range seg.Segments {
		codes := make([]dicomio.Code, len(s.Codes))
		for i, c := range s.Codes {
			codes[i] = dicomio.Code{Scheme: c.Scheme, Value: c.Value, Meaning: c.Meaning}
		}
		class := names.Class([]string{s.Name}, codes)
		known[class] = true
		classes[s.Layer][s.Value] = class
	}
	if !known[Lung] && !known[Infection] {
		return nil, "", &Reject{Code: LabelNames, Detail: fmt.Sprintf("none of %d segments is lung or infection", len(seg.Segments))}
	}
	out := volume.New[uint8](seg.Layers[0].Grid)
	for i, layer := range seg.Layers {
		for j, value := range layer.Data {
			out.Data[j] = max(out.Data[j], classes[i][value])
		}
	}
	return out, ClassList(known[Lung], known[Infection]), nil
}

// ClassList is which of lung and infection there are, as tables hold it.
func ClassList(lung, infection bool) string {
	var list []string
	if lung {
		list = append(list, ClassNames[Lung])
	}
	if infection {
		list = append(list, ClassNames[Infection])
	}
	return strings.Join(list, " ")
}
