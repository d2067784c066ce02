package report

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"ctcohort/model/volume"
)

// headFrom is where the neck of headed ends and the head begins, in mm.
const headFrom = 60.0

// headed is thorax with a neck and a head on it. Airway and sinuses are one with
// the lungs in the prediction; with sloppy, all air around the head is, too.
func headed(sloppy bool) (hu *volume.Volume[int16], reference, prediction *volume.Volume[uint8]) {
	small, smallReference, smallPrediction := thorax(false)
	g := small.Grid
	g.Size[2] = 160
	hu, reference, prediction = volume.New[int16](g), volume.New[uint8](g), volume.New[uint8](g)
	copy(reference.Data, smallReference.Data)
	copy(prediction.Data, smallPrediction.Data)
	i := 0
	for z := range g.Size[2] {
		for y := range g.Size[1] {
			for x := range g.Size[0] {
				p := g.Point(float64(x), float64(y), float64(z))
				near := func(cx, cy, cz, radius float64) bool {
					return math.Hypot(math.Hypot(p[0]-cx, p[1]-cy), p[2]-cz) < radius
				}
				column := math.Hypot(p[0], p[1])
				switch {
				case z < small.Size[2] && p[2] < -30:
					hu.Data[i] = small.Data[i]
					if column < 9 && p[2] > -150 {
						hu.Data[i], prediction.Data[i] = -1000, 1
					}
				case near(25, -50, 130, 16) || near(-25, -50, 130, 16) || math.Abs(p[1]+25) < 25 && math.Hypot(p[0], p[2]-130) < 12 || column < 9 && p[2] < 130:
					hu.Data[i], prediction.Data[i] = -1000, 1
				case p[2] > headFrom && near(0, 0, 140, 85):
					hu.Data[i] = 40
				case p[2] <= headFrom && column < 55:
					hu.Data[i] = 40
				default:
					hu.Data[i] = -1000
					if sloppy && p[2] > headFrom {
						prediction.Data[i] = 1
					}
				}
				i++
			}
		}
	}
	return hu, reference, prediction
}

func TestHeadsAreNotShown(t *testing.T) {
	for _, test := range []struct {
		name          string
		withReference bool
		sloppy        bool
	}{{"by the reference", true, false}, {"by the prediction alone", false, false}, {"by a reference, the prediction full of air", true, true}} {
		draw := func(headHU int16) (pictures [][]byte) {
			hu, reference, prediction := headed(test.sloppy)
			if !test.withReference {
				reference = nil
			}
			for i := range hu.Data {
				if z := i / (hu.Size[0] * hu.Size[1]); headHU != 0 && hu.Point(0, 0, float64(z))[2] > headFrom {
					hu.Data[i] = headHU
				}
			}
			e, err := NewExhibit(hu, reference, Segmentation{"net", prediction})
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			if top := hu.Point(0, 0, float64(e.shown.hi[2]-1))[2]; top > 0 {
				t.Errorf("%s: shown up to %.0f mm; the lungs end at −32", test.name, top)
			}
			figure, err := e.Figure(0, DefaultFigure)
			if err != nil {
				t.Fatal(err)
			}
			return [][]byte{figure, e.Preview(withoutSurfaces(e), 1<<20)}
		}
		asItIs, overwritten := draw(0), draw(1234)
		for i := range asItIs {
			if !bytes.Equal(asItIs[i], overwritten[i]) {
				t.Errorf("%s: what lies in the head changes what is shown", test.name)
			}
		}
	}
}

func TestSurfacesEndWithTheLungs(t *testing.T) {
	hu, _, prediction := headed(false)
	e, err := NewExhibit(hu, nil, Segmentation{"net", prediction})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range e.Surfaces()[0].Lung.Vertices {
		if v[2] > 0 {
			t.Fatalf("the surface of a mask that goes on into the head reaches %.0f mm; the lungs end at −32", v[2])
		}
	}
}

func TestHeadsAloneAreNotShown(t *testing.T) {
	hu, _, prediction := headed(false)
	from := 0
	for hu.Point(0, 0, float64(from))[2] < headFrom {
		from++
	}
	size := hu.Size
	size[2] -= from
	head := volume.Crop(hu, [3]int{0, 0, from}, size, volume.AirHU)
	sinuses := volume.Crop(prediction, [3]int{0, 0, from}, size, 0)
	air, tissue := volume.New[uint8](head.Grid), volume.New[uint8](head.Grid)
	for i, v := range head.Data {
		if v < -500 {
			air.Data[i] = 1
		} else {
			tissue.Data[i] = 1
		}
	}
	for name, mask := range map[string]*volume.Volume[uint8]{"sinuses": sinuses, "all air": air, "the head": tissue} {
		if _, err := NewExhibit(head, nil, Segmentation{"net", mask}); !errors.Is(err, ErrNoLung) {
			t.Errorf("a head of which a model calls %s lung: %v; want ErrNoLung", name, err)
		}
		if _, err := NewExhibit(head, mask, Segmentation{"net", mask}); !errors.Is(err, ErrNoLung) {
			t.Errorf("a head of which a reference calls %s lung: %v; want ErrNoLung", name, err)
		}
	}
}
