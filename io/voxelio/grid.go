package voxelio

import (
	"fmt"
	"math"

	"ctcohort/model/volume"
)

const (
	// maxCosine is how far from a right angle two axes may be. Cosines written
	// with four digits keep within it.
	maxCosine = 1e-3

	minSpacingMM, maxSpacingMM = 1e-4, 1e4
	maxOriginMM                = 1e7
)

// Grid returns the grid whose index axis c goes by steps[c], in mm in LPS. Where
// the length of a step agrees with spacingMM, which many writers round less,
// that is the spacing. The error wraps ErrGeometry.
func Grid(size [3]int, steps [3][3]float64, originMM, spacingMM [3]float64) (volume.Grid, error) {
	g := volume.Grid{Size: size}
	for c, step := range steps {
		norm := math.Sqrt(dot(step, step))
		if !(norm >= minSpacingMM && norm <= maxSpacingMM) {
			return g, fmt.Errorf("%w: axis %d has a spacing of %g mm", ErrGeometry, c, norm)
		}
		g.SpacingMM[c] = norm
		if math.Abs(spacingMM[c]-norm) < 1e-5*norm {
			g.SpacingMM[c] = spacingMM[c]
		}
		for r := range 3 {
			g.Direction[3*r+c] = step[r]/norm + 0 // +0 makes −0 a plain 0
		}
	}
	for r, mm := range originMM {
		if !(math.Abs(mm) <= maxOriginMM) {
			return g, fmt.Errorf("%w: the origin lies at %g mm", ErrGeometry, mm)
		}
		g.OriginMM[r] = mm + 0
	}
	if a, b, cosine := skew(steps); !(math.Abs(cosine) <= maxCosine) {
		return g, fmt.Errorf("%w: axes %d and %d are not at right angles, their cosine is %.4f", ErrGeometry, a, b, cosine)
	}
	return g, nil
}

// skew returns the two axes that are furthest from a right angle, and the cosine
// between them; NaN where an axis has no length.
func skew(steps [3][3]float64) (a, b int, cosine float64) {
	for _, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
		u, v := steps[pair[0]], steps[pair[1]]
		cos := dot(u, v) / math.Sqrt(dot(u, u)*dot(v, v))
		if !(math.Abs(cos) <= math.Abs(cosine)) {
			a, b, cosine = pair[0], pair[1], cos
		}
		if math.IsNaN(cos) {
			break
		}
	}
	return a, b, cosine
}

func dot(u, v [3]float64) float64 { return u[0]*v[0] + u[1]*v[1] + u[2]*v[2] }
