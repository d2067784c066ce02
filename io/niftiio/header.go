package niftiio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"ctcohort/model/volume"
)

// What reading returns for bytes that are not a volume.
var (
	ErrNotNIfTI    = errors.New("not a NIfTI file")
	ErrUnsupported = errors.New("a kind of NIfTI file that is not read")
	ErrTruncated   = errors.New("the file ends too early")
	ErrTooLarge    = errors.New("more voxels than allowed")
)

const (
	size1 = 348 // bytes of a NIfTI-1 header, as it says itself
	size2 = 540 // and of a NIfTI-2 header
)

// NIfTI's codes of the types that are read.
const (
	typeUint8   = 2
	typeInt16   = 4
	typeInt32   = 8
	typeFloat32 = 16
	typeFloat64 = 64
	typeInt8    = 256
	typeUint16  = 512
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
	if err := readFull(r, b[:size1]); err != nil {
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
			if err := readFull(r, b[size1:]); err != nil {
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

// grid returns the volume's grid by the sform, else the qform, else pixdim alone,
// refusing more than maxVoxels.
func (h header) grid(maxVoxels int) (volume.Grid, error) {
	size, err := h.size(maxVoxels)
	if err != nil {
		return volume.Grid{}, err
	}
	unit, err := h.unitMM()
	if err != nil {
		return volume.Grid{}, err
	}
	var spacing, origin [3]float64
	for c := range 3 {
		spacing[c], origin[c] = h.pixdim[c+1]*unit, h.qOffset[c]*unit
	}
	switch {
	case h.sform > 0:
		rows := h.srow
		for r := range rows {
			for c := range rows[r] {
				rows[r][c] *= unit
			}
		}
		return fromRAS(size, rows, spacing)
	case h.qform > 0:
		q := h.quaternion
		q.qfac = 1
		if h.pixdim[0] < 0 {
			q.qfac = -1
		}
		return fromRAS(size, q.affine(spacing, origin), spacing)
	}
	return fromRAS(size, [3][4]float64{{spacing[0]}, {0, spacing[1]}, {0, 0, spacing[2]}}, spacing)
}

func (h header) size(maxVoxels int) (size [3]int, err error) {
	n := h.dim[0]
	if n < 1 || n > 7 {
		return size, fmt.Errorf("%w: it claims %d dimensions", ErrNotNIfTI, n)
	}
	voxels := int64(1)
	for i := range int64(7) {
		d := int64(1)
		if i < n {
			d = h.dim[i+1]
		}
		switch {
		case d < 1:
			return size, fmt.Errorf("%w: dimension %d is %d", ErrNotNIfTI, i+1, d)
		case i >= 3 && d > 1:
			return size, fmt.Errorf("%w: %d volumes along dimension %d", ErrUnsupported, d, i+1)
		case d > int64(maxVoxels)/voxels:
			return size, fmt.Errorf("%w: %d × %d × %d, limit %d", ErrTooLarge, h.dim[1], h.dim[2], h.dim[3], maxVoxels)
		}
		voxels *= d
		if i < 3 {
			size[i] = int(d)
		}
	}
	return size, nil
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

// readFull fills b, or returns ErrTruncated where the file ends before.
func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}
