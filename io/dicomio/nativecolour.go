package dicomio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
)

// nativeColour decodes a JPEG frame of three components as RGB.
func (p PixelFormat) nativeColour(frame []byte) ([]byte, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(frame))
	if err == nil && (config.Height != p.Rows || config.Width != p.Columns) {
		return nil, badPixels("JPEG: frame size is not rows × columns")
	}
	var decoded image.Image
	if err == nil {
		decoded, err = jpeg.Decode(bytes.NewReader(frame))
	}
	var unsupported jpeg.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return nil, &Error{Code: UnsupportedCodec, Detail: "JPEG " + string(unsupported)}
	case err != nil:
		return nil, badPixels("JPEG: a frame of colour that cannot be decoded")
	}
	out := make([]byte, 0, 3*p.Rows*p.Columns)
	switch img := decoded.(type) {
	case *image.RGBA:
		for y := range p.Rows {
			for row := img.Pix[y*img.Stride:][:4*p.Columns]; len(row) > 0; row = row[4:] {
				out = append(out, row[:3]...)
			}
		}
	case *image.YCbCr:
		return p.rgb(img, p.Photometric == "RGB" && !namesColours(frame)), nil
	default:
		return nil, badPixels("JPEG: not three components")
	}
	return out, nil
}

// rgb returns the pixels of a JPEG image of luminance and colour differences,
// or, where plain says so, of red, green and blue under those names.
func (p PixelFormat) rgb(img *image.YCbCr, plain bool) []byte {
	out := make([]byte, 0, 3*p.Rows*p.Columns)
	cb, cr := make([]byte, p.Columns), make([]byte, p.Columns)
	for y := range p.Rows {
		differences(cb, img.Cb, img, y)
		differences(cr, img.Cr, img, y)
		for x, luminance := range img.Y[y*img.YStride:][:p.Columns] {
			r, g, b := luminance, cb[x], cr[x]
			if !plain {
				r, g, b = color.YCbCrToRGB(luminance, cb[x], cr[x])
			}
			out = append(out, r, g, b)
		}
	}
	return out
}

// differences gives a row of a plane of colour differences its full width, as
// libjpeg does: where colour has half the width, and half the height, a pixel
// takes three quarters of the nearer sample and one of the further, each way.
func differences(out, plane []byte, img *image.YCbCr, y int) {
	width := (len(out) + 1) / 2
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		row := plane[y*img.CStride:][:width]
		for x := range out {
			near, further, round := int(row[x/2]), int(row[max(x/2-1, 0)]), 1
			if x%2 == 1 {
				further, round = int(row[min(x/2+1, width-1)]), 2
			}
			out[x] = byte((3*near + further + round) >> 2)
		}
	case image.YCbCrSubsampleRatio420:
		other := max(y/2-1, 0)
		if y%2 == 1 {
			other = min(y/2+1, (img.Rect.Dy()-1)/2)
		}
		row, beside := plane[y/2*img.CStride:][:width], plane[other*img.CStride:][:width]
		at := func(x int) int { return 3*int(row[x]) + int(beside[x]) }
		for x := range out {
			near, further, round := at(x/2), at(max(x/2-1, 0)), 8
			if x%2 == 1 {
				further, round = at(min(x/2+1, width-1)), 7
			}
			out[x] = byte((3*near + further + round) >> 4)
		}
	default:
		for x := range out {
			out[x] = plane[img.COffset(x, y)]
		}
	}
}

// namesColours reports whether a JPEG image says before its first scan what its
// components are: by JFIF luminance and differences, by Adobe's segment either.
func namesColours(frame []byte) bool {
	for at := 2; at+4 <= len(frame) && frame[at] == 0xFF && frame[at+1] != markerSOS; {
		segment := frame[at+4:]
		length := int(binary.BigEndian.Uint16(frame[at+2:]))
		adobe := frame[at+1] == 0xEE && length >= 14 && bytes.HasPrefix(segment, []byte("Adobe"))
		jfif := frame[at+1] == 0xE0 && bytes.HasPrefix(segment, []byte("JFIF\x00"))
		if adobe || jfif {
			return true
		}
		at += 2 + length
	}
	return false
}
