package voxelio

import (
	"encoding/binary"
	"errors"
	"io"

	"ctcohort/model/volume"
)

const (
	chunk = 1 << 15 // voxels that are decoded at once
	// trusted is how many voxels are allocated on a header's word alone; beyond
	// that memory grows with what is read.
	trusted = 1 << 26
)

// Read reads n voxels. The error is ErrTruncated where r ends before, ErrVoxel
// where convert refuses a value, or r's own.
func Read[T volume.Voxel](r io.Reader, n int, f Format, convert func(float64) (T, bool)) ([]T, error) {
	decode, bytes := decoder(f, convert), f.Type.Bytes()
	buf := make([]byte, chunk*bytes)
	data := make([]T, 0, min(n, trusted))
	for len(data) < n {
		k := min(n-len(data), chunk)
		if err := ReadFull(r, buf[:k*bytes]); err != nil {
			return nil, err
		}
		if len(data)+k > cap(data) {
			data = append(make([]T, 0, min(n, 2*cap(data))), data...)
		}
		next := data[len(data) : len(data)+k]
		if !decode(next, buf) {
			return nil, ErrVoxel
		}
		data = data[:len(data)+k]
	}
	return data, nil
}

// decoder returns a function that fills dst from the bytes of as many voxels, and
// reports whether all of them could be converted. Voxels of up to two bytes go
// by a table of all that there are.
func decoder[T volume.Voxel](f Format, convert func(float64) (T, bool)) func(dst []T, src []byte) bool {
	bytes := f.Type.Bytes()
	if bytes > 2 {
		return func(dst []T, src []byte) bool {
			for i := range dst {
				var ok bool
				if dst[i], ok = convert(f.value(src[i*bytes:])); !ok {
					return false
				}
			}
			return true
		}
	}
	values, bad := make([]T, 1<<(8*bytes)), make([]bool, 1<<(8*bytes))
	for raw := range values {
		x, ok := convert(f.value(binary.LittleEndian.AppendUint16(nil, uint16(raw))))
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

// ReadFull fills b, or returns ErrTruncated where the file ends before.
func ReadFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	return early(err)
}

// Skip skips n bytes.
func Skip(r io.Reader, n int64) error {
	_, err := io.CopyN(io.Discard, r, n)
	return early(err)
}

// End reads one byte more than the voxels, so that a decompressor that is at its
// end compares its checksum. That more bytes follow is no error.
func End(r io.Reader) error {
	var one [1]byte
	if _, err := io.ReadFull(r, one[:]); err != nil && !errors.Is(err, io.EOF) {
		return early(err)
	}
	return nil
}

func early(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}

// Voxels returns the product of the sides, or ErrTooLarge where it is more than
// most. No side may be below 1.
func Voxels(sides []int64, most int) (int, error) {
	n := int64(1)
	for _, side := range sides {
		if side > int64(most)/n {
			return 0, ErrTooLarge
		}
		n *= side
	}
	return int(n), nil
}
