package report

import (
	"encoding/json"
	"fmt"
	"math"
)

// rung is one quality of a preview's slices.
type rung struct{ across, slices, stepHU int }

// ladder is tried from its top until a preview is small enough: first the steps
// of HU get coarser, then there are fewer slices, then fewer pixels.
var ladder = []rung{
	{288, 192, 4}, {288, 192, 8}, {288, 128, 8}, {256, 112, 8}, {224, 96, 8}, {192, 88, 10}, {160, 72, 12}, {128, 60, 16}, {96, 48, 20},
}

// preview is what the page's viewer shows of an exhibit. Axes are to the left,
// to the back and from the head down.
type preview struct {
	Size      [3]int        `json:"size"`
	SpacingMM [3]float64    `json:"spacing"`
	StepHU    int           `json:"step"`
	LowHU     int           `json:"low"`
	HU        packed        `json:"hu,omitempty"`
	ApexMM    float64       `json:"apex"`  // from the top of the first slice down to the apex of the lungs
	Start     int           `json:"start"` // the slice with the most infection
	Masks     []previewMask `json:"masks"`
	CentreMM  [3]float64    `json:"centre"` // of the surfaces' lattice, LPS
	RadiusMM  float64       `json:"radius"` // of a ball around it
	Lattice   float64       `json:"lattice"`
}

type previewMask struct {
	Name        string      `json:"name"`
	Reference   bool        `json:"reference"`
	LungML      float64     `json:"lung_ml"`
	InfectionML float64     `json:"infection_ml"`
	Labels      packed      `json:"labels,omitempty"`
	Lung        *packedMesh `json:"lung,omitempty"`
	Infection   *packedMesh `json:"infection,omitempty"`
}

// Preview returns what the page's viewer shows, at the best quality that takes
// at most limit bytes of the page. Where even the least does not fit, there are
// no slices but surfaces; where these do not fit either, it returns nil.
func (e *Exhibit) Preview(surfaces []Surfaces, limit int) []byte {
	bare := e.bare(surfaces)
	if p := encoded(bare); len(p) > limit {
		return nil
	} else if best := e.withSlices(bare, limit); best != nil {
		return best
	} else {
		return p
	}
}

// bare is the preview without slices.
func (e *Exhibit) bare(surfaces []Surfaces) preview {
	p := preview{Lattice: latticeMM, LowHU: lowestHU}
	p.CentreMM, p.RadiusMM = e.ball()
	for _, s := range surfaces {
		lung, infection := packMesh(s.Lung, p.CentreMM), packMesh(s.Infection, p.CentreMM)
		p.Masks = append(p.Masks, previewMask{Name: s.Name, Reference: s.Reference, LungML: s.LungML, InfectionML: s.InfectionML, Lung: &lung, Infection: &infection})
	}
	return p
}

// withSlices adds slices of the best quality that fits, or returns nil.
func (e *Exhibit) withSlices(p preview, limit int) []byte {
	var last reduced
	var hu []float64
	for _, step := range ladder {
		r := e.reduce(step.across, step.slices)
		if r != last {
			last, hu = r, e.meanHU(r)
			for i, m := range e.masks() {
				p.Masks[i].Labels = pack(e.labels(r, m))
			}
		}
		p.Size, p.SpacingMM, p.StepHU = r.size, r.spacingMM, step.stepHU
		p.HU = pack(packHU(hu, r.size, step.stepHU))
		p.ApexMM = float64(e.shown.hi[2]-e.lungs.hi[2]) * e.view.spacingMM[2]
		p.Start = e.start(r)
		if out := encoded(p); len(out) <= limit {
			return out
		}
	}
	return nil
}

// start is the slice of the preview with the most infection and disagreement.
func (e *Exhibit) start(r reduced) int {
	best := e.view.choose(2, 1, e.lungs, e.masks())
	if len(best) == 0 {
		return r.size[2] / 2
	}
	return min(r.size[2]-1, (e.shown.hi[2]-1-best[0])*r.size[2]/(e.shown.hi[2]-e.shown.lo[2]))
}

// ball returns the centre of the lungs, in LPS mm, and the radius of a ball
// around it that holds them however they are turned about the body's axis or
// tilted to the front.
func (e *Exhibit) ball() (centre [3]float64, radius float64) {
	var half [3]float64
	for axis := range half {
		half[axis] = float64(e.lungs.hi[axis]-e.lungs.lo[axis]) * e.view.spacingMM[axis] / 2
	}
	radius = math.Hypot(half[1], max(half[0], half[2]))
	at := func(axis int) int { return (e.lungs.lo[axis] + e.lungs.hi[axis]) / 2 }
	i, size := e.view.at(at(0), at(1), at(2)), e.hu.Size
	return e.hu.Point(float64(i%size[0]), float64(i/size[0]%size[1]), float64(i/size[0]/size[1])), radius
}

func encoded(p preview) []byte {
	data, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("report: a preview that is no JSON: %v", err))
	}
	return data
}

// Pictures and Interactive share out the bytes that a page's previews may take:
// a quarter to pictures, the rest in equal parts to the volumes of the viewer.
func Pictures(limit int) int { return limit / 4 }

// Interactive returns the bytes that one of n volumes may take in the viewer.
func Interactive(limit, n int) int { return (limit - Pictures(limit)) / max(1, n) }
