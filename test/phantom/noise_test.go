package phantom

import (
	"math"
	"testing"
)

func TestFieldByRowIsFieldByPoint(t *testing.T) {
	d := newDice(1, "test", 0, "field")
	for _, tile := range []tile{smoothTile(), roughTile()} {
		f := newField(d, tile, 7)
		for range 200 {
			p := vec{d.between(-900, 900), d.between(-900, 900), d.between(-900, 900)}
			f.toPlane(p[2])
			f.toRow(p[1])
			if row, point := f.at(p[0]), f.point(p); math.Abs(row-point) > 1e-4 {
				t.Fatalf("field at %v: %g by row, %g by point", p, row, point)
			}
		}
	}
}

func TestTileHasUnitVariance(t *testing.T) {
	for name, tile := range map[string]tile{"smooth": smoothTile(), "rough": roughTile()} {
		var sum, square float64
		for _, v := range tile {
			sum += float64(v)
			square += float64(v) * float64(v)
		}
		n := float64(len(tile))
		if mean, variance := sum/n, square/n; math.Abs(mean) > 0.05 || math.Abs(variance-1) > 0.01 {
			t.Errorf("%s tile: mean %.3f, variance %.3f; want 0 and 1", name, mean, variance)
		}
	}
}

func TestFromBodyInvertsToBody(t *testing.T) {
	a := newAnatomy(newDice(2, China, 1, "anatomy"), China)
	d := newDice(1, "test", 1, "points")
	for range 200 {
		q := vec{d.between(-150, 150), d.between(-100, 100), d.between(-250, 50)}
		p := a.fromBody(q)
		for _, f := range a.bend {
			f.toPlane(p[2])
			f.toRow(p[1])
		}
		x, y, z := a.toBody(p[0], p[1], p[2], math.Cos(a.roll), math.Sin(a.roll))
		if off := (vec{x, y, z}).sub(q).norm(); off > 0.5 {
			t.Fatalf("%v comes back %.2f mm away", q, off)
		}
	}
}

func TestAzimuth(t *testing.T) {
	for i := range azimuths {
		if got := azimuth(50*sines[i], 50*cosines[i]); got != i && got != (i+1)%azimuths && (got+1)%azimuths != i {
			t.Errorf("azimuth of direction %d = %d", i, got)
		}
	}
}
