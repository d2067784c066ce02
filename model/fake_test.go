package model

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"ctcohort/model/volume"
)

// fakeNet is a Network of pure Go. voxel returns the probabilities of one
// voxel from its HU and its place in the patch.
type fakeNet struct {
	patch   [3]int
	classes []string
	voxel   func(hu float32, x, y, z int) []float32
	before  func(call int) error // at the start of each call
	calls   atomic.Int32
	mu      sync.Mutex
	now     int
	most    int // calls in progress at once
	largest int // batch of a call
}

func (f *fakeNet) Spec() Spec {
	return Spec{Name: "fake", SpacingMM: [3]float64{3, 3, 3}, PatchSize: f.patch, Classes: f.classes}
}

func (f *fakeNet) Run(hu []float32, batch int, size [3]int) ([]float32, error) {
	call := int(f.calls.Add(1))
	f.mu.Lock()
	f.now++
	f.most, f.largest = max(f.most, f.now), max(f.largest, batch)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.now--
		f.mu.Unlock()
	}()
	if f.before != nil {
		if err := f.before(call); err != nil {
			return nil, err
		}
	}
	n := size[0] * size[1] * size[2]
	out := make([]float32, batch*len(f.classes)*n)
	for i, h := range hu {
		at := i % n
		for c, p := range f.voxel(h, at%size[0], at/size[0]%size[1], at/size[0]/size[1]) {
			out[(i/n*len(f.classes)+c)*n+at] = p
		}
	}
	return out, nil
}

var threeClasses = []string{"background", "lung", "infection"}

// byHU calls lung what lies below −600 HU and infection up to −200.
func byHU(hu float32, _, _, _ int) []float32 {
	switch {
	case hu < -600:
		return []float32{0.1, 0.8, 0.1}
	case hu < -200:
		return []float32{0.1, 0.3, 0.6}
	}
	return []float32{0.7, 0.2, 0.1}
}

func gridOf(size [3]int) volume.Grid {
	return volume.Grid{Size: size, SpacingMM: [3]float64{3, 3, 3}, OriginMM: [3]float64{-30, 20, 5}, Direction: volume.Identity()}
}

func noise(size [3]int, seed uint64) *volume.Volume[int16] {
	v := volume.New[int16](gridOf(size))
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range v.Data {
		v.Data[i] = int16(r.IntN(1300) - 1000)
	}
	return v
}

// box sets the voxels from (inclusive) to to (exclusive).
func box[T volume.Voxel](v *volume.Volume[T], from, to [3]int, value T) {
	for z := from[2]; z < to[2]; z++ {
		for y := from[1]; y < to[1]; y++ {
			for x := from[0]; x < to[0]; x++ {
				v.Data[(z*v.Size[1]+y)*v.Size[0]+x] = value
			}
		}
	}
}

func count(labels []uint8, label uint8) (n int) {
	for _, l := range labels {
		if l == label {
			n++
		}
	}
	return n
}
