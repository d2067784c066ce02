package dicomio

import "encoding/binary"

// decodeRLE decodes an RLE Lossless frame (PS3.5 annex G) of one sample a
// pixel: one segment of bytes for 8 bits, two for 16, the high byte first.
func decodeRLE(data []byte, rows, columns int) ([]uint16, error) {
	const header = 64
	if len(data) < header {
		return nil, badPixels("RLE: header missing")
	}
	segments := int(binary.LittleEndian.Uint32(data))
	if segments != 1 && segments != 2 {
		return nil, badPixels("RLE: neither one nor two segments")
	}
	pixels := make([]uint16, rows*columns)
	for s := range segments {
		start, end := uint64(binary.LittleEndian.Uint32(data[4+4*s:])), uint64(len(data))
		if s+1 < segments {
			end = uint64(binary.LittleEndian.Uint32(data[8+4*s:]))
		}
		if start < header || start > end || end > uint64(len(data)) {
			return nil, badPixels("RLE: segment outside the frame")
		}
		if err := unpack(data[start:end], pixels, uint(8*(segments-1-s))); err != nil {
			return nil, err
		}
	}
	return pixels, nil
}

// unpack undoes PackBits and ors each byte, shifted, into its pixel.
func unpack(src []byte, pixels []uint16, shift uint) error {
	n := 0
	for i := 0; n < len(pixels); {
		if i >= len(src) {
			return badPixels("RLE: segment too short")
		}
		count := int(int8(src[i]))
		i++
		switch {
		case count >= 0:
			run := min(count+1, len(pixels)-n)
			if i+run > len(src) {
				return badPixels("RLE: segment too short")
			}
			for k, b := range src[i : i+run] {
				pixels[n+k] |= uint16(b) << shift
			}
			i, n = i+count+1, n+run
		case count > -128:
			if i >= len(src) {
				return badPixels("RLE: segment too short")
			}
			v := uint16(src[i]) << shift
			run := min(1-count, len(pixels)-n)
			for k := range run {
				pixels[n+k] |= v
			}
			i, n = i+1, n+run
		}
	}
	return nil
}
