package niftiio

import (
	"math"

	"ctcohort/model/volume"
)

// flipXY turns LPS into RAS and back.
var flipXY = [3]float64{-1, -1, 1}

// toRAS returns the three rows of the affine from voxel index to RAS mm.
func toRAS(g volume.Grid) (rows [3][4]float64) {
	for r := range 3 {
		for c := range 3 {
			rows[r][c] = flipXY[r] * g.Direction[3*r+c] * g.SpacingMM[c]
		}
		rows[r][3] = flipXY[r] * g.OriginMM[r]
	}
	return rows
}

// fromRAS returns an affine's steps along its index axes and its origin, in LPS.
func fromRAS(affine [3][4]float64) (steps [3][3]float64, origin [3]float64) {
	for r, row := range affine {
		for c := range 3 {
			steps[c][r] = flipXY[r] * row[c]
		}
		origin[r] = flipXY[r] * row[3]
	}
	return steps, origin
}

// quaternion is a rotation as the qform holds it: b, c, d of a unit quaternion
// whose first part is not negative, and −1 where the third axis is to be flipped.
type quaternion struct{ b, c, d, qfac float64 }

// toQuaternion follows nifti_mat44_to_quatern on the RAS direction of g.
func toQuaternion(g volume.Grid) quaternion {
	var r [3][3]float64
	for i := range 3 {
		for j := range 3 {
			r[i][j] = flipXY[i] * g.Direction[3*i+j]
		}
	}
	q := quaternion{qfac: 1}
	det := r[0][0]*(r[1][1]*r[2][2]-r[1][2]*r[2][1]) -
		r[0][1]*(r[1][0]*r[2][2]-r[1][2]*r[2][0]) +
		r[0][2]*(r[1][0]*r[2][1]-r[1][1]*r[2][0])
	if det < 0 {
		q.qfac = -1
		for i := range r {
			r[i][2] = -r[i][2]
		}
	}
	var a float64
	if t := 1 + r[0][0] + r[1][1] + r[2][2]; t > 0.5 {
		a = 0.5 * math.Sqrt(t)
		q.b = 0.25 * (r[2][1] - r[1][2]) / a
		q.c = 0.25 * (r[0][2] - r[2][0]) / a
		q.d = 0.25 * (r[1][0] - r[0][1]) / a
		return q
	}
	x, y, z := 1+r[0][0]-r[1][1]-r[2][2], 1+r[1][1]-r[0][0]-r[2][2], 1+r[2][2]-r[0][0]-r[1][1]
	switch {
	case x > 1:
		q.b = 0.5 * math.Sqrt(x)
		q.c = 0.25 * (r[0][1] + r[1][0]) / q.b
		q.d = 0.25 * (r[0][2] + r[2][0]) / q.b
		a = 0.25 * (r[2][1] - r[1][2]) / q.b
	case y > 1:
		q.c = 0.5 * math.Sqrt(y)
		q.b = 0.25 * (r[0][1] + r[1][0]) / q.c
		q.d = 0.25 * (r[1][2] + r[2][1]) / q.c
		a = 0.25 * (r[0][2] - r[2][0]) / q.c
	default:
		q.d = 0.5 * math.Sqrt(z)
		q.b = 0.25 * (r[0][2] + r[2][0]) / q.d
		q.c = 0.25 * (r[1][2] + r[2][1]) / q.d
		a = 0.25 * (r[1][0] - r[0][1]) / q.d
	}
	if a < 0 {
		q.b, q.c, q.d = -q.b, -q.c, -q.d
	}
	return q
}

// affine returns the RAS affine of the qform, as nifti_quatern_to_mat44 does.
func (q quaternion) affine(spacingMM, originMM [3]float64) (rows [3][4]float64) {
	a, b, c, d := 1-(q.b*q.b+q.c*q.c+q.d*q.d), q.b, q.c, q.d
	if a < 1e-7 {
		n := 1 / math.Sqrt(b*b+c*c+d*d)
		a, b, c, d = 0, b*n, c*n, d*n
	} else {
		a = math.Sqrt(a)
	}
	m := [3][3]float64{
		{a*a + b*b - c*c - d*d, 2 * (b*c - a*d), 2 * (b*d + a*c)},
		{2 * (b*c + a*d), a*a + c*c - b*b - d*d, 2 * (c*d - a*b)},
		{2 * (b*d - a*c), 2 * (c*d + a*b), a*a + d*d - b*b - c*c},
	}
	for r := range 3 {
		for col := range 3 {
			rows[r][col] = m[r][col] * spacingMM[col]
		}
		rows[r][2] *= q.qfac
		rows[r][3] = originMM[r]
	}
	return rows
}
