package report

import (
	"fmt"
	"math"
	"slices"

	"ctcohort/model/volume"
)

// FigureOptions says how a figure looks.
type FigureOptions struct {
	Window     volume.Window // HU from black to white
	PanelWidth int           // pixels of one of the three panels beside each other; at most MaxPanelWidth
}

// MaxPanelWidth bounds the size of a figure.
const MaxPanelWidth = 600

// DefaultFigure shows a lung window, 936 pixels wide.
var DefaultFigure = FigureOptions{Window: volume.Window{LowHU: -1350, HighHU: 150}, PanelWidth: 304}

const (
	gap       = 6  // pixels between panels
	legend    = 26 // pixels of the line below them
	marginMM  = 12 // around the lungs
	perRow    = 3
	maxAspect = 1.35 // of a panel, height over width
)

// Figure returns a PNG of axial slices above coronal ones, those with the most
// infection and disagreement, with the contours of the reference in red and of
// one prediction in cyan (lung) and yellow (infection). The patient's right is
// at the left, as in radiology.
func (e *Exhibit) Figure(prediction int, o FigureOptions) ([]byte, error) {
	if o.PanelWidth < 64 || o.PanelWidth > MaxPanelWidth || !(o.Window.HighHU > o.Window.LowHU) {
		panic(fmt.Sprintf("report: figure options %+v", o))
	}
	mask := e.predictions[prediction].Mask
	masks := []*volume.Volume[uint8]{mask}
	if e.reference != nil {
		masks = append(masks, e.reference)
	}
	v, lungs, shown := e.view, e.lungs, e.shown
	axials, coronals := v.choose(2, perRow, lungs, masks), v.choose(1, perRow, lungs, masks)
	slices.Reverse(axials) // head first

	widthMM := func(axis int) float64 { return float64(shown.hi[axis]-shown.lo[axis]) * v.spacingMM[axis] }
	scale := float64(o.PanelWidth) / widthMM(0)
	scale = min(scale, maxAspect*float64(o.PanelWidth)/max(widthMM(1), widthMM(2)))
	pixels := func(axis int) int { return max(1, int(math.Round(widthMM(axis)*scale))) }
	panelWidth := pixels(0)

	c := newCanvas(max(perRow*panelWidth+(perRow-1)*gap, legendWidth), pixels(1)+gap+pixels(2)+legend)
	draw := func(p plane, x, y, height int, title string) {
		panel{
			plane: p, hu: e.hu.Data, reference: e.reference, prediction: mask, window: o.Window,
			first: [2]float64{float64(shown.lo[0]), p.firstRow(shown)}, last: [2]float64{float64(shown.hi[0] - 1), p.lastRow(shown)},
			pixelsPerMM: scale,
			x:           x, y: y, width: panelWidth, height: height,
		}.draw(c)
		c.label(x+6, y+height-7, title)
	}
	for i, s := range axials {
		below := float64(lungs.hi[2]-1-s) * v.spacingMM[2]
		draw(plane{view: v, index: s}, i*(panelWidth+gap), 0, pixels(1), fmt.Sprintf("axial, %.0f mm below the apex", below))
	}
	for i, p := range coronals {
		behind := float64(p-lungs.lo[1]) * v.spacingMM[1]
		draw(plane{view: v, index: p, coronal: true}, i*(panelWidth+gap), pixels(1)+gap, pixels(2), fmt.Sprintf("coronal, %.0f mm behind the front", behind))
	}
	c.label(6, 16, "R")
	c.scaleBar(panelWidth, pixels(1), scale)
	c.legend(e.reference != nil, o.Window)
	return c.png()
}

// firstRow is the top pixel row of a plane, in voxels, for a box of the view.
func (p plane) firstRow(b box) float64 {
	if p.coronal {
		return float64(p.size[2] - b.hi[2])
	}
	return float64(b.lo[1])
}

// lastRow is the bottom one.
func (p plane) lastRow(b box) float64 {
	if p.coronal {
		return float64(p.size[2] - 1 - b.lo[2])
	}
	return float64(b.hi[1] - 1)
}
