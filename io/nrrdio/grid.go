package nrrdio

import (
	"fmt"
	"math"
	"slices"

	"ctcohort/io/voxelio"
	"ctcohort/model/volume"
)

// signs are what turns a vector of a space into LPS. A file without a named space
// is taken for LPS, as ITK does.
var signs = map[string][3]float64{
	"": {1, 1, 1}, "left-posterior-superior": {1, 1, 1}, "lps": {1, 1, 1},
	"right-anterior-superior": {-1, -1, 1}, "ras": {-1, -1, 1},
	"left-anterior-superior": {1, -1, 1}, "las": {1, -1, 1},
}

// axes returns which three axes are those of space, in the file's order, and
// which others have more than one sample.
func (h *header) axes() (spatial [3]int, others []int, err error) {
	var found []int
	for i, n := range h.sizes {
		switch {
		case h.isSpatial(i):
			found = append(found, i)
		case n > 1:
			others = append(others, i)
		}
	}
	for len(found) > 3 && !h.tells() && h.sizes[found[len(found)-1]] == 1 {
		found = found[:len(found)-1] // more dimensions than the file says anything about
	}
	if len(found) != 3 {
		return spatial, nil, fmt.Errorf("%w: %d axes of space in place of 3", ErrUnsupported, len(found))
	}
	return [3]int(found), others, nil
}

// tells says whether the header tells the axes of space from others.
func (h *header) tells() bool { return len(h.directions) > 0 || len(h.kinds) > 0 }

func (h *header) isSpatial(i int) bool {
	if len(h.directions) > 0 {
		return h.directions[i] != nil
	}
	return len(h.kinds) == 0 || slices.Contains([]string{"domain", "space", "???", "none"}, h.kinds[i])
}

// grid returns the grid of the axes of space.
func (h *header) grid(spatial [3]int) (volume.Grid, error) {
	sign, ok := signs[h.space]
	if !ok {
		return volume.Grid{}, fmt.Errorf("%w: a space other than RAS, LAS and LPS", ErrUnsupported)
	}
	var size [3]int
	for c, i := range spatial {
		size[c] = int(h.sizes[i])
	}
	if len(h.directions) > 0 {
		return h.directed(size, spatial, sign)
	}
	if h.space != "" || h.spaceDimension != 0 {
		return volume.Grid{}, fmt.Errorf("%w: a space without space directions", voxelio.ErrGeometry)
	}
	return h.alongAxes(size, spatial)
}

// directed returns the grid by space directions and space origin.
func (h *header) directed(size [3]int, spatial [3]int, sign [3]float64) (volume.Grid, error) {
	var steps [3][3]float64
	var origin [3]float64
	for r := range 3 {
		unit, err := millimetres(h.spaceUnits, r)
		if err != nil {
			return volume.Grid{}, err
		}
		for c, i := range spatial {
			if len(h.directions[i]) != 3 {
				return volume.Grid{}, fmt.Errorf("%w: directions of %d dimensions", ErrUnsupported, len(h.directions[i]))
			}
			steps[c][r] = sign[r] * unit * h.directions[i][r]
		}
		switch len(h.origin) {
		case 3:
			origin[r] = sign[r] * unit * h.origin[r]
		case 0: // at 0, as ITK takes it
		default:
			return volume.Grid{}, fmt.Errorf("%w: an origin of %d dimensions", ErrUnsupported, len(h.origin))
		}
	}
	return voxelio.Grid(size, steps, origin, [3]float64{})
}

// alongAxes returns the grid of a file without space, by spacings, or the lowest
// and highest positions along each axis. Positions are of the samples' edges
// where a sample is a cell, as it is where nothing is said, else of their centres.
func (h *header) alongAxes(size [3]int, spatial [3]int) (volume.Grid, error) {
	var steps [3][3]float64
	var origin [3]float64
	for c, i := range spatial {
		unit, err := millimetres(h.units, i)
		if err != nil {
			return volume.Grid{}, err
		}
		low, high, spacing := at(h.mins, i), at(h.maxs, i), at(h.spacings, i)
		cell := len(h.centerings) == 0 || h.centerings[i] != "node"
		if math.IsNaN(spacing) {
			intervals := float64(size[c])
			if !cell {
				intervals--
			}
			spacing = (high - low) / intervals
		}
		if math.IsNaN(spacing) {
			return volume.Grid{}, fmt.Errorf("%w: axis %d has no spacing", voxelio.ErrGeometry, c)
		}
		if math.IsNaN(low) {
			low = 0
		} else if cell {
			low += spacing / 2
		}
		steps[c][c], origin[c] = unit*spacing, unit*low
	}
	return voxelio.Grid(size, steps, origin, [3]float64{})
}

// at returns the i-th number, or NaN where there is none.
func at(numbers []float64, i int) float64 {
	if len(numbers) == 0 {
		return math.NaN()
	}
	return numbers[i]
}

// millimetres returns how many mm the i-th unit has; no unit means mm.
func millimetres(units []string, i int) (float64, error) {
	if i >= len(units) {
		return 1, nil
	}
	switch units[i] {
	case "", "mm", "millimeter", "millimeters", "millimetre", "millimetres", "???":
		return 1, nil
	case "cm":
		return 10, nil
	case "m", "meter", "meters":
		return 1000, nil
	case "um", "µm", "μm", "micron", "microns":
		return 0.001, nil
	}
	return 0, fmt.Errorf("%w: lengths in another unit than m, cm, mm and um", ErrUnsupported)
}
