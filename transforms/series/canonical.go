package series

import (
	"math"

	"ctcohort/model/volume"
)

// turn says, for each axis of the turned grid, which axis of the source it is
// and whether it runs backwards.
type turn struct {
	axis [3]int
	flip [3]bool
}

// upright returns the turn that brings each axis nearest to the patient's own:
// x to the left, y to the back, z to the head.
func upright(direction [9]float64) turn {
	var best turn
	most := math.Inf(-1)
	for _, p := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		var sum float64
		for c, a := range p {
			sum += math.Abs(direction[3*c+a])
		}
		if sum > most+1e-9 {
			most, best.axis = sum, p
		}
	}
	for c, a := range best.axis {
		best.flip[c] = direction[3*c+a] < 0
	}
	return best
}

// of returns a grid turned, and where in the turned one's data its voxels come to
// lie: the first one's index, and the steps along each of its own axes.
func (t turn) of(g volume.Grid) (turned volume.Grid, start int, step [3]int) {
	turned = g
	var corner [3]float64 // index of the turned grid's first voxel
	stride := 1
	for c, a := range t.axis {
		turned.Size[c], turned.SpacingMM[c] = g.Size[a], g.SpacingMM[a]
		sign := 1.0
		step[a] = stride
		if t.flip[c] {
			sign, step[a] = -1, -stride
			corner[a] = float64(g.Size[a] - 1)
			start += stride * (g.Size[a] - 1)
		}
		stride *= g.Size[a]
		for r := range 3 {
			turned.Direction[3*r+c] = sign * g.Direction[3*r+a]
		}
	}
	turned.OriginMM = g.Point(corner[0], corner[1], corner[2])
	return turned, start, step
}

// none says whether no axis changes its place or its way.
func (t turn) none() bool { return t == turn{axis: [3]int{0, 1, 2}} }

// canonical turns a volume upright. No value is interpolated and no voxel moves
// in space. A volume that already is upright is returned as it is.
func canonical[T volume.Voxel](v *volume.Volume[T]) *volume.Volume[T] {
	t := upright(v.Direction)
	if t.none() {
		return v
	}
	g, start, step := t.of(v.Grid)
	out := volume.New[T](g)
	plane := v.Size[0] * v.Size[1]
	for z := range v.Size[2] {
		put(out.Data, v.Data[z*plane:(z+1)*plane], v.Size[0], start+z*step[2], step)
	}
	return out
}

// put lays a plane with rows of n voxels into a turned volume's data.
func put[T volume.Voxel](dst, plane []T, n, start int, step [3]int) {
	for row := range len(plane) / n {
		to := start + row*step[1]
		for _, voxel := range plane[row*n : (row+1)*n] {
			dst[to] = voxel
			to += step[0]
		}
	}
}

// obliqueDegrees is how far slices may lie from a patient axis to be called by it.
const obliqueDegrees = 1

// orientation names how the slices lie: axial, coronal or sagittal within
// obliqueDegrees, else oblique.
func orientation(direction [9]float64) string {
	least := math.Cos(obliqueDegrees * math.Pi / 180)
	t := upright(direction)
	for c, a := range t.axis {
		if math.Abs(direction[3*c+a]) < least {
			return "oblique"
		}
	}
	return [3]string{"sagittal", "coronal", "axial"}[indexOf(t.axis, 2)]
}

func indexOf(axes [3]int, a int) int {
	for c, v := range axes {
		if v == a {
			return c
		}
	}
	return -1
}
