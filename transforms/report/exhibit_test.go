package report

import (
	"bytes"
	"image/color"
	"math"
	"os"
	"strings"
	"testing"
)

func TestSurfaceFigure(t *testing.T) {
	hu, reference, prediction := thorax(false)
	e, err := NewExhibit(hu, reference, Segmentation{"net", prediction})
	if err != nil {
		t.Fatal(err)
	}
	surfaces := e.Surfaces()
	data, err := e.SurfaceFigure(surfaces)
	if err != nil {
		t.Fatal(err)
	}
	if path := os.Getenv("CTCOHORT_SURFACE"); path != "" {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := e.SurfaceFigure(e.Surfaces()); err != nil || !bytes.Equal(data, again) {
		t.Error("the same volumes give another picture")
	}
	// The reference has a lesion in each lung, the prediction one in the right lung alone.
	picture := decode(t, data)
	infected := func(x0, x1, y0, y1 int) (n int) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				if c := color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA); int(c.R) > int(c.B)+60 {
					n++
				}
			}
		}
		return n
	}
	width, middle, bottom := picture.Bounds().Dx(), surfaceHeading+(picture.Bounds().Dy()-surfaceHeading-legend)/2, picture.Bounds().Dy()-legend
	for _, test := range []struct {
		name   string
		n      int
		lesion bool
	}{
		{"reference, front, right lung", infected(0, width/4, surfaceHeading, middle), true},
		{"reference, front, left lung", infected(width/4, width/2, surfaceHeading, middle), true},
		{"prediction, front, right lung", infected(width/2, 3*width/4, surfaceHeading, middle), true},
		{"prediction, front, left lung", infected(3*width/4, width, surfaceHeading, middle), false},
		{"prediction, back, left lung", infected(width/2, 3*width/4, middle, bottom), false},
		{"prediction, back, right lung", infected(3*width/4, width, middle, bottom), true},
	} {
		if (test.n > 500) != test.lesion || !test.lesion && test.n > 0 {
			t.Errorf("%s: %d pixels of infection; want it %v", test.name, test.n, test.lesion)
		}
	}
	for _, s := range surfaces {
		if math.Abs(s.Lung.VolumeML()-s.LungML) > 0.02*s.LungML || math.Abs(s.Infection.VolumeML()-s.InfectionML) > 0.04*s.InfectionML {
			t.Errorf("%s: surfaces of %.1f and %.1f ml for masks of %.1f and %.1f", s.Name, s.Lung.VolumeML(), s.Infection.VolumeML(), s.LungML, s.InfectionML)
		}
	}
}

func TestChoose(t *testing.T) {
	cases := Cases(synthetic(9, 3).Metrics)
	all, err := Choose(cases, nil)
	if err != nil || len(all) != 12 || len(all[0]) != 2 || all[0][0].worstDice() > all[0][1].worstDice() || all[0][0].worstDice() > all[1][0].worstDice() {
		t.Fatalf("Choose() = %d volumes, %v; want 12 of two models each, the worst first", len(all), err)
	}
	last := all[len(all)-1][0].PatientID
	named, err := Choose(cases, []string{last})
	if err != nil || named[0][0].PatientID != last || named[1][0].PatientID != all[0][0].PatientID || len(named) != 12 {
		t.Errorf("the named patient does not come first, then the worst: %v", err)
	}
	if _, err := Choose(cases, []string{last, "0123456789abcdef"}); err == nil || !strings.Contains(err.Error(), "of patient 0123456789abcdef,") {
		t.Errorf("a patient who is not there: %v", err)
	}
}

func TestPicturesFitTheirLimit(t *testing.T) {
	d := synthetic(9, 3)
	shown, err := Choose(Cases(d.Metrics), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shown[:4] {
		d.Figures = append(d.Figures, PatientFigure{Shown: s, Slices: make([]byte, 3000), Surfaces: make([]byte, 3000)})
	}
	d.Pictures = 13000
	var kept []bool
	for _, f := range figures(d) {
		kept = append(kept, f.Slices != "", f.Surfaces != "")
	}
	for i, k := range kept {
		if k != (i < 3) { // 4022 bytes each as text
			t.Errorf("picture %d in the page: %v; want the first three", i, k)
		}
	}
}
