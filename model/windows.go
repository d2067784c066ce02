package model

import "math"

// sigmaScale is the Gaussian's standard deviation as a part of the patch's
// edge: MONAI's default for mode="gaussian".
const sigmaScale = 0.125

// minWeight keeps a patch's corners in the sum (MONAI, compute_importance_map).
const minWeight = 1e-3

// scan returns where windows of size patch start along an axis of size voxels,
// size ≥ patch, as MONAI's dense_patch_slices does: every
// int(patch·(1−overlap)) voxels, the last one drawn back to end with the axis.
func scan(size, patch int, overlap float64) []int {
	if size == patch {
		return []int{0}
	}
	interval := max(1, int(float64(patch)*(1-overlap)))
	var starts []int
	for at := 0; ; at += interval {
		if at+patch >= size {
			return append(starts, size-patch)
		}
		starts = append(starts, at)
	}
}

// gaussian returns the weight of each voxel of a patch, x fastest: the product
// of three Gaussians around its centre, at least minWeight.
func gaussian(patch [3]int) []float32 {
	var along [3][]float64
	for a, n := range patch {
		sigma := sigmaScale * float64(n)
		along[a] = make([]float64, n)
		for i := range along[a] {
			d := float64(i) - float64(n-1)/2
			along[a][i] = math.Exp(-d * d / (2 * sigma * sigma))
		}
	}
	w := make([]float32, 0, patch[0]*patch[1]*patch[2])
	for z := range patch[2] {
		for y := range patch[1] {
			for x := range patch[0] {
				w = append(w, float32(max(minWeight, along[0][x]*along[1][y]*along[2][z])))
			}
		}
	}
	return w
}
