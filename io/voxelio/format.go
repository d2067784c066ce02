package voxelio

import (
	"encoding/binary"
	"math"
)

// Type is the numeric type of a file's voxels.
type Type int

// The types that are read.
const (
	Uint8 Type = iota
	Int8
	Uint16
	Int16
	Uint32
	Int32
	Uint64
	Int64
	Float32
	Float64
)

// Bytes returns the size of a voxel.
func (t Type) Bytes() int {
	switch t {
	case Uint8, Int8:
		return 1
	case Uint16, Int16:
		return 2
	case Uint32, Int32, Float32:
		return 4
	}
	return 8
}

// Format says how voxels are stored: a voxel's value is Slope times what is
// stored, plus Inter.
type Format struct {
	Type         Type
	Order        binary.ByteOrder
	Slope, Inter float64
}

// value returns the value of one voxel. The conversion keeps the compiler from
// fusing multiplication and addition, which some machines would.
func (f Format) value(b []byte) float64 { return float64(f.stored(b)*f.Slope) + f.Inter }

func (f Format) stored(b []byte) float64 {
	switch f.Type {
	case Uint8:
		return float64(b[0])
	case Int8:
		return float64(int8(b[0]))
	case Uint16:
		return float64(f.Order.Uint16(b))
	case Int16:
		return float64(int16(f.Order.Uint16(b)))
	case Uint32:
		return float64(f.Order.Uint32(b))
	case Int32:
		return float64(int32(f.Order.Uint32(b)))
	case Uint64:
		return float64(f.Order.Uint64(b))
	case Int64:
		return float64(int64(f.Order.Uint64(b)))
	case Float32:
		return float64(math.Float32frombits(f.Order.Uint32(b)))
	}
	return math.Float64frombits(f.Order.Uint64(b))
}

// HU returns a value in HU, rounded half away from zero and clamped to int16, and
// whether it is a number at all.
func HU(x float64) (int16, bool) {
	x = math.Trunc(x + math.Copysign(0.5, x))
	return int16(max(math.MinInt16, min(math.MaxInt16, x))), !math.IsNaN(x)
}

// Label returns a value as a label, and whether it is a whole number of 0 to 255.
func Label(x float64) (uint8, bool) {
	if !(x >= 0 && x <= math.MaxUint8) {
		return 0, false
	}
	return uint8(x), x == math.Trunc(x)
}
