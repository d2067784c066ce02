package niftiio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/gzip"

	"ctcohort/io/voxelio"
	"ctcohort/model/volume"
)

// ReadHU reads a CT volume from a .nii or .nii.gz file, in HU rounded half away
// from zero and clamped to int16, on a grid in LPS. It refuses a file that claims
// more than maxVoxels before it allocates them. The error wraps one of this
// package's or voxelio's, or is the reader's.
func ReadHU(r io.Reader, maxVoxels int) (*volume.Volume[int16], error) {
	return read(r, maxVoxels, voxelio.HU)
}

// ReadLabels reads a label map as ReadHU does, but accepts whole numbers of 0 to
// 255 only.
func ReadLabels(r io.Reader, maxVoxels int) (*volume.Volume[uint8], error) {
	return read(r, maxVoxels, voxelio.Label)
}

// ReadGrid reads a volume's grid, in LPS, and none of its voxels.
func ReadGrid(r io.Reader, maxVoxels int) (volume.Grid, error) {
	plain, err := inflate(r)
	if err != nil {
		return volume.Grid{}, fmt.Errorf("reading NIfTI: %w", err)
	}
	h, _, err := readHeader(plain)
	if err == nil {
		var g volume.Grid
		if g, err = h.grid(maxVoxels); err == nil {
			return g, nil
		}
	}
	return volume.Grid{}, fmt.Errorf("reading NIfTI: %w", err)
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
		return nil, voxelio.ErrTruncated
	case err != nil:
		return nil, err
	case magic[0] != 0x1f || magic[1] != 0x8b:
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, voxelio.ErrTruncated
	}
	return z, err
}

func readPlain[T volume.Voxel](r io.Reader, maxVoxels int, convert func(float64) (T, bool)) (*volume.Volume[T], error) {
	h, read, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	format, err := h.format()
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
	data, err := voxelio.Read(r, g.Len(), format, convert)
	if err != nil {
		return nil, err
	}
	return &volume.Volume[T]{Grid: g, Data: data}, voxelio.End(r)
}

// maxOffset bounds what lies between header and voxels, so that a zipped file
// cannot make its reader inflate without end.
const maxOffset = 1 << 28

// skipToData skips extensions, and whatever else lies in front of the voxels.
func (h header) skipToData(r io.Reader, read int) error {
	offset := h.offset
	if offset == 0 {
		offset = float64(read + 4) // as nibabel takes a file that leaves it out
	}
	if offset < float64(read) || offset > maxOffset || offset != math.Trunc(offset) {
		return fmt.Errorf("%w: its voxels would start at byte %v", ErrNotNIfTI, h.offset)
	}
	return voxelio.Skip(r, int64(offset)-int64(read))
}
