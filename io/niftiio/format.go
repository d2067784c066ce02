package niftiio

import (
	"fmt"
	"math"

	"ctcohort/io/voxelio"
)

// NIfTI's codes of the types that are written.
const (
	typeUint8   = 2
	typeInt16   = 4
	typeFloat32 = 16
)

// types are NIfTI's codes of the types that are read.
var types = map[int16]voxelio.Type{
	2: voxelio.Uint8, 4: voxelio.Int16, 8: voxelio.Int32, 16: voxelio.Float32, 64: voxelio.Float64,
	256: voxelio.Int8, 512: voxelio.Uint16, 768: voxelio.Uint32, 1024: voxelio.Int64, 1280: voxelio.Uint64,
}

// format returns how the voxels are stored.
func (h header) format() (voxelio.Format, error) {
	kind, ok := types[h.datatype]
	if !ok {
		return voxelio.Format{}, fmt.Errorf("%w: voxels of type %d", ErrUnsupported, h.datatype)
	}
	if int(h.bitpix) != 8*kind.Bytes() {
		return voxelio.Format{}, fmt.Errorf("%w: voxels of type %d with %d bits", ErrNotNIfTI, h.datatype, h.bitpix)
	}
	slope, inter := h.scaling()
	return voxelio.Format{Type: kind, Order: h.order, Slope: slope, Inter: inter}, nil
}

// scaling returns the slope and intercept of a voxel's value; a slope of zero,
// or one that is not a number, means none.
func (h header) scaling() (slope, inter float64) {
	if h.slope == 0 || math.IsNaN(h.slope) || math.IsInf(h.slope, 0) {
		return 1, 0
	}
	return h.slope, h.inter
}
