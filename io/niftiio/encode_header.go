package niftiio

import (
	"encoding/binary"
	"math"
	"reflect"

	"ctcohort/model/volume"
)

const (
	scannerAnatomical = 1 // qform_code and sform_code: the scanner's coordinates
	unitsMM           = 2 // xyzt_units
)

// encodeHeader returns the NIfTI-1 header of v and the empty extension flag.
func encodeHeader[T volume.Voxel](v *volume.Volume[T]) []byte {
	b := make([]byte, dataOffset)
	short := func(at int, x int) { binary.LittleEndian.PutUint16(b[at:], uint16(int16(x))) }
	float := func(at int, x float64) { binary.LittleEndian.PutUint32(b[at:], math.Float32bits(float32(x))) }

	binary.LittleEndian.PutUint32(b, size1)
	b[38] = 'r' // regular
	short(40, 3)
	q := toQuaternion(v.Grid)
	float(76, q.qfac)
	for i := range 7 {
		n, spacing := 1, 1.0
		if i < 3 {
			n, spacing = v.Size[i], v.SpacingMM[i]
		}
		short(42+2*i, n)
		float(80+4*i, spacing)
	}
	datatype, bytes := voxelType[T]()
	short(70, datatype)
	short(72, 8*bytes)
	float(108, dataOffset)
	float(112, 1) // value = 1 · voxel + 0
	b[123] = unitsMM

	short(252, scannerAnatomical)
	short(254, scannerAnatomical)
	for i, x := range []float64{q.b, q.c, q.d} {
		float(256+4*i, x+0) // +0 makes −0 a plain 0
	}
	for r, row := range toRAS(v.Grid) {
		float(268+4*r, row[3]+0)
		for c, x := range row {
			float(280+16*r+4*c, x+0)
		}
	}
	copy(b[344:], "n+1\x00")
	return b
}

// voxelType returns NIfTI's code of T and the bytes of a voxel.
func voxelType[T volume.Voxel]() (datatype, bytes int) {
	switch reflect.TypeFor[T]().Kind() {
	case reflect.Uint8:
		return typeUint8, 1
	case reflect.Int16:
		return typeInt16, 2
	}
	return typeFloat32, 4
}
