package model

import (
	"fmt"

	"ctcohort/model/volume"
)

// KeepBody returns labels with background in 26-connected components of lung and
// infection together that lie mostly outside the body of hu (see [Body]), where
// they do, and in what remains where it is a component of less than minML: false lung in a
// table's foam, and crumbs. A component that lies mostly inside is kept whole, for
// where the field of view ends in a lung the body has no wall to end at. Both
// volumes stand on one grid.
func KeepBody(labels *volume.Volume[uint8], hu *volume.Volume[int16], minML float64) *volume.Volume[uint8] {
	if labels.Size != hu.Size {
		panic(fmt.Sprintf("model: labels of %v voxels for a volume of %v", labels.Size, hu.Size))
	}
	out := &volume.Volume[uint8]{Grid: labels.Grid, Data: append([]uint8(nil), labels.Data...)}
	keepInside(out, Body(hu), minML)
	return out
}

// keepInside is KeepBody in place, with the body at hand. It returns how many
// labelled voxels became background.
func keepInside(labels *volume.Volume[uint8], body []bool, minML float64) (removed int) {
	mustFit(labels.Grid, len(labels.Data))
	found := make([]bool, len(labels.Data))
	for i, l := range labels.Data {
		found[i] = l != 0
	}
	ids, sizes := volume.Components(found, labels.Size, 26)
	inside := make([]int, len(sizes))
	for i, id := range ids {
		if id != 0 && body[i] {
			inside[id-1]++
		}
	}
	for i, id := range ids {
		found[i] = id != 0 && (body[i] || 2*inside[id-1] > sizes[id-1])
	}
	ids, sizes = volume.Components(found, labels.Size, 26)
	voxelML := labels.VoxelML()
	for i, l := range labels.Data {
		if l != 0 && (ids[i] == 0 || float64(sizes[ids[i]-1])*voxelML < minML) {
			labels.Data[i] = 0
			removed++
		}
	}
	return removed
}

func mustFit(g volume.Grid, n int) {
	if n != g.Len() {
		panic(fmt.Sprintf("model: %d voxels for a grid of %v", n, g.Size))
	}
}
