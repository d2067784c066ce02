package niftiio

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/klauspost/compress/gzip"

	"ctcohort/model/volume"
)

// dataOffset is where the voxels start: after the header and four bytes that say
// that no extension follows.
const dataOffset = size1 + 4

// Write writes v as a little-endian NIfTI-1 file, int16, uint8 or float32 as its
// voxels are, with sform and qform in scanner coordinates; gzipped at the fastest
// level where gz is set. The bytes depend on v and gz only.
func Write[T volume.Voxel](w io.Writer, v *volume.Volume[T], gz bool) error {
	if len(v.Data) != v.Len() {
		panic(fmt.Sprintf("niftiio: %d voxels in a grid of %v", len(v.Data), v.Size))
	}
	for _, n := range v.Size {
		if n < 1 || n > math.MaxInt16 {
			return fmt.Errorf("writing NIfTI: a side of %v voxels is not between 1 and %d", v.Size, math.MaxInt16)
		}
	}
	if err := write(w, v, gz); err != nil {
		return fmt.Errorf("writing NIfTI: %w", err)
	}
	return nil
}

func write[T volume.Voxel](w io.Writer, v *volume.Volume[T], gz bool) error {
	if !gz {
		return writeAll(w, v)
	}
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	z.ModTime = time.Unix(0, 0) // the header's word for no time
	if err := writeAll(z, v); err != nil {
		return err
	}
	return z.Close()
}

func writeAll[T volume.Voxel](w io.Writer, v *volume.Volume[T]) error {
	out := bufio.NewWriterSize(w, 1<<18)
	if _, err := out.Write(encodeHeader(v)); err != nil {
		return err
	}
	for data := v.Data; len(data) > 0; {
		n := min(len(data), 1<<15)
		b := encode(out.AvailableBuffer(), data[:n])
		if _, err := out.Write(b); err != nil {
			return err
		}
		data = data[n:]
	}
	return out.Flush()
}

func encode[T volume.Voxel](b []byte, data []T) []byte {
	switch datatype, _ := voxelType[T](); datatype {
	case typeUint8:
		for _, x := range data {
			b = append(b, byte(x))
		}
	case typeInt16:
		for _, x := range data {
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(x)))
		}
	default:
		for _, x := range data {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x)))
		}
	}
	return b
}
