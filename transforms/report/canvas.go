package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"ctcohort/model/volume"
)

// Hues of contours.
const (
	plain = iota
	red
	cyan
	yellow
)

var hues = [...]color.RGBA{red: {230, 30, 40, 255}, cyan: {0, 205, 255, 255}, yellow: {255, 220, 0, 255}}

// A picture has one palette: greys, then each hue over some greys, at some strengths.
const (
	greys     = 112
	underlays = 12
	strengths = 4
)

// canvas is a grey picture with coloured contours over it.
type canvas struct {
	grey     *image.Gray
	hue      []uint8
	strength []float64 // of the hue, 0 to 1
}

func newCanvas(width, height int) *canvas {
	c := &canvas{grey: image.NewGray(image.Rect(0, 0, width, height)), hue: make([]uint8, width*height), strength: make([]float64, width*height)}
	for i := range c.grey.Pix {
		c.grey.Pix[i] = 255
	}
	return c
}

// tint lays a hue over a pixel with a strength, which is clamped to 0…1. What
// comes later lies on top.
func (c *canvas) tint(x, y int, hue uint8, strength float64) {
	i := y*c.grey.Stride + x
	strength = min(1, strength)
	if strength >= 0.2 && (strength >= 0.5 || c.strength[i] < strength) {
		c.hue[i], c.strength[i] = hue, strength
	}
}

var face = sync.OnceValue(func() font.Face {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic("report: the embedded font does not parse")
	}
	f, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 12.5, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic("report: the embedded font has no face")
	}
	return f
})

// faceLock guards the face, which is not safe for concurrent use.
var faceLock sync.Mutex

// text writes from a baseline and returns where it ends.
func (c *canvas) text(x, y int, ink color.Gray, text string) int {
	return write(c.grey, x, y, ink, text)
}

// write puts text on a picture from a baseline and returns where it ends.
func write(on draw.Image, x, y int, ink color.Color, text string) int {
	faceLock.Lock()
	defer faceLock.Unlock()
	d := font.Drawer{Dst: on, Src: image.NewUniform(ink), Face: face(), Dot: fixed.P(x, y)}
	d.DrawString(text)
	return d.Dot.X.Ceil()
}

// textWidth returns how many pixels a text takes.
func textWidth(text string) int {
	faceLock.Lock()
	defer faceLock.Unlock()
	return font.MeasureString(face(), text).Ceil()
}

// label writes in white with a dark rim, over a picture.
func (c *canvas) label(x, y int, text string) {
	for _, d := range [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
		c.text(x+d[0], y+d[1], color.Gray{Y: 0}, text)
	}
	c.text(x, y, color.Gray{Y: 255}, text)
}

// scaleBar draws 50 mm at the upper right of the first panel.
func (c *canvas) scaleBar(panelWidth, panelHeight int, pixelsPerMM float64) {
	length := int(math.Round(50 * pixelsPerMM))
	if length > panelWidth/2 || panelHeight < 40 {
		return
	}
	for y := 9; y < 14; y++ {
		for x := panelWidth - 9 - length; x < panelWidth-7; x++ {
			ink := uint8(255)
			if y == 9 || y == 13 || x == panelWidth-9-length || x == panelWidth-8 {
				ink = 0
			}
			c.grey.Pix[y*c.grey.Stride+x] = ink
		}
	}
	c.label(panelWidth-9-length, 28, "50 mm")
}

const legendWidth = 640

// legend says below the panels what the contours are.
func (c *canvas) legend(hasReference bool, window volume.Window) {
	y := c.grey.Rect.Dy() - 8
	entries := []struct {
		hue   uint8
		width int
		text  string
	}{{red, 3, "reference: lung, infection"}, {cyan, 2, "predicted lung"}, {yellow, 2, "predicted infection"}}
	if !hasReference {
		entries = entries[1:]
	}
	x := 2
	for _, e := range entries {
		for dx := range 22 {
			for dy := range e.width {
				c.tint(x+dx, y-5+dy, e.hue, 1)
				c.grey.Pix[(y-5+dy)*c.grey.Stride+x+dx] = 60
			}
		}
		x = c.text(x+28, y, color.Gray{Y: 30}, e.text) + 20
	}
	c.text(x, y, color.Gray{Y: 30}, fmt.Sprintf("window %.0f to %.0f HU", window.LowHU, window.HighHU))
}

var palette = sync.OnceValue(func() color.Palette {
	p := make(color.Palette, 0, 256)
	for i := range greys {
		p = append(p, color.Gray{Y: uint8(math.Round(255 * float64(i) / (greys - 1)))})
	}
	for hue := red; hue <= yellow; hue++ {
		for s := 1; s <= strengths; s++ {
			for i := range underlays {
				under, a := 255*float64(i)/(underlays-1), float64(s)/strengths
				mix := func(over uint8) uint8 { return uint8(math.Round(under + (float64(over)-under)*a)) }
				p = append(p, color.RGBA{mix(hues[hue].R), mix(hues[hue].G), mix(hues[hue].B), 255})
			}
		}
	}
	return p
})

// png encodes the canvas in 256 colours.
func (c *canvas) png() ([]byte, error) {
	out := image.NewPaletted(c.grey.Rect, palette())
	for i, grey := range c.grey.Pix {
		s := int(math.Round(c.strength[i] * strengths))
		if c.hue[i] == plain || s == 0 {
			out.Pix[i] = uint8((int(grey)*(greys-1) + 127) / 255)
			continue
		}
		under := (int(grey)*(underlays-1) + 127) / 255
		out.Pix[i] = uint8(greys + ((int(c.hue[i])-1)*strengths+s-1)*underlays + under)
	}
	var data bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&data, out); err != nil {
		return nil, fmt.Errorf("encoding figure: %w", err)
	}
	return data.Bytes(), nil
}
