package series

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ctcohort/io/dicomio"
)

// MinSlices is the fewest slices that make a volume.
const MinSlices = 3

// Plan sorts slices, of any number of series and in any order, into stacks that
// each make one volume. Slices of one series part where frame of reference,
// matrix, kernel, orientation or pixel spacing differ, and where acquisitions or
// temporal positions cover the same ground or lie apart; acquisitions that lie one
// above the other, as step-and-shoot scans do, stay together. same says whether two
// slices, by index, have identical pixels: at one position those are duplicates,
// others part the series. Its error ends the plan.
func Plan(headers []dicomio.SliceHeader, same func(i, j int) (bool, error)) ([]*Stack, []Reject, error) {
	var rejected tally
	var usable []int
	for i := range headers {
		if code, detail := unusable(&headers[i]); code != "" {
			rejected.add(&headers[i], code, detail, 1)
		} else {
			usable = append(usable, i)
		}
	}
	p := planner{headers: headers, same: same, rejected: &rejected}
	var stacks []*Stack
	for _, group := range p.groups(usable) {
		for _, run := range p.acquisitions(group) {
			found, err := p.stacks(run)
			if err != nil {
				return nil, nil, err
			}
			stacks = append(stacks, found...)
		}
	}
	number(stacks)
	return stacks, rejected.rejects, nil
}

type planner struct {
	headers  []dicomio.SliceHeader
	same     func(i, j int) (bool, error)
	rejected *tally
}

// order is total on distinct slices and does not depend on the input's order.
func (p *planner) order(i, j int) int {
	a, b := &p.headers[i], &p.headers[j]
	return cmp.Or(
		cmp.Compare(a.SeriesUID, b.SeriesUID), cmp.Compare(a.FrameOfReferenceUID, b.FrameOfReferenceUID),
		cmp.Compare(a.Kernel, b.Kernel), cmp.Compare(a.Rows, b.Rows), cmp.Compare(a.Columns, b.Columns),
		cmp.Compare(a.AcquisitionNumber, b.AcquisitionNumber), cmp.Compare(a.TemporalPosition, b.TemporalPosition),
		cmp.Compare(a.InstanceNumber, b.InstanceNumber), cmp.Compare(a.SOPInstanceUID, b.SOPInstanceUID),
		cmp.Compare(a.Frame, b.Frame))
}

// groups collects slices that could share a grid.
func (p *planner) groups(usable []int) [][]int {
	slices.SortStableFunc(usable, p.order)
	var groups [][]int
	for _, i := range usable {
		at := slices.IndexFunc(groups, func(g []int) bool { return alike(&p.headers[g[0]], &p.headers[i]) })
		if at < 0 {
			groups = append(groups, []int{i})
		} else {
			groups[at] = append(groups[at], i)
		}
	}
	return groups
}

// alike says whether two slices may belong to one stack, acquisition aside.
// Directions may differ by 0.1°, spacings by a thousandth.
func alike(a, b *dicomio.SliceHeader) bool {
	if a.SeriesUID != b.SeriesUID || a.FrameOfReferenceUID != b.FrameOfReferenceUID || a.Kernel != b.Kernel ||
		a.Rows != b.Rows || a.Columns != b.Columns {
		return false
	}
	cosine := math.Cos(0.1 * math.Pi / 180)
	if dot(a.Orientation[:3], b.Orientation[:3]) < cosine || dot(a.Orientation[3:], b.Orientation[3:]) < cosine {
		return false
	}
	for c := range 2 {
		if math.Abs(a.PixelSpacingMM[c]-b.PixelSpacingMM[c]) > 1e-3*a.PixelSpacingMM[c] {
			return false
		}
	}
	return true
}

// acquisitions parts a group by acquisition and temporal position, unless those
// are tiles of one stack.
func (p *planner) acquisitions(group []int) [][]int {
	parts := map[[2]int][]int{}
	var keys [][2]int
	for _, i := range group {
		key := p.acquisition(i)
		if parts[key] == nil {
			keys = append(keys, key)
		}
		parts[key] = append(parts[key], i)
	}
	if len(keys) == 1 || p.tile(group, parts) {
		return [][]int{group}
	}
	out := make([][]int, len(keys))
	for i, key := range keys {
		out[i] = parts[key]
	}
	return out
}

// tile says whether the parts of a group lie one above the other, each position
// once, and near enough to be one stack: a slice may be missing, and more where
// a part would be no volume of its own.
func (p *planner) tile(group []int, parts map[[2]int][]int) bool {
	widest := 2.5
	for _, part := range parts {
		if len(part) < MinSlices {
			widest = math.Inf(1)
		}
	}
	z := p.heights(group)
	upward := make([]int, len(group))
	for k := range upward {
		upward[k] = k
	}
	slices.SortFunc(upward, func(a, b int) int { return cmp.Compare(z[a], z[b]) })
	var steps []float64
	changes := 0
	for n := 1; n < len(upward); n++ {
		below, above := upward[n-1], upward[n]
		steps = append(steps, z[above]-z[below])
		if p.acquisition(group[below]) != p.acquisition(group[above]) {
			changes++
		}
	}
	return changes == len(parts)-1 && slices.Min(steps) >= samePositionMM && slices.Max(steps) <= widest*median(steps)
}

func (p *planner) acquisition(i int) [2]int { return acquisition(&p.headers[i]) }

func acquisition(h *dicomio.SliceHeader) [2]int {
	return [2]int{h.AcquisitionNumber, h.TemporalPosition}
}

// heights returns positions along the group's normal, in mm from its first slice.
func (p *planner) heights(group []int) []float64 {
	first := &p.headers[group[0]]
	normal := first.Normal()
	z := make([]float64, len(group))
	for k, i := range group {
		z[k] = dot(normal[:], sub(p.headers[i].PositionMM, first.PositionMM))
	}
	return z
}

// stacks sorts one run of slices by position and resolves positions that
// several slices share.
func (p *planner) stacks(run []int) ([]*Stack, error) {
	layers, duplicates, err := p.layers(run)
	if err != nil {
		return nil, err
	}
	most, fewest := 0, len(run)
	for _, l := range layers {
		most, fewest = max(most, len(l)), min(fewest, len(l))
	}
	var stacks []*Stack
	for k := range most {
		var members []int
		for _, l := range layers {
			if k < len(l) {
				members = append(members, l[k])
			}
		}
		if k >= fewest && 2*len(members) < len(layers) {
			p.rejected.add(&p.headers[members[0]], DuplicatePositions, "other images at positions of the volume", len(members))
			continue
		}
		stack, reject := newStack(p.headers, members)
		if reject != nil {
			p.rejected.add(&p.headers[members[0]], reject.Code, reject.Detail, len(members))
			continue
		}
		if k == 0 {
			stack.duplicates = duplicates
		}
		stacks = append(stacks, stack)
	}
	return stacks, nil
}

// layers returns the different images at each position, from the lowest along
// the normal up, and how many duplicates were dropped.
func (p *planner) layers(run []int) (layers [][]int, duplicates int, err error) {
	z := p.heights(run)
	byHeight := make([]int, len(run))
	for i := range byHeight {
		byHeight[i] = i
	}
	slices.SortStableFunc(byHeight, func(a, b int) int { return cmp.Compare(z[a], z[b]) })
	for n := 0; n < len(byHeight); {
		bottom := z[byHeight[n]]
		var same []int
		for ; n < len(byHeight) && z[byHeight[n]]-bottom < samePositionMM; n++ {
			same = append(same, byHeight[n])
		}
		slices.Sort(same) // back to the run's order
		var layer []int
		for _, k := range same {
			known, err := p.known(layer, run[k])
			if err != nil {
				return nil, 0, fmt.Errorf("comparing slices at one position: %w", err)
			}
			if known {
				duplicates++
			} else {
				layer = append(layer, run[k])
			}
		}
		layers = append(layers, layer)
	}
	return layers, duplicates, nil
}

func (p *planner) known(layer []int, i int) (bool, error) {
	for _, j := range layer {
		if same, err := p.same(j, i); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// number tells the stacks of one series apart: the one with most slices is part
// 0. Stacks come sorted by their slices' order.
func number(stacks []*Stack) {
	slices.SortStableFunc(stacks, func(a, b *Stack) int {
		return cmp.Or(cmp.Compare(a.head.SeriesUID, b.head.SeriesUID), cmp.Compare(len(b.Slices), len(a.Slices)))
	})
	for i := 1; i < len(stacks); i++ {
		if stacks[i].head.SeriesUID == stacks[i-1].head.SeriesUID {
			stacks[i].part = stacks[i-1].part + 1
		}
	}
	of := map[string]int{}
	for _, s := range stacks {
		of[s.head.SeriesUID]++
	}
	for _, s := range stacks {
		s.parts = of[s.head.SeriesUID]
	}
}

func dot(a, b []float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func sub(a, b [3]float64) []float64 { return []float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
