package report

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"ctcohort/model/volume"
)

func decode(t *testing.T, data []byte) image.Image {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// figureOf draws the figure of one prediction.
func figureOf(hu *volume.Volume[int16], reference, prediction *volume.Volume[uint8]) ([]byte, error) {
	e, err := NewExhibit(hu, reference, Segmentation{"net", prediction})
	if err != nil {
		return nil, err
	}
	return e.Figure(0, DefaultFigure)
}

func TestFigure(t *testing.T) {
	hu, reference, prediction := thorax(false)
	data, err := figureOf(hu, reference, prediction)
	if err != nil {
		t.Fatal(err)
	}
	if path := os.Getenv("CTCOHORT_FIGURE"); path != "" {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := decode(t, data).Bounds()
	if b.Dx() > 3*DefaultFigure.PanelWidth+2*gap || b.Dy() > 1000 || len(data) > 600_000 {
		t.Errorf("the figure is %d×%d pixels and %d bytes; want at most %d×1000 and 600000", b.Dx(), b.Dy(), len(data), 3*DefaultFigure.PanelWidth+2*gap)
	}
	again, err := figureOf(hu, reference, prediction)
	if err != nil || !bytes.Equal(data, again) {
		t.Error("the same volumes give another figure")
	}
	for hue, name := range map[uint8]string{red: "red", cyan: "cyan", yellow: "yellow"} {
		if pixelsOf(decode(t, data), hue) < 100 {
			t.Errorf("the figure has no %s contour", name)
		}
	}
}

// pixelsOf counts the pixels of a hue at full strength.
func pixelsOf(picture image.Image, hue uint8) (n int) {
	want := hues[hue]
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			if color.RGBAModel.Convert(picture.At(x, y)) == want {
				n++
			}
		}
	}
	return n
}

func TestFigureIsTheSameForTurnedAxes(t *testing.T) {
	var figures [2][]byte
	for i, flip := range []bool{false, true} {
		hu, reference, prediction := thorax(flip)
		for k := range hu.Data {
			hu.Data[k] = map[bool]int16{true: -850, false: 40}[reference.Data[k] != 0]
		}
		var err error
		if figures[i], err = figureOf(hu, reference, prediction); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(figures[0], figures[1]) {
		t.Error("a volume stored from left to right and head to feet gives another figure")
	}
}

func TestFigureWithoutReference(t *testing.T) {
	hu, _, prediction := thorax(false)
	data, err := figureOf(hu, nil, prediction)
	if err != nil {
		t.Fatal(err)
	}
	if n := pixelsOf(decode(t, data), red); n > 0 {
		t.Errorf("%d red pixels without a reference", n)
	}
	empty := volume.New[uint8](hu.Grid)
	if _, err := figureOf(hu, nil, empty); !errors.Is(err, ErrNoLung) {
		t.Errorf("Figure without a lung: %v; want ErrNoLung", err)
	}
}
