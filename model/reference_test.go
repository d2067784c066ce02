package model

import (
	"context"
	"fmt"
	"math"
	"testing"

	"ctcohort/model/volume"
)

// monai computes what sliding_window_inference(roi_size, mode="gaussian",
// sigma_scale=0.125, padding_mode="constant", cval=-1024) of MONAI 1.5 returns,
// written from its formulae in float64 with the whole volume in memory, and in
// its axis order (first axis outermost): out[class][z, y, x].
func monai(n Network, v *volume.Volume[int16], overlap float64) [][]float64 {
	classes := len(n.Spec().Classes)
	roi, image := [3]int{}, [3]int{}
	for a := range 3 { // z, y, x
		roi[a], image[a] = n.Spec().PatchSize[2-a], v.Size[2-a]
	}
	var padFront, padded [3]int
	for a := range 3 {
		diff := max(roi[a]-image[a], 0)
		padFront[a] = diff / 2
		padded[a] = image[a] + diff
	}
	at := func(i, j, k int) int { return (i*padded[1]+j)*padded[2] + k }
	input := make([]float32, padded[0]*padded[1]*padded[2])
	for i := range input {
		input[i] = -1024
	}
	for i := range image[0] {
		for j := range image[1] {
			for k := range image[2] {
				input[at(i+padFront[0], j+padFront[1], k+padFront[2])] = float32(v.At(k, j, i))
			}
		}
	}
	// _get_scan_interval and dense_patch_slices
	var starts [3][]int
	for a := range 3 {
		interval := roi[a]
		if roi[a] != padded[a] {
			interval = max(int(float64(roi[a])*(1-overlap)), 1)
		}
		num := int(math.Ceil(float64(padded[a]) / float64(interval)))
		for d := range num {
			start := d * interval
			starts[a] = append(starts[a], start-max(start+roi[a]-padded[a], 0))
			if start+roi[a] >= padded[a] {
				break
			}
		}
	}
	// compute_importance_map
	importance := func(i, j, k int) float64 {
		w := 1.0
		for a, x := range [3]int{i, j, k} {
			sigma := 0.125 * float64(roi[a])
			d := -float64(roi[a]-1)/2 + float64(x)
			w *= math.Exp(d * d / (-2 * sigma * sigma))
		}
		return max(w, 1e-3)
	}
	out := make([][]float64, classes)
	for c := range out {
		out[c] = make([]float64, len(input))
	}
	weight := make([]float64, len(input))
	for _, s0 := range starts[0] {
		for _, s1 := range starts[1] {
			for _, s2 := range starts[2] {
				var window []float32
				for i := range roi[0] {
					for j := range roi[1] {
						window = append(window, input[at(s0+i, s1+j, s2):][:roi[2]]...)
					}
				}
				p, err := n.Run(window, 1, n.Spec().PatchSize)
				if err != nil {
					panic(err)
				}
				for i := range roi[0] {
					for j := range roi[1] {
						for k := range roi[2] {
							to, w := at(s0+i, s1+j, s2+k), importance(i, j, k)
							weight[to] += w
							for c := range out {
								out[c][to] += w * float64(p[c*len(window)+(i*roi[1]+j)*roi[2]+k])
							}
						}
					}
				}
			}
		}
	}
	cropped := make([][]float64, classes)
	for c := range out {
		for i := range image[0] {
			for j := range image[1] {
				for k := range image[2] {
					from := at(i+padFront[0], j+padFront[1], k+padFront[2])
					cropped[c] = append(cropped[c], out[c][from]/weight[from])
				}
			}
		}
	}
	return cropped
}

// TestSlideEqualsMONAI takes a network whose answer depends on the place in the
// patch, so that every weight shows.
func TestSlideEqualsMONAI(t *testing.T) {
	tests := []struct {
		size, patch [3]int
		overlap     float64
		reason      string
	}{
		{[3]int{16, 16, 8}, [3]int{16, 16, 8}, 0.25, "one window"},
		{[3]int{41, 33, 29}, [3]int{16, 8, 24}, 0.25, "three different edges, none a multiple"},
		{[3]int{40, 28, 22}, [3]int{16, 16, 8}, 0.5, "half overlap"},
		{[3]int{40, 28, 22}, [3]int{16, 16, 8}, 0, "no overlap but at the end"},
		{[3]int{19, 11, 9}, [3]int{8, 8, 8}, 0.99, "an interval below one voxel"},
		{[3]int{9, 30, 5}, [3]int{16, 16, 16}, 0.25, "smaller than the patch in two axes, odd padding"},
		{[3]int{1, 1, 1}, [3]int{8, 8, 8}, 0.25, "one voxel"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.size, tt.patch, tt.overlap), func(t *testing.T) {
			net := &fakeNet{patch: tt.patch, classes: threeClasses, voxel: func(hu float32, x, y, z int) []float32 {
				a := float32((x*7+y*13+z*29)%17) / 17 * 0.4
				b := (hu + 1024) / 4000
				return []float32{a, b, 1 - a - b}
			}}
			v := noise(tt.size, 3)
			want := monai(net, v, tt.overlap)
			s := newSlider(net, v, Options{Overlap: tt.overlap, Workers: 2, Batch: 1})
			worst, slices := 0.0, 0
			err := s.slide(context.Background(), func(z int, sums []float32) error {
				if z != slices {
					t.Fatalf("slice %d emitted in place of %d", z, slices)
				}
				slices++
				area := s.size[0] * s.size[1]
				for y := range v.Size[1] {
					for x := range v.Size[0] {
						at := (y+s.before[1])*s.size[0] + x + s.before[0]
						total := 0.0
						for c := range threeClasses {
							total += float64(sums[c*area+at])
						}
						for c := range threeClasses {
							got := float64(sums[c*area+at]) / total
							worst = max(worst, math.Abs(got-want[c][(z*v.Size[1]+y)*v.Size[0]+x]))
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if slices != v.Size[2] {
				t.Errorf("%s: %d slices emitted, want %d", tt.reason, slices, v.Size[2])
			}
			if worst > 2e-6 {
				t.Errorf("%s: max |Δp| = %g against MONAI's formulae, want float32's rounding", tt.reason, worst)
			}
		})
	}
}
