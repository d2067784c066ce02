package tile

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcohort/model/volume"
	"ctcohort/schemas"
)

var who = Subject{PatientID: "0123456789abcdef", SeriesUID: "2.25.1"}

func gridOf(x, y, z int) volume.Grid {
	return volume.Grid{Size: [3]int{x, y, z}, SpacingMM: [3]float64{0.5, 2, 3}, OriginMM: [3]float64{-10, 20, 30}, Direction: volume.Identity()}
}

// labelled returns a label map with one value in a box.
func labelled(g volume.Grid, value byte, from, size [3]int) *volume.Volume[uint8] {
	v := volume.New[uint8](g)
	paint(v, value, from, size)
	return v
}

func paint(v *volume.Volume[uint8], value byte, from, size [3]int) {
	for z := range size[2] {
		for y := range size[1] {
			for x := range size[0] {
				v.Data[((from[2]+z)*v.Size[1]+from[1]+y)*v.Size[0]+from[0]+x] = value
			}
		}
	}
}

func options(size [3]int, count int) Options {
	return Options{Size: size, Count: count, Foreground: 1.0 / 3, Mode: Random, Seed: 1}
}

func TestWindowsAreFixed(t *testing.T) {
	// Were these to change, every shard of every cohort would: they may only
	// with an entry in the change log. Computed by this package at its first version.
	g := gridOf(100, 90, 80)
	label := labelled(g, infection, [3]int{10, 40, 50}, [3]int{5, 5, 5})
	want := []Window{{0, [3]int{0, 28, 43}}, {1, [3]int{68, 12, 37}}, {2, [3]int{16, 37, 48}}, {3, [3]int{0, 25, 45}}, {4, [3]int{63, 10, 9}}, {5, [3]int{39, 58, 35}}}
	if got := Windows(g, label, who, options([3]int{32, 32, 16}, 6)); !cmp.Equal(got, want) {
		t.Errorf("Windows = %v; want %v", got, want)
	}
}

func TestWindowsDependOnSeedPatientAndSeries(t *testing.T) {
	g := gridOf(200, 200, 200)
	o := options([3]int{16, 16, 16}, 8)
	first := Windows(g, nil, who, o)
	if !cmp.Equal(first, Windows(g, nil, who, o)) {
		t.Error("other windows the second time")
	}
	seed := o
	seed.Seed = 2
	for name, other := range map[string][]Window{
		"seed":    Windows(g, nil, who, seed),
		"patient": Windows(g, nil, Subject{"x", who.SeriesUID}, o),
		"series":  Windows(g, nil, Subject{who.PatientID, "2.25.2"}, o),
		"parts":   Windows(g, nil, Subject{who.PatientID + "2", ".25.1"}, o),
	} {
		if cmp.Equal(first, other) {
			t.Errorf("the same windows for another %s", name)
		}
	}
	more := o
	more.Count = 20
	if !cmp.Equal(first, Windows(g, nil, who, more)[:8]) {
		t.Error("asking for more windows changes the first ones")
	}
}

func TestAThirdIsCentredOnForeground(t *testing.T) {
	g := gridOf(100, 100, 60)
	size := [3]int{20, 20, 10}
	lungOnly := labelled(g, lung, [3]int{30, 30, 30}, [3]int{3, 3, 3})
	both := labelled(g, lung, [3]int{60, 60, 40}, [3]int{20, 20, 10})
	paint(both, infection, [3]int{30, 30, 30}, [3]int{3, 3, 3})
	for name, label := range map[string]*volume.Volume[uint8]{"lung": lungOnly, "infection before lung": both} {
		for i, w := range Windows(g, label, who, options(size, 30)) {
			centred := true
			for c := range 3 {
				centre := w.From[c] + size[c]/2
				centred = centred && centre >= 30 && centre < 33
			}
			if centred != (i%3 == 0) {
				t.Errorf("%s: window %d at %v is centred on foreground: %v", name, i, w.From, centred)
			}
		}
	}
}

func TestForegroundShares(t *testing.T) {
	for _, c := range []struct {
		share  float64
		count  int
		want   int
		reason string
	}{
		{0, 16, 0, "none"}, {1, 16, 16, "all"}, {1.0 / 3, 16, 6, "rounded up"}, {1.0 / 3, 3, 1, "3·⅓ is 1"},
		{0.1, 10, 1, "sums of tenths are not exact"}, {0.5, 2, 1, "half"},
	} {
		n := 0
		for i := range c.count {
			if isForeground(i, c.share) {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%d of %d windows for a share of %g; want %d: %s", n, c.count, c.share, c.want, c.reason)
		}
	}
}

// Each foreground voxel is drawn with the same chance, in every plane and row.
func TestForegroundIsDrawnEvenly(t *testing.T) {
	g := gridOf(7, 5, 4)
	label := volume.New[uint8](g)
	voxels := []int{0, 6, 7, 34, 35, 70, 139}
	for _, i := range voxels {
		label.Data[i] = infection
	}
	f, d := findForeground(label), newDraw(1, who)
	const draws = 7000
	seen := map[int]int{}
	for range draws {
		at, hit := f.draw(d)
		if !hit {
			t.Fatal("nothing is drawn")
		}
		seen[(at[2]*5+at[1])*7+at[0]]++
	}
	for i, n := range seen {
		if !slices.Contains(voxels, i) {
			t.Errorf("voxel %d is drawn, which is background", i)
		} else if math.Abs(float64(n)-draws/7) > 5*math.Sqrt(draws/7) {
			t.Errorf("voxel %d is drawn %d times of %d; want about a seventh", i, n, draws)
		}
	}
	if len(seen) != len(voxels) {
		t.Errorf("%d of %d voxels are ever drawn", len(seen), len(voxels))
	}
}

// Whatever the sizes, windows lie within the volume, or hold it in their middle.
func TestWindowsLieWithin(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 3))
		g := gridOf(1+r.IntN(40), 1+r.IntN(40), 1+r.IntN(40))
		o := options([3]int{1 + r.IntN(30), 1 + r.IntN(30), 1 + r.IntN(30)}, 9)
		o.Mode = []string{Random, Grid}[seed%2]
		label := labelled(g, lung, [3]int{g.Size[0] - 1, 0, g.Size[2] - 1}, [3]int{1, 1, 1})
		covered := volume.New[uint8](g)
		windows := Windows(g, label, who, o)
		for i, w := range windows {
			if w.Index != i {
				t.Fatalf("seed %d: window %d has index %d", seed, i, w.Index)
			}
			for c := range 3 {
				from, to := w.From[c], w.From[c]+o.Size[c]
				if g.Size[c] >= o.Size[c] && (from < 0 || to > g.Size[c]) {
					t.Fatalf("seed %d: a window of %v at %v leaves a volume of %v", seed, o.Size, w.From, g.Size)
				}
				if before, after := -from, to-g.Size[c]; g.Size[c] < o.Size[c] && before != after && before != after-1 {
					t.Fatalf("seed %d: a volume of %v is not in the middle of a window of %v at %v", seed, g.Size, o.Size, w.From)
				}
			}
			if o.Mode == Grid {
				lo, hi := [3]int{}, [3]int{}
				for c := range 3 {
					lo[c], hi[c] = max(0, w.From[c]), min(g.Size[c], w.From[c]+o.Size[c])
				}
				paint(covered, 1, lo, [3]int{hi[0] - lo[0], hi[1] - lo[1], hi[2] - lo[2]})
			}
		}
		if o.Mode == Grid {
			want := 1
			for c := range 3 {
				want *= int(math.Ceil(float64(g.Size[c]) / float64(o.Size[c])))
			}
			if len(windows) != want || slices.Contains(covered.Data, 0) {
				t.Fatalf("seed %d: %d windows of %v on %v; want %d that cover it", seed, len(windows), o.Size, g.Size, want)
			}
		}
	}
}

func TestUniformWindowsReachEverywhere(t *testing.T) {
	g := gridOf(12, 10, 9)
	seen := map[[3]int]bool{}
	for _, w := range Windows(g, nil, who, options([3]int{10, 9, 9}, 400)) {
		seen[w.From] = true
	}
	if len(seen) != 3*2*1 {
		t.Errorf("%d places are drawn of 6", len(seen))
	}
}

func TestCut(t *testing.T) {
	g := gridOf(6, 5, 4)
	v := volume.New[int16](g)
	for i := range v.Data {
		v.Data[i] = int16(i - 60)
	}
	label := labelled(g, lung, [3]int{0, 0, 0}, [3]int{2, 2, 2})
	paint(label, infection, [3]int{0, 0, 0}, [3]int{1, 1, 1})
	size := [3]int{4, 3, 2}
	p := Cut(v, label, who, Window{Index: 5, From: [3]int{-1, 0, 1}}, size)
	for z := range 2 {
		for y := range 3 {
			for x := range 4 {
				i := (z*3+y)*4 + x
				want, wantLabel := int16(-1024), byte(0)
				if x > 0 {
					want, wantLabel = v.At(x-1, y, z+1), label.At(x-1, y, z+1)
				}
				if got := int16(binary.LittleEndian.Uint16(p.Image[2*i:])); got != want || p.Label[i] != wantLabel {
					t.Fatalf("voxel %d,%d,%d is %d with label %d; want %d with %d", x, y, z, got, p.Label[i], want, wantLabel)
				}
			}
		}
	}
	// Of 24 voxels, plane z=1 of the volume has 4 of lung and none of infection.
	if p.LungFraction != float32(4.0/24) || p.InfectionFraction != 0 || !p.HasLabel || p.Index != 5 {
		t.Errorf("lung %g, infection %g, label %v, index %d", p.LungFraction, p.InfectionFraction, p.HasLabel, p.Index)
	}
	if got, want := [3]float64{p.OriginXMM, p.OriginYMM, p.OriginZMM}, ([3]float64{-10.5, 20, 33}); got != want {
		t.Errorf("origin %v mm; want %v", got, want)
	}
	if p.OriginX != -1 || p.OriginZ != 1 || p.SpacingY != 2 || p.SizeX != 4 || p.SizeZ != 2 {
		t.Errorf("geometry %+v", p)
	}
	without := Cut(v, nil, who, Window{}, size)
	if without.HasLabel || len(without.Label) != 24 || slices.Max(without.Label) != 0 {
		t.Error("a patch without a reference has a label")
	}
	ill := Cut(v, label, who, Window{}, size)
	if ill.LungFraction != float32(8.0/24) || ill.InfectionFraction != float32(1.0/24) {
		t.Errorf("lung %g, infection %g; want 8 and 1 of 24, for infection is in the lung", ill.LungFraction, ill.InfectionFraction)
	}
}

func TestShards(t *testing.T) {
	size, limit := [3]int{128, 128, 64}, int64(256<<20)
	cohort := func(patients, patches int) map[string]int {
		all := map[string]int{}
		for i := range patients {
			all[fmt.Sprint("patient", i)] = patches
		}
		return all
	}
	for _, c := range []struct {
		name        string
		patches     map[string]int
		format      string
		limit       int64
		least, most int // number of shards
		fullest     int // patches of the fullest shard, at most
	}{
		{"nobody", nil, schemas.PatchParquet, limit, 1, 1, 0},
		{"one shard's worth", cohort(10, 16), schemas.PatchParquet, limit, 1, 1, 160}, // 1.35 MiB each
		{"the paper's patients", cohort(731, 16), schemas.PatchParquet, limit, 62, 248, 189},
		{"the same, not compressed", cohort(731, 16), schemas.PatchArrow, limit, 138, 552, 85}, // 3 MiB each
		{"one patient beyond the limit", map[string]int{"a": 1000}, schemas.PatchParquet, limit, 1, 1, 1000},
		{"one huge patient among others", map[string]int{"a": 1000, "b": 5, "c": 5}, schemas.PatchParquet, limit, 2, 8, 1000},
		{"patches beyond the limit", cohort(4, 2), schemas.PatchArrow, 1 << 20, 4, 16, 2},
	} {
		each := StoredBytes(size, c.format)
		n := Shards(c.patches, each, c.limit)
		if n < c.least || n > c.most || n != Shards(c.patches, each, c.limit) {
			t.Errorf("%s: %d shards; want %d to %d, the same each time", c.name, n, c.least, c.most)
		}
		patches := make([]int, n)
		for patient, k := range c.patches {
			patches[Shard(patient, n)] += k
		}
		if most := slices.Max(patches); most > c.fullest {
			t.Errorf("%s: the fullest of %d shards has %d patches; want at most %d", c.name, n, most, c.fullest)
		}
	}
	if got := Shard("0123456789abcdef", 1000); got != 485 {
		t.Errorf("Shard = %d; want 485, as computed with Python's hashlib", got)
	}
	for format, want := range map[string]string{
		schemas.PatchParquet: "patches/cohort=china/split=train/part-00003-of-00138.parquet",
		schemas.PatchArrow:   "patches/cohort=china/split=train/part-00003-of-00138.arrow",
		schemas.PatchTensor:  "patches/cohort=china/split=train/part-00003-of-00138.arrow",
	} {
		if got := ShardName("china", "train", 3, 138, format); got != want || !IsShard(got) {
			t.Errorf("ShardName(%s) = %s; want %s", format, got, want)
		}
	}
	if IsShard("patches/_SUCCESS") {
		t.Error("the manifest is taken for a shard")
	}
}

func BenchmarkCut(b *testing.B) {
	v, label := volume.New[int16](gridOf(320, 320, 300)), volume.New[uint8](gridOf(320, 320, 300))
	o := DefaultOptions()
	windows := Windows(v.Grid, label, who, o)
	b.SetBytes(3 * 128 * 128 * 64)
	i := 0
	for b.Loop() {
		Cut(v, label, who, windows[i%len(windows)], o.Size)
		i++
	}
}

func BenchmarkWindows(b *testing.B) {
	g := gridOf(320, 320, 300)
	label := labelled(g, lung, [3]int{50, 50, 50}, [3]int{200, 200, 200})
	for b.Loop() {
		Windows(g, label, who, DefaultOptions())
	}
}
