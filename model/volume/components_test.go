package volume

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestComponentsKnownAnswers(t *testing.T) {
	tests := []struct {
		name           string
		size           [3]int
		mask           string // '#' is true
		six, twentySix []int
	}{
		{"nothing", [3]int{3, 1, 1}, "...", nil, nil},
		{"no voxels", [3]int{0, 4, 4}, "", nil, nil},
		{"two runs", [3]int{5, 1, 1}, "##.#.", []int{2, 1}, []int{2, 1}},
		{"an edge joins with 26 only", [3]int{2, 2, 1}, "#..#", []int{1, 1}, []int{2}},
		{"a corner joins with 26 only", [3]int{2, 2, 2}, "#......#", []int{1, 1}, []int{2}},
		{"a corner the other way", [3]int{2, 2, 2}, "..#..#..", []int{1, 1}, []int{2}},
		{"a face along z", [3]int{1, 1, 2}, "##", []int{2}, []int{2}},
		{"two arms that meet below", [3]int{3, 2, 1}, "#.####", []int{5}, []int{5}},
		{"rows do not wrap", [3]int{3, 2, 1}, "..##..", []int{1, 1}, []int{1, 1}},
	}
	for _, test := range tests {
		mask := make([]bool, len(test.mask))
		for i, c := range test.mask {
			mask[i] = c == '#'
		}
		for connectivity, want := range map[int][]int{6: test.six, 26: test.twentySix} {
			if _, got := Components(mask, test.size, connectivity); !slices.Equal(got, want) {
				t.Errorf("%s: Components(%q, %d) has sizes %v, want %v", test.name, test.mask, connectivity, got, want)
			}
		}
	}
}

// flood is the plain way to the same answer.
func flood(mask []bool, size [3]int, connectivity int) (ids []int32, sizes []int) {
	ids = make([]int32, len(mask))
	for start := range mask {
		if !mask[start] || ids[start] != 0 {
			continue
		}
		sizes = append(sizes, 0)
		id := int32(len(sizes))
		ids[start] = id
		for stack := []int{start}; len(stack) > 0; {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			sizes[id-1]++
			x, y, z := i%size[0], i/size[0]%size[1], i/size[0]/size[1]
			for n := range 27 {
				dx, dy, dz := n%3-1, n/3%3-1, n/9-1
				if connectivity == 6 && dx*dx+dy*dy+dz*dz != 1 {
					continue
				}
				u, v, w := x+dx, y+dy, z+dz
				if u < 0 || v < 0 || w < 0 || u >= size[0] || v >= size[1] || w >= size[2] {
					continue
				}
				if k := (w*size[1]+v)*size[0] + u; mask[k] && ids[k] == 0 {
					ids[k] = id
					stack = append(stack, k)
				}
			}
		}
	}
	return ids, sizes
}

func TestComponentsEqualFloodFill(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{{17, 13, 11}, {1, 20, 20}, {20, 1, 20}, {64, 2, 3}} {
		for _, density := range []float64{0.05, 0.15, 0.3, 0.5, 0.9} {
			mask := make([]bool, size[0]*size[1]*size[2])
			for i := range mask {
				mask[i] = r.Float64() < density
			}
			for _, connectivity := range []int{6, 26} {
				ids, sizes := Components(mask, size, connectivity)
				wantIDs, wantSizes := flood(mask, size, connectivity)
				if !slices.Equal(ids, wantIDs) || !slices.Equal(sizes, wantSizes) {
					t.Errorf("Components of %v at density %v, %d: %d components, want %d", size, density, connectivity, len(sizes), len(wantSizes))
				}
			}
		}
	}
}

func BenchmarkComponents(b *testing.B) {
	size := [3]int{256, 256, 256}
	mask := make([]bool, size[0]*size[1]*size[2])
	r := rand.New(rand.NewPCG(1, 2))
	for i := range mask {
		mask[i] = r.Float64() < 0.3
	}
	for _, connectivity := range []int{6, 26} {
		b.Run(fmt.Sprint(connectivity), func(b *testing.B) {
			for b.Loop() {
				Components(mask, size, connectivity)
			}
		})
	}
}
