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

func TestFigure(t *testing.T) {
	hu, reference, prediction := thorax(false)
	data, err := Figure(hu, reference, prediction, DefaultFigure)
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
	again, err := Figure(hu, reference, prediction, DefaultFigure)
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
		if figures[i], err = Figure(hu, reference, prediction, DefaultFigure); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(figures[0], figures[1]) {
		t.Error("a volume stored from left to right and head to feet gives another figure")
	}
}

func TestFigureShowsNothingAboveTheLungs(t *testing.T) {
	hu, reference, prediction := thorax(false)
	want, err := Figure(hu, reference, prediction, DefaultFigure)
	if err != nil {
		t.Fatal(err)
	}
	lungs, _ := viewOf(hu.Grid).extent(reference.Data, prediction.Data)
	above := lungs.widen(viewOf(hu.Grid), marginMM).hi[2]
	for i := above * hu.Size[0] * hu.Size[1]; i < len(hu.Data); i++ {
		hu.Data[i] = 3000
	}
	if got, err := Figure(hu, reference, prediction, DefaultFigure); err != nil || !bytes.Equal(got, want) {
		t.Error("what lies above the lungs changes the figure")
	}
}

func TestFigureWithoutReference(t *testing.T) {
	hu, _, prediction := thorax(false)
	data, err := Figure(hu, nil, prediction, DefaultFigure)
	if err != nil {
		t.Fatal(err)
	}
	if n := pixelsOf(decode(t, data), red); n > 0 {
		t.Errorf("%d red pixels without a reference", n)
	}
	empty := volume.New[uint8](hu.Grid)
	if _, err := Figure(hu, nil, empty, DefaultFigure); !errors.Is(err, ErrNoLung) {
		t.Errorf("Figure without a lung: %v; want ErrNoLung", err)
	}
}

func TestFigureOfOddMasks(t *testing.T) {
	hu, _, _ := thorax(false)
	for _, test := range []struct {
		name   string
		voxels [][3]int
	}{
		{"one voxel at the corner", [][3]int{{0, 0, 0}}},
		{"a column along z", [][3]int{{60, 50, 0}, {60, 50, 89}}},
		{"opposite corners", [][3]int{{0, 0, 0}, {119, 99, 89}}},
	} {
		prediction := volume.New[uint8](hu.Grid)
		for _, v := range test.voxels {
			prediction.Data[(v[2]*100+v[1])*120+v[0]] = 2
		}
		data, err := Figure(hu, nil, prediction, DefaultFigure)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if b := decode(t, data).Bounds(); b.Dx() > 1000 || b.Dy() > 1000 {
			t.Errorf("%s: %v pixels", test.name, b)
		}
	}
}
