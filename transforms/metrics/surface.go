package metrics

import (
	"encoding/binary"

	"ctcohort/model/volume"
)

// Bits of a voxel of masks and of their surfaces.
const (
	predicted = 1
	referred  = 2
)

// masks holds prediction and reference of one label, a bit each, cropped to the
// box of both with a margin of one voxel that is always background.
type masks struct {
	size   [3]int // without the margin
	stride [3]int // voxels from one to the next along x, y, z
	bits   []uint8
}

// crop cuts the masks of one label (0 lung, 1 infection) out of the label maps.
func crop(prediction, reference *volume.Volume[uint8], label int, box joinedBox) masks {
	m := masks{size: box.size()}
	m.stride = [3]int{1, m.size[0] + 2, (m.size[0] + 2) * (m.size[1] + 2)}
	m.bits = make([]uint8, m.stride[2]*(m.size[2]+2))
	var is [256]uint8 // predicted where the label map's value belongs to the label
	for value, code := range codeOf {
		is[value] = code >> label & 1
	}
	nx := prediction.Size[0]
	parallel(m.size[2], func(_, z int) {
		for y := range m.size[1] {
			at := ((box.lo[2]+z)*prediction.Size[1]+box.lo[1]+y)*nx + box.lo[0]
			p := prediction.Data[at : at+m.size[0]]
			row := m.bits[(z+1)*m.stride[2]+(y+1)*m.stride[1]+1:][:len(p)]
			for x, value := range p {
				row[x] = is[value]
			}
			if reference == nil {
				continue
			}
			for x, value := range reference.Data[at : at+m.size[0]] {
				row[x] |= is[value] << 1
			}
		}
	})
	return m
}

// surfaces returns, in the layout of the masks, the voxels that have one of
// their six neighbours outside their mask. Eight voxels go at a time.
func (m masks) surfaces() []uint8 {
	out := make([]uint8, len(m.bits))
	b, row, plane := m.bits, m.stride[1], m.stride[2]
	parallel(m.size[2], func(_, z int) {
		i, end := (z+1)*plane, (z+2)*plane
		for ; i+8 <= end; i += 8 {
			at := func(i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }
			self := at(i)
			if self == 0 {
				continue
			}
			inner := at(i-1) & at(i+1) & at(i-row) & at(i+row) & at(i-plane) & at(i+plane)
			binary.LittleEndian.PutUint64(out[i:], self&^inner)
		}
		for ; i < end; i++ {
			out[i] = b[i] &^ (b[i-1] & b[i+1] & b[i-row] & b[i+row] & b[i-plane] & b[i+plane])
		}
	})
	return out
}
