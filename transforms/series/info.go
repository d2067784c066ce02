package series

import (
	"fmt"
	"math"
	"strings"
)

// Info is what a volume's row in the series table says, but for where it is
// stored. Identifiers are as the slices give them.
type Info struct {
	PatientID           string
	StudyUID            string
	SeriesUID           string
	FrameOfReferenceUID string
	Part                int // 0 for a series' first volume; more where it had to be split
	Slices              int // used
	Size                [3]int
	SpacingMM           [3]float64
	StepMM              float64 // median distance of slices along the normal
	SliceGapMaxMM       float64
	ThicknessMM         float64 // median
	Kernel              string
	Manufacturer        string
	Orientation         string // how the slices lay: axial, coronal, sagittal or oblique
	Duplicates          int    // identical slices left out
	FilledPlanes        int    // planes interpolated between slices
	TiltDegrees         float64
	HUP01, HUP99        float64 // percentiles of the volume, the smallest HU that as many voxels do not exceed

	stack *Stack
}

func (s *Stack) info() Info {
	info := Info{
		PatientID: s.head.PatientID, StudyUID: s.head.StudyUID, SeriesUID: s.head.SeriesUID,
		FrameOfReferenceUID: s.head.FrameOfReferenceUID, Part: s.part,
		Slices: len(s.Slices), Size: s.grid.Size, SpacingMM: s.grid.SpacingMM,
		StepMM: s.stepMM, SliceGapMaxMM: s.gapMaxMM, ThicknessMM: s.thickness,
		Kernel: s.head.Kernel, Manufacturer: s.head.Manufacturer, Orientation: orientation(s.grid.Direction),
		Duplicates: s.duplicates, TiltDegrees: s.tilt, stack: s,
	}
	for z := range s.grid.Size[2] {
		if lower, upper, _ := s.around(z); lower != upper {
			info.FilledPlanes++
		}
	}
	return info
}

// Info returns what is known before the volume is built; its percentiles are 0
// and its size and spacing are in the order of the slices' own axes.
func (s *Stack) Info() Info { return s.info() }

// Notes says in words what was decided in assembly; empty where nothing was.
func (i Info) Notes() string {
	var notes []string
	if i.Part > 0 {
		notes = append(notes, fmt.Sprintf("part %d of a series that was split", i.Part+1))
	}
	if i.Duplicates > 0 {
		notes = append(notes, fmt.Sprintf("%d duplicate slices dropped", i.Duplicates))
	}
	if i.FilledPlanes > 0 {
		notes = append(notes, fmt.Sprintf("%d planes interpolated between slices", i.FilledPlanes))
	}
	if i.TiltDegrees > 0 {
		notes = append(notes, fmt.Sprintf("gantry tilt of %.1f degrees sheared back", i.TiltDegrees))
	}
	if i.Orientation != "" && i.Orientation != "axial" {
		notes = append(notes, i.Orientation+" slices")
	}
	return strings.Join(notes, "; ")
}

// percentiles returns, for each fraction, the smallest value that at least so
// much of data does not exceed: numpy's "inverted_cdf". They are 0 for no data.
func percentiles(data []int16, fractions ...float64) []float64 {
	var histogram [1 << 16]uint32
	for _, v := range data {
		histogram[uint16(v)^1<<15]++ // from the lowest value up
	}
	out := make([]float64, len(fractions))
	for k, p := range fractions {
		rank, seen := max(1, int(math.Ceil(p*float64(len(data))))), 0
		for i, n := range histogram {
			if seen += int(n); seen >= rank {
				out[k] = float64(i + math.MinInt16)
				break
			}
		}
	}
	return out
}
