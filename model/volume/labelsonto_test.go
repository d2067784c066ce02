package volume

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLabelsOntoIsHeaviestEverywhere: working only where labels are changes nothing.
func TestLabelsOntoIsHeaviestEverywhere(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		oblique := n%3 > 0
		v := New[uint8](randomGrid(random, oblique))
		for range random.IntN(20) {
			v.Data[random.IntN(len(v.Data))] = uint8(1 + random.IntN(2))
		}
		g := randomGrid(random, oblique)
		want := New[uint8](g)
		eachOblique(v.Grid, g, 1, func(voxel int, x, y, z float64, inside bool) {
			if inside {
				want.Data[voxel] = heaviestAt(v, x, y, z)
			}
		})
		if got := LabelsOnto(v, g, 2); !slices.Equal(got.Data, want.Data) || got.Grid != g {
			t.Fatalf("case %d: LabelsOnto differs from weighing at every voxel", n)
		}
	}
}

// randomGrid is a grid of a few voxels near the origin, turned in any way where oblique.
func randomGrid(random *rand.Rand, oblique bool) Grid {
	g := Grid{Direction: Identity()}
	if oblique {
		g.Direction = turned(random.Float64()*6, random.Float64()*6)
	}
	for c := range 3 {
		g.Size[c], g.SpacingMM[c], g.OriginMM[c] = 1+random.IntN(9), 0.5+2*random.Float64(), 8*random.Float64()-4
	}
	return g
}

// turned is a rotation about z, then about x.
func turned(z, x float64) [9]float64 {
	cz, sz, cx, sx := math.Cos(z), math.Sin(z), math.Cos(x), math.Sin(x)
	return [9]float64{cz, -sz, 0, cx * sz, cx * cz, -sx, sx * sz, sx * cz, cx}
}

// TestLabelsOntoAndBack: a ball goes onto a finer, turned grid and back, and is
// the ball again but for its surface.
func TestLabelsOntoAndBack(t *testing.T) {
	coarse := Grid{Size: [3]int{30, 30, 30}, SpacingMM: [3]float64{2, 2, 2}, Direction: Identity()}
	ball := New[uint8](coarse)
	for i := range ball.Data {
		x, y, z := float64(i%30)-15, float64(i/30%30)-15, float64(i/900)-15
		if x*x+y*y+z*z < 100 {
			ball.Data[i] = 1
		}
	}
	fine := Grid{Size: [3]int{100, 100, 60}, SpacingMM: [3]float64{0.7, 0.7, 1.3}, OriginMM: [3]float64{-6, 4, 0}, Direction: turned(0.2, 0)}
	back := LabelsOnto(LabelsOnto(ball, fine, 1), coarse, 1)
	var both, sum int
	for i, a := range ball.Data {
		both += int(a * back.Data[i])
		sum += int(a + back.Data[i])
	}
	if dice := 2 * float64(both) / float64(sum); dice < 0.99 {
		t.Errorf("Dice of a ball with itself on another grid and back is %.4f, want 0.99 at least", dice)
	}
}
