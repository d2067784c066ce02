package phantom

import "math"

// scan is how a patient was scanned: the grid, in scanner space, and where
// scanner space lies in the patient coordinates that DICOM writes.
type scan struct {
	scanner
	size             int
	pixelMM          float64
	centerX, centerY float64
	zs               []float64 // of the slices, ascending
	thicknessMM      float64
	intervalMM       float64
	subSlices        int // planes averaged over the thickness
	kernels          []kernel
	doseNoise        float64 // HU, of a standard kernel at 1 mm
	streaks          float64 // relative noise at the shoulders
	offset           vec     // added to scanner space
	circular         bool    // nothing outside the field of view
	implicit         bool    // VR; else explicit
	openItems        bool    // sequences of undefined length
	kvp              string
}

// subSliceMM is the widest gap between the planes averaged in a thick slice.
const subSliceMM = 2.0

func newScan(d dice, a *anatomy, seed int64, cohort string, k, size, maxSlices int) *scan {
	g := &scan{scanner: quantile(scanners[cohort], d.Float64()), size: size, thicknessMM: thicknessMM(seed, cohort, k)}
	g.kvp = pick(d, g.kvps...)
	g.implicit, g.openItems = k%2 == 1, k%3 == 1
	g.circular = d.chance(0.75)

	s := a.cut(a.z(0.5))
	widest := 2 * (s.maxSkin + 12)
	var fov float64
	switch {
	case a.pose == armsAbsent || d.chance(0.1):
		fov = 2*a.width + d.between(25, 70)
	case d.chance(0.2):
		fov = d.between(460, 640)
	default:
		fov = widest * d.between(1, 1.2)
	}
	if cohort == Germany {
		fov *= 1.06
	}
	g.pixelMM = math.Round(fov/float64(size)*1e4) / 1e4
	g.centerX, g.centerY = d.around(0, 9), s.cy+d.around(10, 14)

	top := d.between(8, 65)
	switch u := d.Float64(); {
	case u < 0.08:
		top = -d.between(10, 70)
	case u < 0.3:
		top = d.between(65, 110)
	}
	bottom := -a.lungMM - d.between(0, 65)
	switch u := d.Float64(); {
	case u < 0.1:
		bottom = -a.lungMM + d.between(10, 55)
	case u < 0.2:
		bottom = -a.lungMM - d.between(65, 150)
	}
	g.intervalMM = g.thicknessMM
	if g.thicknessMM >= 1 && d.chance(0.2) {
		g.intervalMM = g.thicknessMM * pick(d, 0.8, 0.7, 0.5)
	}
	n := int((top-bottom)/g.intervalMM) + 1
	if maxSlices > 0 && n > maxSlices {
		every := (n + maxSlices - 1) / maxSlices
		g.intervalMM *= float64(every)
		n = int((top-bottom)/g.intervalMM) + 1
	}
	for i := range n {
		g.zs = append(g.zs, bottom+float64(i)*g.intervalMM)
	}
	g.subSlices = max(1, int(math.Ceil(g.thicknessMM/subSliceMM))) | 1 // odd, so that one is the middle

	g.kernels = []kernel{pick(d, g.scanner.kernels...)}
	if d.chance(0.14) {
		other := pick(d, g.scanner.kernels...)
		if other != g.kernels[0] {
			g.kernels = append(g.kernels, other)
		}
	}
	g.doseNoise = math.Exp(d.between(math.Log(5), math.Log(26)))
	g.streaks = d.between(0, 1.2)
	g.offset = vec{math.Round(d.around(0, 6)), math.Round(d.between(-190, 40)), math.Round(d.between(-1400, 300)*4) / 4}
	return g
}

// position returns DICOM's ImagePositionPatient of slice i.
func (g *scan) position(i int) [3]float64 {
	half := float64(g.size-1) / 2 * g.pixelMM
	return [3]float64{
		roundTo(g.centerX-half+g.offset[0], 1e4), roundTo(g.centerY-half+g.offset[1], 1e4), roundTo(g.zs[i]+g.offset[2], 1e4),
	}
}

func roundTo(v, per float64) float64 { return math.Round(v*per) / per }
