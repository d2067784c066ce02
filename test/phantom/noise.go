package phantom

import (
	"math"
	"math/rand/v2"
	"sync"
)

const tileSize = 64 // a power of two: indices wrap by masking

// tile is periodic noise on a tileSize³ lattice, mean 0 and variance 1.
type tile []float32

// Two tiles serve all fields of all patients; a field is a tile at its own
// scale and offset. smooth varies over some three lattice cells, rough over one.
var (
	smoothTile = sync.OnceValue(func() tile { return makeTile(1, 3) })
	roughTile  = sync.OnceValue(func() tile { return makeTile(2, 1) })
)

func makeTile(seed uint64, blurs int) tile {
	r := rand.New(rand.NewPCG(seed, 0x7068616e746f6d))
	t := make(tile, tileSize*tileSize*tileSize)
	for i := range t {
		t[i] = float32(r.NormFloat64())
	}
	out := make(tile, len(t))
	for range blurs {
		for _, stride := range [3]int{1, tileSize, tileSize * tileSize} {
			for i := range t {
				at := (i / stride) % tileSize
				base := i - at*stride
				before := base + ((at+tileSize-1)%tileSize)*stride
				after := base + ((at+1)%tileSize)*stride
				out[i] = 0.25*t[before] + 0.5*t[i] + 0.25*t[after]
			}
			t, out = out, t
		}
	}
	var sum float64
	for _, v := range t {
		sum += float64(v) * float64(v)
	}
	scale := float32(1 / math.Sqrt(sum/float64(len(t))))
	for i := range t {
		t[i] *= scale
	}
	return t
}

// field is a tile at cellMM a lattice cell, moved by offset. It is read by
// plane, then row, then x, which costs one interpolation a voxel.
type field struct {
	tile    tile
	perMM   float64
	offset  vec
	plane   []float32
	row     [tileSize + 1]float32
	planeAt float64
}

func newField(d dice, t tile, cellMM float64) *field {
	return &field{
		tile: t, perMM: 1 / cellMM,
		offset:  vec{d.between(0, tileSize), d.between(0, tileSize), d.between(0, tileSize)},
		plane:   make([]float32, tileSize*tileSize),
		planeAt: math.NaN(),
	}
}

// split returns the lattice cell of coordinate v and the place within it.
func (f *field) split(v float64, axis int) (int, float32) {
	v = v*f.perMM + f.offset[axis] + 1024*tileSize
	i := int(v)
	return i & (tileSize - 1), float32(v - float64(i))
}

func (f *field) toPlane(z float64) {
	if z == f.planeAt {
		return
	}
	f.planeAt = z
	i, t := f.split(z, 2)
	a := f.tile[i*tileSize*tileSize:][:tileSize*tileSize]
	b := f.tile[((i+1)&(tileSize-1))*tileSize*tileSize:][:tileSize*tileSize]
	for k := range f.plane {
		f.plane[k] = a[k] + (b[k]-a[k])*t
	}
}

func (f *field) toRow(y float64) {
	i, t := f.split(y, 1)
	a := f.plane[i*tileSize:][:tileSize]
	b := f.plane[((i+1)&(tileSize-1))*tileSize:][:tileSize]
	for k := range a {
		f.row[k] = a[k] + (b[k]-a[k])*t
	}
	f.row[tileSize] = f.row[0]
}

// at returns the field at x of the row last set.
func (f *field) at(x float64) float64 {
	i, t := f.split(x, 0)
	return float64(f.row[i] + (f.row[i+1]-f.row[i])*t)
}

// point returns the field at p without moving plane and row.
func (f *field) point(p vec) float64 {
	x, tx := f.split(p[0], 0)
	y, ty := f.split(p[1], 1)
	z, tz := f.split(p[2], 2)
	line := func(y, z int) float32 {
		row := f.tile[((z&(tileSize-1))*tileSize+(y&(tileSize-1)))*tileSize:][:tileSize]
		return row[x] + (row[(x+1)&(tileSize-1)]-row[x])*tx
	}
	near := line(y, z) + (line(y+1, z)-line(y, z))*ty
	far := line(y, z+1) + (line(y+1, z+1)-line(y, z+1))*ty
	return float64(near + (far-near)*tz)
}
