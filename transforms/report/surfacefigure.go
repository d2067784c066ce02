package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"ctcohort/model/mesh"
	"ctcohort/transforms/metrics"
)

const (
	surfaceWidth   = 936 // pixels of the figure, at least
	surfaceMargin  = 8   // mm around the surfaces
	surfaceHeading = 40  // pixels above a column
	sampling       = 3   // pixels a side that make one of the picture
)

var (
	ink  = color.Gray{Y: 30}
	soft = color.Gray{Y: 100}
)

// SurfaceFigure returns a PNG of surfaces seen from the front, and below from
// behind: lungs translucent, infection opaque, a column each. Letters say which
// side of the patient is where.
func (e *Exhibit) SurfaceFigure(all []Surfaces) ([]byte, error) {
	columns := len(all)
	panelWidth := max(180, min(surfaceWidth/2, (surfaceWidth-(columns-1)*gap)/columns))
	var widthMM [3]float64
	for axis := range widthMM {
		widthMM[axis] = float64(e.lungs.hi[axis]-e.lungs.lo[axis])*e.view.spacingMM[axis] + 2*surfaceMargin
	}
	const tallest = 330
	scale := min(float64(panelWidth)/widthMM[0], tallest/widthMM[2])
	panelHeight := int(math.Ceil(widthMM[2] * scale))
	picture := image.NewRGBA(image.Rect(0, 0, columns*panelWidth+(columns-1)*gap, surfaceHeading+2*panelHeight+gap+legend))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)

	for i, s := range all {
		x := i * (panelWidth + gap)
		middle(picture, x, panelWidth, 15, ink, s.Name)
		middle(picture, x, panelWidth, 31, soft, fmt.Sprintf("infection %s ml in %s ml of lung", metrics.Format(s.InfectionML, "ml"), metrics.Format(s.LungML, "ml")))
		for row, c := range []camera{fromFront, fromBehind} {
			c.centre, _ = e.ball()
			c.pixelsPerMM = scale * sampling
			y := surfaceHeading + row*(panelHeight+gap)
			paste(picture, x, y, s.drawn(c, panelWidth, panelHeight))
			left, right := "R", "L"
			if row == 1 {
				left, right = right, left
			}
			write(picture, x+4, y+14, soft, left)
			write(picture, x+panelWidth-4-textWidth(right), y+14, soft, right)
		}
	}
	write(picture, 4, surfaceHeading+panelHeight-6, soft, "front")
	write(picture, 4, surfaceHeading+2*panelHeight+gap-6, soft, "back")
	surfaceLegend(picture, scale)
	var data bytes.Buffer
	encoder := png.Encoder{}
	if err := encoder.Encode(&data, picture); err != nil {
		return nil, fmt.Errorf("encoding figure: %w", err)
	}
	return data.Bytes(), nil
}

// drawn is the scene of the surfaces, larger than the panel by sampling.
func (s Surfaces) drawn(c camera, width, height int) *scene {
	drawing := newScene(c, width*sampling, height*sampling)
	drawing.opaque(s.Infection, infectionColour)
	drawing.translucent(s.Lung, lungColour, lungOpacity)
	return drawing
}

func paste(onto *image.RGBA, x, y int, s *scene) {
	for dy := range s.height / sampling {
		for dx := range s.width / sampling {
			onto.SetRGBA(x+dx, y+dy, s.at(dx, dy, sampling))
		}
	}
}

// middle writes in the middle of a column.
func middle(on draw.Image, x, width, y int, ink color.Color, text string) {
	write(on, x+(width-textWidth(text))/2, y, ink, text)
}

// surfaceLegend says below the surfaces what is what, and how long 50 mm are.
func surfaceLegend(on *image.RGBA, pixelsPerMM float64) {
	y := on.Rect.Dy() - 8
	x := 4
	for _, entry := range []struct {
		text string
		draw func(*scene, *mesh.Mesh)
	}{
		{"lung", func(s *scene, m *mesh.Mesh) { s.translucent(m, lungColour, lungOpacity) }},
		{"infection", func(s *scene, m *mesh.Mesh) { s.opaque(m, infectionColour) }},
	} {
		const side = 16
		c := fromFront
		c.pixelsPerMM = sampling
		s := newScene(c, side*sampling, side*sampling)
		entry.draw(s, bead)
		paste(on, x, y-13, s)
		x = write(on, x+side+6, y, ink, entry.text) + 24
	}
	length := int(math.Round(50 * pixelsPerMM))
	draw.Draw(on, image.Rect(x, y-6, x+length, y-3), image.NewUniform(ink), image.Point{}, draw.Src)
	write(on, x+length+6, y, ink, "50 mm")
}

// bead is the ball of the legend, of 7 mm radius around the origin.
var bead = func() *mesh.Mesh {
	const rings, sectors, radius = 12, 24, 7.0
	m := &mesh.Mesh{}
	for i := range rings + 1 {
		polar := math.Pi * float64(i) / rings
		for k := range sectors {
			around := 2 * math.Pi * float64(k) / sectors
			m.Vertices = append(m.Vertices, [3]float32{
				float32(radius * math.Sin(polar) * math.Cos(around)), float32(radius * math.Sin(polar) * math.Sin(around)), float32(radius * math.Cos(polar)),
			})
			a, b := int32(i*sectors+k), int32(i*sectors+(k+1)%sectors)
			if i < rings {
				m.Triangles = append(m.Triangles, [3]int32{a, a + sectors, b + sectors}, [3]int32{a, b + sectors, b})
			}
		}
	}
	return m
}()
