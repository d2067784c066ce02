package series

import (
	"fmt"
	"strings"

	"ctcohort/model/volume"
)

// A Label is what somebody drew on a series: planes in patient space, each with
// lung or infection. It is a DICOM SEG or an RTSTRUCT.
type Label struct {
	Created               string // YYYYMMDDHHMMSS…, of its own clock; empty where it does not say
	HasLung, HasInfection bool   // whether it has such segments or regions

	frame     string          // frame of reference
	series    []string        // that it refers to
	instances map[string]bool // images that it refers to
	drawing   drawing
	info      LabelInfo
}

// drawing is planes in patient space.
type drawing interface {
	// points returns a point of each plane that may hold lung or infection.
	points() [][3]float64
	// on finds the planes on each slice of a stack, and returns how many slices
	// have any and what draws a slice. A class is only ever raised, so that
	// infection lies over lung.
	on(s *Stack, info *LabelInfo) (slices int, draw func(slice int, dst []uint8), reject *Reject)
}

// LabelInfo says what became of a label.
type LabelInfo struct {
	Source        string   // seg, rtstruct or nifti
	Exact         bool     // its grid is the volume's; otherwise nearest neighbours were taken
	Segments      int      // segments or regions of the file
	SegmentsUsed  int      // that are lung or infection
	Unused        []string // names of the others
	Planes        int      // frames or contours of the used segments
	PlanesOutside int      // of those, frames or contours with something on them that lie on no slice
	OtherFrame    bool     // its frame of reference is another, although it refers to the series
	OpenContours  int      // contours that enclose nothing, left out
	Joined        int      // contours that overlap another in part, joined with it
	Slices        int      // of the volume
	SlicesDrawn   int      // slices that a plane lies on
	SlicesSkipped int      // slices between contours without one
	OutsideShare  float64  // of what was drawn, beside the volume

	LungVoxels      int
	InfectionVoxels int
}

// Notes says in words what was decided; empty where nothing was.
func (i LabelInfo) Notes() string {
	var notes []string
	note := func(when bool, text string, args ...any) {
		if when {
			notes = append(notes, fmt.Sprintf(text, args...))
		}
	}
	note(len(i.Unused) > 0, "neither lung nor infection: %s", listed(i.Unused))
	note(i.OtherFrame, "another frame of reference than the series'")
	note(i.Slices > 0 && i.SlicesDrawn < i.Slices, "on %d of %d slices", i.SlicesDrawn, i.Slices)
	note(i.SlicesSkipped > 0, "%d slices between contours have none and stay empty", i.SlicesSkipped)
	note(i.PlanesOutside > 0, "%d of %d planes lie on no slice", i.PlanesOutside, i.Planes)
	note(i.OutsideShare > 0, "%.1f %% lies beside the volume", 100*i.OutsideShare)
	note(i.OpenContours > 0, "%d contours enclose nothing", i.OpenContours)
	note(i.Joined > 0, "%d contours overlap another in part and are joined with it", i.Joined)
	note(!i.Exact, "of another grid, by nearest voxels")
	return strings.Join(notes, "; ")
}

// listed names a few of many.
func listed(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// sort takes a segment or region in by its class, and remembers those of none.
func (l *Label) sort(class uint8, name string) {
	l.info.Segments++
	switch class {
	case Background:
		const longest = 64
		name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "?")), " ")
		if r := []rune(name); len(r) > longest {
			name = string(r[:longest])
		}
		if name == "" {
			name = "one without a name"
		}
		l.info.Unused = append(l.info.Unused, name)
		return
	case Lung:
		l.HasLung = true
	case Infection:
		l.HasInfection = true
	}
	l.info.SegmentsUsed++
}

// Draw returns the label on the grid of the volume that info describes, placed
// by the position of its planes. Where lung and infection overlap, infection
// wins. Planes interpolated between slices take the nearer slice's labels, as the
// label was drawn on slices.
func (l *Label) Draw(info Info) (*volume.Volume[uint8], LabelInfo, error) {
	s := info.stack
	out := l.info
	out.Exact, out.Slices = true, len(s.heightsMM)
	out.OtherFrame = l.frame != "" && info.FrameOfReferenceUID != "" && l.frame != info.FrameOfReferenceUID
	drawn, draw, reject := l.drawing.on(s, &out)
	if reject != nil {
		return nil, out, reject
	}
	out.SlicesDrawn = drawn
	if drawn == 0 || 2*out.PlanesOutside > out.Planes {
		return nil, out, &Reject{Code: LabelOutside, Detail: "most planes of the label lie on no slice"}
	}
	v := volume.New[uint8](s.grid)
	size := v.Size[0] * v.Size[1]
	for z := range v.Size[2] {
		lower, upper, weight := s.around(z)
		slice := lower
		if weight > 0.5 {
			slice = upper
		}
		draw(slice, v.Data[z*size:(z+1)*size])
	}
	out.LungVoxels, out.InfectionVoxels = count(v.Data)
	if out.OutsideShare > 0.5 {
		return nil, out, &Reject{Code: LabelOutside, Detail: "most of the label lies beside the volume"}
	}
	return canonical(v), out, nil
}

func count(labels []uint8) (lung, infection int) {
	for _, c := range labels {
		switch c {
		case Lung:
			lung++
		case Infection:
			infection++
		}
	}
	return lung, infection
}
