package nrrdio

import (
	"bufio"
	"fmt"
	"io"

	"ctcohort/io/voxelio"
	"ctcohort/model/volume"
)

// ReadHU reads a CT volume from a .nrrd or .nhdr file, in HU rounded half away
// from zero and clamped to int16, on a grid in LPS. Data files of a detached
// header come from open; where it is nil such a header is refused. A file that
// claims more than maxVoxels is refused before they are allocated. The error
// wraps one of this package's or voxelio's, or is the reader's.
func ReadHU(r io.Reader, open Opener, maxVoxels int) (*volume.Volume[int16], error) {
	return read(r, open, maxVoxels, voxelio.HU)
}

// ReadLabels reads a label map as ReadHU does, but accepts whole numbers of 0 to
// 255 only. Several layers are refused: see ReadSegmentation.
func ReadLabels(r io.Reader, open Opener, maxVoxels int) (*volume.Volume[uint8], error) {
	return read(r, open, maxVoxels, voxelio.Label)
}

func read[T volume.Voxel](r io.Reader, open Opener, maxVoxels int, convert func(float64) (T, bool)) (*volume.Volume[T], error) {
	_, layers, err := readLayers(r, open, maxVoxels, convert)
	if err == nil && len(layers) > 1 {
		err = fmt.Errorf("%w: %d values a voxel", ErrUnsupported, len(layers))
	}
	if err != nil {
		return nil, fmt.Errorf("reading NRRD: %w", err)
	}
	return layers[0], nil
}

// readLayers reads a volume for each sample of the axis that is not of space.
func readLayers[T volume.Voxel](r io.Reader, open Opener, maxVoxels int, convert func(float64) (T, bool)) (*header, []*volume.Volume[T], error) {
	in := bufio.NewReaderSize(r, 1<<18)
	h, err := readHeader(in)
	if err != nil {
		return nil, nil, err
	}
	voxels, err := voxelio.Voxels(h.sizes, maxVoxels)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %v, limit %d", err, h.sizes, maxVoxels)
	}
	spatial, others, err := h.axes()
	if err != nil {
		return nil, nil, err
	}
	if len(others) > 1 {
		return nil, nil, fmt.Errorf("%w: %d axes besides those of space", ErrUnsupported, len(others))
	}
	g, err := h.grid(spatial)
	if err != nil {
		return nil, nil, err
	}
	format, err := h.format()
	if err != nil {
		return nil, nil, err
	}
	body, err := h.body(in, open, int64(voxels)*int64(format.Type.Bytes()))
	if err != nil {
		return nil, nil, err
	}
	defer body.Close()
	data, err := voxelio.Read(body, voxels, format, convert)
	if err != nil {
		return nil, nil, err
	}
	if err := voxelio.End(body); err != nil {
		return nil, nil, err
	}
	if len(others) == 0 {
		return h, []*volume.Volume[T]{{Grid: g, Data: data}}, nil
	}
	return h, deal(data, g, h.sizes, others[0]), nil
}

// deal spreads samples over the layers of an axis.
func deal[T volume.Voxel](data []T, g volume.Grid, sizes []int64, axis int) []*volume.Volume[T] {
	layers := make([]*volume.Volume[T], sizes[axis])
	for i := range layers {
		layers[i] = volume.New[T](g)
	}
	run := 1 // samples along the axes before, which stay together
	for _, n := range sizes[:axis] {
		run *= int(n)
	}
	for at := 0; len(data) > 0; at += run {
		for _, layer := range layers {
			copy(layer.Data[at:at+run], data)
			data = data[run:]
		}
	}
	return layers
}
