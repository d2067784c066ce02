package niftiio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"ctcohort/io/voxelio"
)

// What reading returns for bytes that are not a volume, besides voxelio's errors.
var (
	ErrNotNIfTI    = errors.New("not a NIfTI file")
	ErrUnsupported = errors.New("a kind of NIfTI file that is not read")
)

const (
	size1 = 348 // bytes of a NIfTI-1 header, as it says itself
	size2 = 540 // and of a NIfTI-2 header
)

// header is what a volume needs of a NIfTI header, of either version.
type header struct {
	order            binary.ByteOrder
	dim              [8]int64
	datatype, bitpix int16
	pixdim           [8]float64
	offset           float64
	slope, inter     float64
	units            int
	qform, sform     int
	quaternion       quaternion
	qOffset          [3]float64
	srow             [3][4]float64
}

// readHeader reads the header of a NIfTI-1 or NIfTI-2 file and no more.
func readHeader(r io.Reader) (header, int, error) {
	b := make([]byte, size2)
	if err := voxelio.ReadFull(r, b[:size1]); err != nil {
		return header{}, 0, err
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(b) {
		case size1:
			if !bytes.Equal(b[344:348], []byte("n+1\x00")) {
				return header{}, 0, fmt.Errorf("%w: Analyze, or a pair of header and image", ErrUnsupported)
			}
			return parse1(b, order), size1, nil
		case size2:
			if !bytes.Equal(b[4:8], []byte("n+2\x00")) {
				return header{}, 0, fmt.Errorf("%w: a pair of header and image", ErrUnsupported)
			}
			if err := voxelio.ReadFull(r, b[size1:]); err != nil {
				return header{}, 0, err
			}
			return parse2(b, order), size2, nil
		}
	}
	return header{}, 0, ErrNotNIfTI
}

func parse1(b []byte, order binary.ByteOrder) header {
	short := func(at int) int16 { return int16(order.Uint16(b[at:])) }
	float := func(at int) float64 { return float64(math.Float32frombits(order.Uint32(b[at:]))) }
	h := header{
		order: order, datatype: short(70), bitpix: short(72), offset: float(108), slope: float(112), inter: float(116),
		units: int(b[123]), qform: int(short(252)), sform: int(short(254)),
		quaternion: quaternion{b: float(256), c: float(260), d: float(264)},
	}
	for i := range h.dim {
		h.dim[i], h.pixdim[i] = int64(short(40+2*i)), float(76+4*i)
	}
	for r := range 3 {
		h.qOffset[r] = float(268 + 4*r)
		for c := range 4 {
			h.srow[r][c] = float(280 + 16*r + 4*c)
		}
	}
	return h
}

func parse2(b []byte, order binary.ByteOrder) header {
	long := func(at int) int64 { return int64(order.Uint64(b[at:])) }
	whole := func(at int) int { return int(int32(order.Uint32(b[at:]))) }
	float := func(at int) float64 { return math.Float64frombits(order.Uint64(b[at:])) }
	h := header{
		order: order, datatype: int16(order.Uint16(b[12:])), bitpix: int16(order.Uint16(b[14:])),
		offset: float64(long(168)), slope: float(176), inter: float(184),
		units: whole(500), qform: whole(344), sform: whole(348),
		quaternion: quaternion{b: float(352), c: float(360), d: float(368)},
	}
	for i := range h.dim {
		h.dim[i], h.pixdim[i] = long(16+8*i), float(104+8*i)
	}
	for r := range 3 {
		h.qOffset[r] = float(376 + 8*r)
		for c := range 4 {
			h.srow[r][c] = float(400 + 32*r + 8*c)
		}
	}
	return h
}

// size returns the sides of the one volume, refusing more than maxVoxels.
func (h header) size(maxVoxels int) (size [3]int, err error) {
	n := h.dim[0]
	if n < 1 || n > 7 {
		return size, fmt.Errorf("%w: it claims %d dimensions", ErrNotNIfTI, n)
	}
	sides := [3]int64{1, 1, 1}
	for i := range n {
		switch d := h.dim[i+1]; {
		case d < 1:
			return size, fmt.Errorf("%w: dimension %d is %d", ErrNotNIfTI, i+1, d)
		case i < 3:
			sides[i] = d
		case d > 1:
			return size, fmt.Errorf("%w: %d volumes along dimension %d", ErrUnsupported, d, i+1)
		}
	}
	if _, err := voxelio.Voxels(sides[:], maxVoxels); err != nil {
		return size, fmt.Errorf("%w: %d × %d × %d, limit %d", err, sides[0], sides[1], sides[2], maxVoxels)
	}
	return [3]int{int(sides[0]), int(sides[1]), int(sides[2])}, nil
}

// unitMM returns how many mm the header's unit of length has; no unit means mm.
func (h header) unitMM() (float64, error) {
	switch h.units & 7 {
	case 0, 2:
		return 1, nil
	case 1:
		return 1000, nil
	case 3:
		return 0.001, nil
	}
	return 0, fmt.Errorf("%w: lengths in unit %d", ErrUnsupported, h.units&7)
}
