package series

import "math"

// Info is what a volume's row in the series table says, but for where it is
// stored. Identifiers are as the slices give them.
type Info struct {
	PatientID           string
	StudyUID            string
	SeriesUID           string
	FrameOfReferenceUID string
	Part                int // 0 for a series' first volume; more where it had to be split
	Parts               int // volumes of the series
	Slices              int // used
	Size                [3]int
	SpacingMM           [3]float64
	StepMM              float64 // median distance of slices along the normal
	SliceGapMaxMM       float64
	ThicknessMM         float64 // median
	Kernel              string
	Manufacturer        string
	Orientation         string  // how the slices lay: axial, coronal, sagittal or oblique
	HUP01, HUP99        float64 // percentiles of the volume, the smallest HU that as many voxels do not exceed

	Duplicates   int  // identical slices left out
	Lost         int  // slices that cannot be decoded
	FilledPlanes int  // planes interpolated between slices
	Uneven       bool // the slices lie on no even grid, even one with holes
	TiltDegrees  float64
	Blocks       int  // acquisitions that lie one above the other, 1 where there is no other
	Turned       bool // axes changed places or ways
	Frames       bool // of multi-frame images
	OwnRescale   bool // slices differ in slope or intercept
	Padding      bool // some slice names a value that means "no data"

	MadeAxial bool   // set by who resamples an oblique volume to the patient's axes
	Smoothed  string // set by who smooths a volume before it is resampled: along which axes
	LeftOut   string // set by who plans a whole series: which of its images are in no volume

	stack *Stack
}

// Info returns what is known before the volume is built: its percentiles are 0.
func (s *Stack) Info() Info {
	t := upright(s.grid.Direction)
	g, _, _ := t.of(s.grid)
	info := Info{
		PatientID: s.head.PatientID, StudyUID: s.head.StudyUID, SeriesUID: s.head.SeriesUID,
		FrameOfReferenceUID: s.head.FrameOfReferenceUID, Part: s.part, Parts: s.parts,
		Slices: len(s.Slices), Size: g.Size, SpacingMM: g.SpacingMM,
		StepMM: s.stepMM, SliceGapMaxMM: s.gapMaxMM, ThicknessMM: s.thickness,
		Kernel: s.head.Kernel, Manufacturer: s.head.Manufacturer, Orientation: orientation(s.grid.Direction),
		Duplicates: s.duplicates, Lost: s.lost, TiltDegrees: s.tilt, Turned: !t.none(), stack: s,
		Uneven: !s.even && s.snap == copyTolerance,
	}
	for z := range s.grid.Size[2] {
		if lower, upper, _ := s.around(z); lower != upper {
			info.FilledPlanes++
		}
	}
	acquisitions := map[[2]int]bool{}
	for _, i := range s.Slices {
		h := &s.headers[i]
		acquisitions[acquisition(h)] = true
		info.Frames = info.Frames || h.Frames > 1
		info.Padding = info.Padding || h.HasPadding
		info.OwnRescale = info.OwnRescale || h.Slope != s.head.Slope || h.Intercept != s.head.Intercept
	}
	info.Blocks = len(acquisitions)
	return info
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
