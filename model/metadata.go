package model

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxMetadata bounds the metadata of a file in bytes, all of them together.
const maxMetadata = 4 << 20

// errNotONNX occurs when a file's bytes are no protocol buffer.
var errNotONNX = errors.New("this is no ONNX file")

// ReadMetadata returns the metadata of an ONNX file without a runtime and
// without keeping its weights: ModelProto's field 14, metadata_props, of
// messages with a key in field 1 and a value in field 2 (onnx.proto). It reads r to its end. A
// file cut short, and one whose metadata take more than 4 MiB, is an error.
func ReadMetadata(r io.Reader) (map[string]string, error) {
	const metadataProps = 14
	metadata, left := map[string]string{}, maxMetadata
	err := fields(bufio.NewReaderSize(r, 1<<16), func(number uint64, size int64, value io.Reader) error {
		if number != metadataProps {
			return nil
		}
		if size > int64(left) {
			return fmt.Errorf("the metadata take more than %d bytes", maxMetadata)
		}
		left -= int(size)
		var entry [3]string
		err := fields(bufio.NewReader(value), func(number uint64, size int64, value io.Reader) error {
			if number == 1 || number == 2 {
				text, err := io.ReadAll(value)
				entry[number] = string(text)
				return err
			}
			return nil
		})
		metadata[entry[1]] = entry[2]
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the metadata of a model: %w", err)
	}
	return metadata, nil
}

// fields calls each for every field of bytes of a message, with its number and
// its bytes, of which each may leave some. Fields of numbers are passed over.
func fields(r *bufio.Reader, each func(number uint64, size int64, value io.Reader) error) error {
	for {
		key, err := binary.ReadUvarint(r)
		if err == io.EOF {
			return nil
		}
		if err != nil || key>>3 == 0 {
			return errors.Join(errNotONNX, err)
		}
		switch key & 7 {
		case 0:
			_, err = binary.ReadUvarint(r)
		case 1:
			_, err = io.CopyN(io.Discard, r, 8)
		case 5:
			_, err = io.CopyN(io.Discard, r, 4)
		case 2:
			err = field(r, key>>3, each)
		default:
			err = errNotONNX
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
}

func field(r *bufio.Reader, number uint64, each func(number uint64, size int64, value io.Reader) error) error {
	size, err := binary.ReadUvarint(r)
	if err != nil || int64(size) < 0 {
		return errors.Join(errNotONNX, err)
	}
	value := &io.LimitedReader{R: r, N: int64(size)}
	if err := each(number, int64(size), value); err != nil {
		return err
	}
	_, err = io.CopyN(io.Discard, r, value.N)
	return err
}
