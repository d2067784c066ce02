package report

import (
	"math"

	"ctcohort/model/volume"
)

// panel is one slice of a figure, and where it stands.
type panel struct {
	plane
	hu                    []int16
	reference, prediction *volume.Volume[uint8] // reference may be nil
	window                volume.Window
	first, last           [2]float64 // left, top and right, bottom voxel shown
	pixelsPerMM           float64
	x, y, width, height   int // pixels
}

// Widths of contours in pixels. The reference is the wider and lies below, so
// that it shows as a rim where the two agree.
const (
	referenceWidth  = 2.6
	predictionWidth = 1.2
)

func (p panel) draw(c *canvas) {
	grey := p.sample(func(i int) float64 { return p.window.Scale(float64(p.hu[i])) })
	for y := range p.height {
		for x := range p.width {
			c.grey.Pix[(p.y+y)*c.grey.Stride+p.x+x] = uint8(math.Round(255 * grey[y*p.width+x]))
		}
	}
	if p.reference != nil {
		p.contour(c, p.reference.Data, 1, red, referenceWidth)
		p.contour(c, p.reference.Data, 2, red, referenceWidth)
	}
	p.contour(c, p.prediction.Data, 1, cyan, predictionWidth)
	p.contour(c, p.prediction.Data, 2, yellow, predictionWidth)
}

// sample interpolates a quantity of the voxels linearly at the centre of each pixel.
func (p panel) sample(of func(i int) float64) []float64 {
	columns, rows := p.taps(0, p.width), p.taps(1, p.height)
	out := make([]float64, p.width*p.height)
	for y, w := range rows {
		for x, u := range columns {
			top := between(of(p.at(u.lo, w.lo)), of(p.at(u.hi, w.lo)), u.weight)
			bottom := between(of(p.at(u.lo, w.hi)), of(p.at(u.hi, w.hi)), u.weight)
			out[y*p.width+x] = between(top, bottom, w.weight)
		}
	}
	return out
}

type tap struct {
	lo, hi int
	weight float64
}

// taps says between which voxels the n pixels along u (0) or w (1) fall.
func (p panel) taps(side, n int) []tap {
	axis := [2]int{0, 1}[side]
	if side == 1 && p.coronal {
		axis = 2
	}
	out := make([]tap, n)
	for i := range out {
		at := p.first[side] + (float64(i)+0.5)/(p.pixelsPerMM*p.spacingMM[axis]) - 0.5
		at = max(p.first[side], min(p.last[side], at))
		lo := int(at)
		out[i] = tap{lo, min(lo+1, int(p.last[side])), at - float64(lo)}
	}
	return out
}

func between(a, b, weight float64) float64 { return a + (b-a)*weight }

// contour draws where the share of voxels with at least a label crosses one
// half. The distance to it is, to first order, the excess over its gradient.
func (p panel) contour(c *canvas, labels []uint8, label uint8, hue uint8, width float64) {
	share := p.sample(func(i int) float64 {
		if labels[i] >= label {
			return 1
		}
		return 0
	})
	at := func(x, y int) float64 {
		return share[max(0, min(p.height-1, y))*p.width+max(0, min(p.width-1, x))]
	}
	for y := range p.height {
		for x := range p.width {
			slope := math.Hypot(at(x+1, y)-at(x-1, y), at(x, y+1)-at(x, y-1)) / 2
			if slope < 1e-3 {
				continue
			}
			distance := math.Abs(at(x, y)-0.5) / slope
			c.tint(p.x+x, p.y+y, hue, width/2+0.5-distance)
		}
	}
}
