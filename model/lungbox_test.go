package model

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"ctcohort/model/volume"
)

// tall is patient with air and table on all sides, lungs at x 44 to 83, y 46 to
// 69, z 24 to 55, and a bubble of gas below them.
func tall() *volume.Volume[int16] {
	v := volume.New[int16](gridOf([3]int{128, 128, 96}))
	for i := range v.Data {
		v.Data[i] = -1024
	}
	box(v, [3]int{40, 40, 0}, [3]int{88, 76, 96}, 40)
	box(v, [3]int{44, 46, 24}, [3]int{60, 70, 56}, -850)
	box(v, [3]int{68, 46, 24}, [3]int{84, 70, 56}, -850)
	box(v, [3]int{68, 64, 30}, [3]int{80, 70, 40}, -400)
	box(v, [3]int{60, 50, 80}, [3]int{66, 56, 86}, -950)
	return v
}

func TestLungBox(t *testing.T) {
	v := tall()
	got, lung, ok := lungBox(v, Body(v))
	if want := (region{[3]int{44, 46, 24}, [3]int{84, 70, 56}}); !ok || got != want {
		t.Errorf("lungBox = %v, %v; want %v: both lungs, the bubble left out", got, ok, want)
	}
	n := 0
	for _, l := range lung {
		if l {
			n++
		}
	}
	if want := 2*16*24*32 - 12*6*10; n != want {
		t.Errorf("%d voxels of lung, want %d: what is denser than −500 HU is none", n, want)
	}
}

func TestNoLungBox(t *testing.T) {
	water := volume.New[int16](gridOf([3]int{40, 40, 40}))
	bubble := volume.New[int16](gridOf([3]int{40, 40, 40}))
	box(bubble, [3]int{10, 10, 10}, [3]int{25, 25, 20}, -900) // 15 × 15 × 10 voxels of 27 mm³: 61 ml
	air := volume.New[int16](gridOf([3]int{40, 40, 40}))
	for i := range air.Data {
		air.Data[i] = -1024
	}
	for name, v := range map[string]*volume.Volume[int16]{"both lungs consolidated": water, "a bubble alone": bubble, "no patient": air} {
		if b, _, ok := lungBox(v, Body(v)); ok {
			t.Errorf("%s: lungBox = %v, want none", name, b)
		}
		net := &fakeNet{patch: [3]int{16, 16, 16}, classes: threeClasses, voxel: byHU}
		plain, _, err := Predict(context.Background(), net, v, Options{Overlap: 0.25})
		if err != nil {
			t.Fatal(err)
		}
		boxed, stats, err := Predict(context.Background(), net, v, Options{Overlap: 0.25, LungBox: true})
		if err != nil {
			t.Fatal(err)
		}
		if stats.Windows != 27 || stats.Skipped != 0 || !slices.Equal(plain.Data, boxed.Data) {
			t.Errorf("%s: %+v with a lung box, want all 27 windows and the labels of the plain run", name, stats)
		}
	}
}

// TestLungBoxChangesNoLabel compares with all windows, for a network that looks at
// each voxel alone.
func TestLungBoxChangesNoLabel(t *testing.T) {
	for _, keep := range []bool{true, false} {
		run := func(boxed bool) ([]uint8, Stats) {
			net := &fakeNet{patch: [3]int{16, 16, 16}, classes: threeClasses, voxel: func(hu float32, _, _, _ int) []float32 {
				if hu < -900 {
					return []float32{1, 0, 0} // gas and the air around
				}
				return byHU(hu, 0, 0, 0)
			}}
			labels, stats, err := Predict(context.Background(), net, tall(), Options{Overlap: 0.25, Workers: 2, KeepBody: keep, LungBox: boxed})
			if err != nil {
				t.Fatal(err)
			}
			if int(net.calls.Load()) != stats.Windows-stats.Skipped {
				t.Errorf("%d calls for %+v", net.calls.Load(), stats)
			}
			return labels.Data, stats
		}
		want, all := run(false)
		got, some := run(true)
		if !slices.Equal(got, want) {
			t.Error("labels within the lung box differ from those of all windows")
		}
		// The box is 40×24×32 voxels and 10 more on each side: 60×44×52, so 5×4×4 windows.
		if all.Windows != 11*11*8 || some.Windows != 5*4*4 {
			t.Errorf("%d windows and %d with a box, want %d and %d", all.Windows, some.Windows, 11*11*8, 5*4*4)
		}
	}
}

// TestWindowsFarFromTheLungs has one lung high on the left and one low on the
// right: the other two corners of their box are not asked.
func TestWindowsFarFromTheLungs(t *testing.T) {
	v := volume.New[int16](gridOf([3]int{100, 40, 100}))
	box(v, [3]int{4, 8, 4}, [3]int{30, 32, 30}, -850)
	box(v, [3]int{70, 8, 70}, [3]int{96, 32, 96}, -850)
	net := &fakeNet{patch: [3]int{16, 40, 16}, classes: threeClasses, voxel: byHU}
	_, stats, err := Predict(context.Background(), net, v, Options{Overlap: 0, LungBox: true})
	if err != nil {
		t.Fatal(err)
	}
	// Windows start at 0, 16, … 80, 84 along x and z; with 10 voxels around them those
	// from 0, 16 and 32 see 4 to 29 and those from 48 on see 70 to 95.
	if want := 7*7 - 3*3 - 4*4; stats.Windows != 7*7 || stats.Skipped != want {
		t.Errorf("%+v, want 49 windows, %d skipped", stats, want)
	}
}

// TestGrown: the region stays within the volume, holds the first one, and is no
// smaller than a patch where the volume has room.
func TestGrown(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		g := gridOf([3]int{1 + r.IntN(90), 1 + r.IntN(90), 1 + r.IntN(90)})
		var b region
		for a, n := range g.Size {
			b.from[a] = r.IntN(n)
			b.to[a] = b.from[a] + 1 + r.IntN(n-b.from[a])
		}
		patch := [3]int{16, 24, 40}
		got := b.grown(g, 10, patch)
		for a := range 3 {
			if got.from[a] < 0 || got.to[a] > g.Size[a] ||
				got.from[a] > max(0, b.from[a]-4) || got.to[a] < min(g.Size[a], b.to[a]+4) ||
				got.to[a]-got.from[a] < min(patch[a], g.Size[a]) {
				t.Fatalf("%v grown in %v = %v", b, g.Size, got)
			}
		}
	}
}
