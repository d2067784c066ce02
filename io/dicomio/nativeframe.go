package dicomio

import (
	"encoding/binary"
	"strings"
)

// Decoded returns the format that DecodeNative gives frames of p in: little
// endian, the samples of a pixel next to each other, YBR of JPEG baseline and
// JPEG 2000 as RGB. A syntax or an image that it does not decode is an Error
// that says which.
func (p PixelFormat) Decoded(syntaxUID string) (PixelFormat, error) {
	out := p
	out.Planar, out.BigEndian, out.Swapped = false, false, false
	j2k := strings.HasPrefix(syntaxUID, jpeg2000Prefix) || strings.HasPrefix(syntaxUID, htj2kPrefix)
	switch {
	case codecs[syntaxUID] == nil:
		return out, unsupportedCodec(syntaxUID)
	case p.Float || p.BitsAllocated < 8 || p.BitsAllocated > 32 || int64(p.Rows)*int64(p.Columns) > maxFramePixels:
		return out, &Error{Code: UnsupportedPixels, Detail: "compressed pixels that are not of 8 to 32 bits, or too many in a frame"}
	case syntaxUID == rleLossless && !p.Paired():
	case p.BitsAllocated > 16:
		return out, &Error{Code: UnsupportedPixels, Detail: "compressed pixels of more than 16 bits"}
	case p.Samples == 1, lossless(syntaxUID) && !p.Paired(), j2k && !p.Paired():
	case p.Samples == 3 && p.BitsAllocated == 8 && syntaxUID == jpegBaseline:
		out.Photometric = "RGB"
	default:
		return out, &Error{Code: UnsupportedPixels, Detail: "colour in a compression where only grey is read"}
	}
	if !j2k {
		return out, nil
	}
	if p.Photometric == "YBR_RCT" || p.Photometric == "YBR_ICT" {
		out.Photometric = "RGB"
	}
	_, err := openJPEG("JPEG 2000")
	return out, err
}

const (
	rleLossless    = "1.2.840.10008.1.2.5"
	jpegBaseline   = "1.2.840.10008.1.2.4.50"
	jpeg2000Prefix = "1.2.840.10008.1.2.4.9"
	htj2kPrefix    = "1.2.840.10008.1.2.4.20"
)

// lossless reports whether the syntax is JPEG Lossless, process 14.
func lossless(syntaxUID string) bool {
	return syntaxUID == "1.2.840.10008.1.2.4.57" || syntaxUID == "1.2.840.10008.1.2.4.70"
}

// DecodeNative returns a compressed frame as it is stored uncompressed, in the
// format that p.Decoded tells.
func (p PixelFormat) DecodeNative(syntaxUID string, frame []byte) ([]byte, error) {
	if _, err := p.Decoded(syntaxUID); err != nil {
		return nil, err
	}
	switch {
	case syntaxUID == rleLossless:
		return p.nativeRLE(frame)
	case p.Samples > 1 && syntaxUID == jpegBaseline:
		return p.nativeColour(frame)
	}
	words, bits, err := codecs[syntaxUID](frame, p.Rows, p.Columns, p.Samples)
	if err != nil {
		return nil, err
	}
	if bits != 0 && bits != p.HighBit+1 {
		return nil, badPixels("a frame of other bits than Bits Stored says")
	}
	if p.BitsAllocated == 8 {
		out := make([]byte, len(words))
		for i, w := range words {
			out[i] = byte(w)
		}
		return out, nil
	}
	out := make([]byte, 0, 2*len(words))
	for _, w := range words {
		if p.Signed && p.HighBit == p.BitsStored-1 { // a codec of fewer bits leaves the sign to be extended
			w = uint16(int16(w<<(16-p.BitsStored)) >> (16 - p.BitsStored))
		}
		out = binary.LittleEndian.AppendUint16(out, w)
	}
	return out, nil
}

// nativeRLE decodes an RLE frame of any number of samples and bytes: a segment
// for each byte of each sample, the high byte first (PS3.5 annex G).
func (p PixelFormat) nativeRLE(frame []byte) ([]byte, error) {
	size := p.BitsAllocated / 8
	segments, pixel := p.Samples*size, p.Samples*size
	if len(frame) < 64 || int(binary.LittleEndian.Uint32(frame)) != segments || segments > 15 {
		return nil, badPixels("RLE: not a segment for each byte of each sample")
	}
	out := make([]byte, p.Rows*p.Columns*pixel)
	for s := range segments {
		start, end := uint64(binary.LittleEndian.Uint32(frame[4+4*s:])), uint64(len(frame))
		if s+1 < segments {
			end = uint64(binary.LittleEndian.Uint32(frame[8+4*s:]))
		}
		if start < 64 || start > end || end > uint64(len(frame)) {
			return nil, badPixels("RLE: segment outside the frame")
		}
		sample, high := s/size, s%size
		if err := unpackBytes(frame[start:end], out[sample*size+size-1-high:], pixel); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unpackBytes undoes PackBits into every step-th byte of out.
func unpackBytes(src, out []byte, step int) error {
	short := badPixels("RLE: segment too short")
	for n := 0; n < len(out); {
		if len(src) == 0 {
			return short
		}
		count := int(int8(src[0]))
		src = src[1:]
		switch {
		case count >= 0:
			for k := 0; k <= count && n < len(out); k, n = k+1, n+step {
				if len(src) == k {
					return short
				}
				out[n] = src[k]
			}
			src = src[min(count+1, len(src)):]
		case count > -128:
			if len(src) == 0 {
				return short
			}
			for k := 0; k <= -count && n < len(out); k, n = k+1, n+step {
				out[n] = src[0]
			}
			src = src[1:]
		}
	}
	return nil
}
