package niftiio

import (
	"math"

	"ctcohort/io/voxelio"
	"ctcohort/model/volume"
)

// grid returns the volume's grid, refusing more than maxVoxels. Of the two
// affines that a header may hold, the sform is taken where it is the scanner's,
// agrees with the qform or is alone, else the qform: ITK's reader chooses so too,
// but for a scanner's sform that is sheared, in place of which it takes the
// qform and which here is an error. Spacing is the affine's, and pixdim's where
// they agree. Where there is no affine, the axes are taken for LPS, as ITK does.
func (h header) grid(maxVoxels int) (volume.Grid, error) {
	size, err := h.size(maxVoxels)
	if err != nil {
		return volume.Grid{}, err
	}
	unit, err := h.unitMM()
	if err != nil {
		return volume.Grid{}, err
	}
	var spacing, offset [3]float64
	for c := range 3 {
		spacing[c], offset[c] = h.pixdim[c+1]*unit, h.qOffset[c]*unit
	}
	if h.qform <= 0 && h.sform <= 0 {
		return voxelio.Grid(size, [3][3]float64{{spacing[0]}, {0, spacing[1]}, {0, 0, spacing[2]}}, [3]float64{}, spacing)
	}
	q := h.quaternion
	q.qfac = 1
	if h.pixdim[0] < 0 {
		q.qfac = -1
	}
	affine := q.affine(spacing, offset)
	if sform := scaled(h.srow, unit); h.sform > 0 && (h.qform <= 0 || h.sform == scannerAnatomical || similar(sform, affine)) {
		affine = sform
	}
	steps, origin := fromRAS(affine)
	return voxelio.Grid(size, steps, origin, spacing)
}

func scaled(rows [3][4]float64, factor float64) [3][4]float64 {
	for r := range rows {
		for c := range rows[r] {
			rows[r][c] *= factor
		}
	}
	return rows
}

// itkSimilar is within what sform and qform are one to ITK.
const itkSimilar = 1e-4

// similar says whether two affines are one but for rounding.
func similar(a, b [3][4]float64) bool {
	for r := range a {
		for c := range a[r] {
			if !(math.Abs(a[r][c]-b[r][c]) <= itkSimilar) {
				return false
			}
		}
	}
	return true
}
