package series

import (
	"math"
	"slices"

	"ctcohort/io/dicomio"
)

// Match returns which of a patient's volumes a segmentation belongs to: one of a
// series that it refers to, else one in its frame of reference, by how many of
// its planes lie on the volume's slices, at least half of them. Of equal
// candidates the first wins. There is no match by order or by name.
func Match(seg *dicomio.Segmentation, volumes []Info) (int, error) {
	best, most := -1, 0
	for _, referenced := range []bool{true, false} {
		for i, v := range volumes {
			if referenced && !slices.Contains(seg.ReferencedSeriesUIDs, v.SeriesUID) {
				continue
			}
			if !referenced && (v.FrameOfReferenceUID == "" || v.FrameOfReferenceUID != seg.FrameOfReferenceUID) {
				continue
			}
			if n := planesOn(seg, v.stack); n > most && 2*n >= len(seg.Frames) {
				best, most = i, n
			}
		}
		if best >= 0 {
			return best, nil
		}
	}
	return -1, &Reject{Code: LabelUnmatched, Detail: "no volume of the patient has the segmentation's series, or its frame of reference and positions"}
}

// planesOn counts frames within half a step of a slice.
func planesOn(seg *dicomio.Segmentation, s *Stack) int {
	normal := s.head.Normal()
	n := 0
	for _, f := range seg.Frames {
		height := dot(normal[:], sub(f.PositionMM, s.head.PositionMM))
		for _, z := range s.heightsMM {
			if math.Abs(z-height) <= s.stepMM/2 {
				n++
				break
			}
		}
	}
	return n
}
