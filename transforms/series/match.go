package series

import "slices"

// Match returns which of a patient's volumes a label belongs to: the one whose
// images it refers to, else of a series that it refers to, else one in its frame
// of reference. At least half of its planes must lie on the volume's slices; of
// candidates alike the one with more of them is it. There is no match by order or
// by name, and none where two candidates are equal.
func Match(l *Label, volumes []Info) (int, *Reject) {
	best, equal := -1, false
	var most [2]int // rank, planes
	points := l.drawing.points()
	for i, v := range volumes {
		at := [2]int{l.rank(v), planesOn(points, v.stack)}
		if at[0] == 0 || 2*at[1] < len(points) || at[1] == 0 {
			continue
		}
		switch slices.Compare(at[:], most[:]) {
		case 1:
			best, most, equal = i, at, false
		case 0:
			equal = true
		}
	}
	switch {
	case best < 0:
		return -1, &Reject{Code: LabelUnmatched, Detail: "no volume of the patient has the label's series, or its frame of reference and positions"}
	case equal:
		return -1, &Reject{Code: LabelAmbiguous, Detail: "several volumes of the patient may be the label's, by what it refers to and by position"}
	}
	return best, nil
}

// rank says how firmly a label belongs to a volume: 0 not at all, 1 by frame of
// reference, 2 by series, 3 by an image, 4 by both.
func (l *Label) rank(v Info) int {
	rank := 0
	if v.FrameOfReferenceUID != "" && v.FrameOfReferenceUID == l.frame {
		rank = 1
	}
	if slices.Contains(l.series, v.SeriesUID) {
		rank = 2
	}
	if v.stack != nil && slices.ContainsFunc(v.stack.instances, func(uid string) bool { return l.instances[uid] }) {
		return max(rank, 1) + 2
	}
	return rank
}

// RefersTo says whether a label refers to a series, by its UID or by one of
// its images' UIDs.
func (l *Label) RefersTo(seriesUID string, images []string) bool {
	return slices.Contains(l.series, seriesUID) || slices.ContainsFunc(images, func(uid string) bool { return l.instances[uid] })
}

// planesOn counts planes within half a step of a slice.
func planesOn(points [][3]float64, s *Stack) int {
	normal := s.head.Normal()
	n := 0
	for _, p := range points {
		if s.distance(dot(normal[:], sub(p, s.head.PositionMM))) <= s.stepMM/2 {
			n++
		}
	}
	return n
}
