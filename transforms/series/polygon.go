package series

import (
	"cmp"
	"math"
	"slices"
)

// onLine is how near a voxel's centre is on a line, in voxels: as near as the
// rounding of coordinates to a hundredth of a millimetre can bring it.
const onLine = 0.01

// line is a closed polygon in grid indices, voxel centres at whole numbers.
type line struct {
	xor    bool // CLOSEDPLANAR_XOR
	points [][2]float64
}

// bounds returns the lowest and the highest coordinates.
func (l *line) bounds() (low, high [2]float64) {
	low, high = l.points[0], l.points[0]
	for _, p := range l.points {
		for c := range 2 {
			low[c], high[c] = min(low[c], p[c]), max(high[c], p[c])
		}
	}
	return low, high
}

// reaches says whether the polygon's box meets a grid.
func (l *line) reaches(nx, ny int) bool {
	low, high := l.bounds()
	return high[0] >= -0.5 && high[1] >= -0.5 && low[0] <= float64(nx)-0.5 && low[1] <= float64(ny)-0.5
}

// edges calls each with both ends of every edge, in the order of y and then x, so
// that an edge is the same in both directions and the two sides of a keyhole's
// channel cancel exactly.
func (l *line) edges(each func(a, b [2]float64)) {
	from := l.points[len(l.points)-1]
	for _, to := range l.points {
		a, b := from, to
		if a[1] > b[1] || a[1] == b[1] && a[0] > b[0] {
			a, b = b, a
		}
		each(a, b)
		from = to
	}
}

// canvas draws one region on one slice.
type canvas struct {
	nx, ny int
	inside []bool // what region drew

	flips []bool // nx+1 a row: where a row's state changes
	area  []area
}

// area is the voxels within one polygon, its line aside.
type area struct {
	line     *line
	from, to [2]int // the box of x and y that holds them
	voxel    []bool // of the box
	size     int
}

func (a *area) row(y int) []bool {
	wide := a.to[0] - a.from[0]
	return a.voxel[(y-a.from[1])*wide:][:wide]
}

func newCanvas(nx, ny int) *canvas {
	return &canvas{nx: nx, ny: ny, inside: make([]bool, nx*ny), flips: make([]bool, (nx+1)*ny)}
}

// Bounds on one region and slice, so that no file can ask for more than a
// machine has: polygons, and the area of their boxes in slices.
const maxLines, maxBoxes = 1000, 32

// tooMuch says whether polygons are beyond bounds.
func (c *canvas) tooMuch(lines []line) bool {
	boxes := 0
	for i := range lines {
		from, to := c.box(&lines[i])
		boxes += (to[0] - from[0]) * (to[1] - from[1])
	}
	return len(lines) > maxLines || boxes > maxBoxes*c.nx*c.ny
}

// region draws the polygons of one region and returns how many were joined with
// another that they overlap in part.
func (c *canvas) region(lines []line) (joined int) {
	clear(c.inside)
	c.area = c.area[:0]
	for i := range lines {
		c.area = append(c.area, c.fill(&lines[i]))
	}
	slices.SortStableFunc(c.area, func(a, b area) int { return cmp.Compare(b.size, a.size) })
	for i, a := range c.area {
		union := !a.line.xor && partly(&a, c.area[:i])
		if union {
			joined++
		}
		for y := a.from[1]; y < a.to[1]; y++ {
			dst := c.inside[y*c.nx+a.from[0]:]
			for x, in := range a.row(y) {
				if in {
					dst[x] = union || !dst[x]
				}
			}
		}
	}
	for i := range lines {
		c.outline(&lines[i])
	}
	return joined
}

// partly says whether an area overlaps a larger one without lying within it, or
// is the same. A tenth of it may stick out where lines run side by side.
func partly(a *area, larger []area) bool {
	for i := range larger {
		b := &larger[i]
		from, to := max(a.from[0], b.from[0]), min(a.to[0], b.to[0])
		if from >= to {
			continue
		}
		common := 0
		for y := max(a.from[1], b.from[1]); y < min(a.to[1], b.to[1]); y++ {
			other := b.row(y)[from-b.from[0] : to-b.from[0]]
			for x, in := range a.row(y)[from-a.from[0] : to-a.from[0]] {
				if in && other[x] {
					common++
				}
			}
		}
		if common > 0 && (10*common < 9*a.size || common == b.size) {
			return true
		}
	}
	return false
}

// box returns the voxels that a polygon may hold.
func (c *canvas) box(l *line) (from, to [2]int) {
	low, high := l.bounds()
	from, to = [2]int{below(low[0], c.nx), below(low[1], c.ny)}, [2]int{below(high[0]+1, c.nx), below(high[1]+1, c.ny)}
	return from, to
}

// below returns how many of n voxels lie below a coordinate.
func below(at float64, n int) int { return int(max(0, min(float64(n), math.Ceil(at)))) }

// fill finds the voxels within a polygon by the even-odd rule: those with an odd
// number of edges to their left. An edge counts for the rows from its lower end
// up to, but without, its upper end.
func (c *canvas) fill(l *line) area {
	a := area{line: l}
	a.from, a.to = c.box(l)
	wide := c.nx + 1
	clear(c.flips[a.from[1]*wide : a.to[1]*wide])
	l.edges(func(from, to [2]float64) {
		for y, end := below(from[1], c.ny), below(to[1], c.ny); y < end; y++ {
			x := from[0] + (float64(y)-from[1])*(to[0]-from[0])/(to[1]-from[1])
			at := y*wide + below(x, c.nx)
			c.flips[at] = !c.flips[at]
		}
	})
	a.voxel = make([]bool, (a.to[0]-a.from[0])*(a.to[1]-a.from[1]))
	for y := a.from[1]; y < a.to[1]; y++ {
		in := false
		row := a.row(y)
		for x, flip := range c.flips[y*wide+a.from[0]:][:len(row)] {
			if in = in != flip; in {
				row[x] = true
				a.size++
			}
		}
	}
	return a
}

// outline takes the voxels in whose centre the polygon's line lies.
func (c *canvas) outline(l *line) {
	l.edges(func(a, b [2]float64) {
		for y := below(a[1]-onLine, c.ny); y < c.ny && float64(y) <= b[1]+onLine; y++ {
			left, right := a[0], b[0]
			if b[1] > a[1] { // the part of the edge within onLine of the row
				slope := (b[0] - a[0]) / (b[1] - a[1])
				left = a[0] + (max(a[1], float64(y)-onLine)-a[1])*slope
				right = a[0] + (min(b[1], float64(y)+onLine)-a[1])*slope
			}
			left, right = min(left, right)-onLine, max(left, right)+onLine
			for x := below(left, c.nx); x < c.nx && float64(x) <= right; x++ {
				c.inside[y*c.nx+x] = true
			}
		}
	})
}
