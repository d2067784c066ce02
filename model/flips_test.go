package model

import (
	"context"
	"math"
	"slices"
	"testing"
)

// placeNet answers by the place in the window alone, so that only mirroring moves it.
func placeNet(patch [3]int) *fakeNet {
	return &fakeNet{patch: patch, classes: []string{"background", "lung"}, voxel: func(hu float32, x, y, z int) []float32 {
		p := (float32(x) + 10*float32(y) + 100*float32(z) + hu/1e5) / 1e3
		return []float32{p, 1 - p}
	}}
}

func TestFlipsAreTheMeanOfAllMirrorImages(t *testing.T) {
	size := [3]int{5, 4, 3}
	n := size[0] * size[1] * size[2]
	hu := noise([3]int{5, 4, 6}, 1) // two windows
	window := make([]float32, 2*n)
	for i, h := range hu.Data {
		window[i] = float32(h)
	}
	for _, axes := range [][3]bool{{}, {true, false, false}, {false, true, false}, {false, false, true}, {true, false, true}, {true, true, true}} {
		net := placeNet(size)
		got, err := flip(net, axes).Run(window, 2, size)
		if err != nil {
			t.Fatal(err)
		}
		// Mirrored along an axis and back, a voxel keeps its HU and is seen at the other end.
		mean := func(at, n int, flipped bool) float64 {
			if flipped {
				return float64(n-1) / 2
			}
			return float64(at)
		}
		calls := 1
		for _, f := range axes {
			if f {
				calls *= 2
			}
		}
		if int(net.calls.Load()) != calls {
			t.Errorf("flips %v: %d calls of the network, want %d", axes, net.calls.Load(), calls)
		}
		for w := range 2 {
			for i := range n {
				x, y, z := i%5, i/5%4, i/20
				want := (mean(x, 5, axes[0]) + 10*mean(y, 4, axes[1]) + 100*mean(z, 3, axes[2]) + float64(window[w*n+i])/1e5) / 1e3
				if p := float64(got[w*2*n+i]); math.Abs(p-want) > 1e-6 {
					t.Fatalf("flips %v, window %d, voxel %d %d %d: %g, want %g", axes, w, x, y, z, p, want)
				}
				if q := float64(got[w*2*n+n+i]); math.Abs(q-(1-want)) > 1e-6 {
					t.Fatalf("flips %v, window %d, voxel %d %d %d, second class: %g, want %g", axes, w, x, y, z, q, 1-want)
				}
			}
		}
	}
}

// TestFlipsDoNotMoveVoxels has a network of each voxel's HU alone, whose labels
// flips leave as they are.
func TestFlipsDoNotMoveVoxels(t *testing.T) {
	v := noise([3]int{30, 25, 20}, 4)
	run := func(o Options) []uint8 {
		net := &fakeNet{patch: [3]int{16, 16, 8}, classes: threeClasses, voxel: byHU}
		labels, _, err := Predict(context.Background(), net, v, o)
		if err != nil {
			t.Fatal(err)
		}
		return labels.Data
	}
	plain := run(Options{Overlap: 0.25})
	if flipped := run(Options{Overlap: 0.25, Workers: 3, Batch: 2, Flips: [3]bool{true, true, true}}); !slices.Equal(plain, flipped) {
		t.Error("flips changed the labels of a network that sees no neighbours")
	}
}
