package niftiio

import (
	"encoding/binary"
	"fmt"
	"math"

	"ctcohort/model/volume"
)

// voxelBytes returns the size of a voxel of the header's type.
func (h header) voxelBytes() (int, error) {
	bytes := 0
	switch h.datatype {
	case typeUint8, typeInt8:
		bytes = 1
	case typeInt16, typeUint16:
		bytes = 2
	case typeInt32, typeFloat32:
		bytes = 4
	case typeFloat64:
		bytes = 8
	default:
		return 0, fmt.Errorf("%w: voxels of type %d", ErrUnsupported, h.datatype)
	}
	if int(h.bitpix) != 8*bytes {
		return 0, fmt.Errorf("%w: voxels of type %d with %d bits", ErrNotNIfTI, h.datatype, h.bitpix)
	}
	return bytes, nil
}

// value returns the value of one voxel, scaled.
func (h header) value(b []byte) float64 {
	slope, inter := h.scaling()
	var x float64
	switch h.datatype {
	case typeUint8:
		x = float64(b[0])
	case typeInt8:
		x = float64(int8(b[0]))
	case typeInt16:
		x = float64(int16(h.order.Uint16(b)))
	case typeUint16:
		x = float64(h.order.Uint16(b))
	case typeInt32:
		x = float64(int32(h.order.Uint32(b)))
	case typeFloat32:
		x = float64(math.Float32frombits(h.order.Uint32(b)))
	case typeFloat64:
		x = math.Float64frombits(h.order.Uint64(b))
	}
	return float64(x*slope) + inter
}

// decoder returns a function that fills dst from the bytes of as many voxels, and
// reports whether all of them could be converted. Voxels of up to two bytes go
// by a table of all that there are.
func decoder[T volume.Voxel](h header, bytes int, convert func(float64) (T, bool)) func(dst []T, src []byte) bool {
	if bytes > 2 {
		return func(dst []T, src []byte) bool {
			for i := range dst {
				var ok bool
				if dst[i], ok = convert(h.value(src[i*bytes:])); !ok {
					return false
				}
			}
			return true
		}
	}
	values, bad := make([]T, 1<<(8*bytes)), make([]bool, 1<<(8*bytes))
	for raw := range values {
		x, ok := convert(h.value(binary.LittleEndian.AppendUint16(nil, uint16(raw))))
		values[raw], bad[raw] = x, !ok
	}
	return func(dst []T, src []byte) bool {
		failed := false
		for i := range dst {
			raw := int(src[i*bytes])
			if bytes == 2 {
				raw |= int(src[i*bytes+1]) << 8
			}
			dst[i] = values[raw]
			failed = failed || bad[raw]
		}
		return !failed
	}
}
