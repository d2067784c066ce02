package volume

import (
	"fmt"
	"math"
)

// Interpolation is how Resample finds values between voxels.
type Interpolation string

// The interpolations of Resample.
const (
	Linear  Interpolation = "linear"  // trilinear, within the range of the input
	Nearest Interpolation = "nearest" // the nearest voxel, the higher one in the middle
	BSpline Interpolation = "bspline" // cubic B-spline through the voxels, mirrored at the edges
)

// AirHU is what lies outside a scan.
const AirHU = -1024

// MaxVoxels bounds what Resample makes, so that a spacing with a slipped decimal
// is an error and not an exhausted machine.
const MaxVoxels = 1 << 31

// Resample returns v on the grid v.Respaced(spacingMM), in HU rounded half away
// from zero and clamped to int16; where that is v's own grid, v itself. It uses workers goroutines, or one for each
// processor where workers is less than 1; the result does not depend on it.
//
// As in ITK, an output voxel whose centre lies outside v is air, −1024 HU. That
// happens in the last plane of an axis only, and only where the extent holds
// exactly half a voxel more than a whole number: the centre then lies on the
// outer face of the last input voxel.
func Resample(v *Volume[int16], spacingMM [3]float64, how Interpolation, workers int) (*Volume[int16], error) {
	v.mustFit()
	g, err := resampled(v.Grid, spacingMM)
	if err != nil {
		return nil, err
	}
	switch {
	case how != Linear && how != Nearest && how != BSpline:
		return nil, fmt.Errorf("resampling: interpolation %q is not linear, nearest or bspline", how)
	case g == v.Grid:
		return v, nil
	}
	return ResampleOnto(v, g, how, AirHU, workers), nil
}

// ResampleOnto returns v on the grid g, which may lie in any way to v's, as
// Resample does, with fill outside v. Where directions differ, B-splines need
// twice the memory of v beside both volumes. It panics on another interpolation.
func ResampleOnto(v *Volume[int16], g Grid, how Interpolation, fill int16, workers int) *Volume[int16] {
	switch how {
	case Linear:
		return LinearOnto(v, g, fill, workers)
	case Nearest:
		return nearestOnto(v, g, fill, workers)
	case BSpline:
		return bsplineOnto(v, g, fill, workers)
	}
	panic(fmt.Sprintf("volume: interpolation %q", how))
}

// ResampleLabels returns the label map v on the grid v.Respaced(spacingMM), the
// one that Resample uses, each voxel with the nearest label. It panics on a
// spacing that Resample refuses.
func ResampleLabels(v *Volume[uint8], spacingMM [3]float64, workers int) *Volume[uint8] {
	g, err := resampled(v.Grid, spacingMM)
	if err != nil {
		panic("volume: " + err.Error())
	}
	return NearestOnto(v, g, workers)
}

// ResampleLabelsLinear returns the label map v on the grid v.Respaced(spacingMM):
// each voxel has the label that weighs most when the labels' masks are each
// interpolated linearly, the lower of two that weigh the same. Its surfaces are
// smoother than those of ResampleLabels where the spacing gets finer.
func ResampleLabelsLinear(v *Volume[uint8], spacingMM [3]float64, workers int) *Volume[uint8] {
	v.mustFit()
	g, err := resampled(v.Grid, spacingMM)
	if err != nil {
		panic("volume: " + err.Error())
	}
	out := New[uint8](g)
	heaviestLabels(v, out, workers)
	return out
}

// NearestOnto returns the label map v on the grid g, which may lie in any way to
// v's: each voxel of g has the label of the voxel of v that its centre lies in,
// and 0 outside v.
func NearestOnto(v *Volume[uint8], g Grid, workers int) *Volume[uint8] {
	return nearestOnto(v, g, 0, workers)
}

// LinearOnto returns v on the grid g, which may lie in any way to v's,
// interpolated linearly and rounded half away from zero; fill outside v.
func LinearOnto(v *Volume[int16], g Grid, fill int16, workers int) *Volume[int16] {
	v.mustFit()
	out := New[int16](g)
	if aligned(v.Grid, g) {
		linearAligned(v, out, axesOf(v.Grid, g, 0), fill, workers)
	} else {
		linearOblique(v, out, fill, workers)
	}
	return out
}

func nearestOnto[T Voxel](v *Volume[T], g Grid, fill T, workers int) *Volume[T] {
	v.mustFit()
	out := New[T](g)
	if aligned(v.Grid, g) {
		nearestAligned(v, out, axesOf(v.Grid, g, 0), fill, workers)
	} else {
		nearestOblique(v, out, fill, workers)
	}
	return out
}

// resampled is g.Respaced for a spacing that comes from outside.
func resampled(g Grid, spacingMM [3]float64) (Grid, error) {
	voxels := 1.0
	for c, s := range spacingMM {
		if !(s > 0) || math.IsInf(s, 0) {
			return Grid{}, fmt.Errorf("resampling: spacing %v mm is not positive", spacingMM)
		}
		if g.Size[c] < 1 {
			return Grid{}, fmt.Errorf("resampling: a volume of %v voxels is empty", g.Size)
		}
		voxels *= max(1, float64(g.Size[c])*g.SpacingMM[c]/s)
	}
	if !(voxels <= MaxVoxels) {
		return Grid{}, fmt.Errorf("resampling: spacing %v mm would make %.3g voxels, more than %d", spacingMM, voxels, MaxVoxels)
	}
	return g.Respaced(spacingMM), nil
}

// fillOutside fills the voxels of out whose centre lies outside the input.
func fillOutside[T Voxel](out *Volume[T], axes [3]axis, fill T) {
	x, y, z := axes[0].inside, axes[1].inside, axes[2].inside
	nx, ny := out.Size[0], out.Size[1]
	for k := range out.Size[2] {
		slice := out.Data[k*nx*ny : (k+1)*nx*ny]
		if !z.holds(k) {
			fillRow(slice, fill)
			continue
		}
		for j := range ny {
			row := slice[j*nx : (j+1)*nx]
			if !y.holds(j) {
				fillRow(row, fill)
				continue
			}
			fillRow(row[:x.from], fill)
			fillRow(row[x.to:], fill)
		}
	}
}

func fillRow[T Voxel](row []T, fill T) {
	for i := range row {
		row[i] = fill
	}
}
