package niftiio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/gzip"

	"ctcohort/model/volume"
)

// ErrVoxel is what reading returns for a voxel that its kind of volume cannot
// hold: HU that are not a number, or a label that is not a whole number of 0 to 255.
var ErrVoxel = errors.New("a voxel has no valid value")

// ReadHU reads a CT volume from a .nii or .nii.gz file, in HU rounded half away
// from zero and clamped to int16, on a grid in LPS. It refuses a file that claims
// more than maxVoxels before it allocates them. The error wraps one of this
// package's, or is the reader's.
func ReadHU(r io.Reader, maxVoxels int) (*volume.Volume[int16], error) {
	return read(r, maxVoxels, func(x float64) (int16, bool) {
		x = math.Trunc(x + math.Copysign(0.5, x))
		return int16(max(math.MinInt16, min(math.MaxInt16, x))), !math.IsNaN(x)
	})
}

// ReadLabels reads a label map as ReadHU does, but accepts whole numbers of 0 to
// 255 only.
func ReadLabels(r io.Reader, maxVoxels int) (*volume.Volume[uint8], error) {
	return read(r, maxVoxels, func(x float64) (uint8, bool) {
		if !(x >= 0 && x <= math.MaxUint8) {
			return 0, false
		}
		return uint8(x), x == math.Trunc(x)
	})
}

func read[T volume.Voxel](r io.Reader, maxVoxels int, convert func(float64) (T, bool)) (*volume.Volume[T], error) {
	plain, err := inflate(r)
	if err != nil {
		return nil, fmt.Errorf("reading NIfTI: %w", err)
	}
	v, err := readPlain(plain, maxVoxels, convert)
	if err != nil {
		return nil, fmt.Errorf("reading NIfTI: %w", err)
	}
	return v, nil
}

// inflate returns r's bytes, unzipped where they start as gzip does.
func inflate(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<18)
	switch magic, err := in.Peek(2); {
	case errors.Is(err, io.EOF):
		return nil, ErrTruncated
	case err != nil:
		return nil, err
	case magic[0] != 0x1f || magic[1] != 0x8b:
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrTruncated
	}
	return z, err
}

func readPlain[T volume.Voxel](r io.Reader, maxVoxels int, convert func(float64) (T, bool)) (*volume.Volume[T], error) {
	h, read, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	bytes, err := h.voxelBytes()
	if err != nil {
		return nil, err
	}
	g, err := h.grid(maxVoxels)
	if err != nil {
		return nil, err
	}
	if err := h.skipToData(r, read); err != nil {
		return nil, err
	}
	v := volume.New[T](g)
	decode := decoder(h, bytes, convert)
	const chunk = 1 << 15
	buf := make([]byte, chunk*bytes)
	for data := v.Data; len(data) > 0; {
		n := min(len(data), chunk)
		if err := readFull(r, buf[:n*bytes]); err != nil {
			return nil, err
		}
		if !decode(data[:n], buf) {
			return nil, ErrVoxel
		}
		data = data[n:]
	}
	// One byte more makes gzip reach its end and compare the checksum.
	if _, err := io.ReadFull(r, buf[:1]); err != nil && !errors.Is(err, io.EOF) {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, ErrTruncated
		}
		return nil, err
	}
	return v, nil
}

// skipToData skips extensions, and whatever else lies in front of the voxels.
func (h header) skipToData(r io.Reader, read int) error {
	offset := h.offset
	if offset == 0 {
		offset = float64(read + 4) // as nibabel takes a file that leaves it out
	}
	if offset < float64(read) || offset > 1<<40 || offset != math.Trunc(offset) {
		return fmt.Errorf("%w: its voxels would start at byte %v", ErrNotNIfTI, h.offset)
	}
	switch _, err := io.CopyN(io.Discard, r, int64(offset)-int64(read)); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrTruncated
	default:
		return err
	}
}

// scaling returns the slope and intercept of a voxel's value; a slope of zero,
// or one that is not a number, means none.
func (h header) scaling() (slope, inter float64) {
	if h.slope == 0 || math.IsNaN(h.slope) || math.IsInf(h.slope, 0) {
		return 1, 0
	}
	return h.slope, h.inter
}
