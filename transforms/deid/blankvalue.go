package deid

import (
	"math"

	"ctcohort/io/dicomio"
)

// airHU is what blank pixels of CT are.
const airHU = -1024

// blankPixel returns the bytes of a blank pixel in format p, sample by sample,
// little endian; false where the photometric interpretation has no blank here.
//
//	MONOCHROME1, 2   Pixel Padding Value; else of CT −1024 HU; else the darkest:
//	                 0, in MONOCHROME1 the highest stored value
//	PALETTE COLOR    0, whatever colour that is
//	RGB              black
//	YBR_FULL(_422)   black: 0, 128, 128; in YBR_PARTIAL_422 16, 128, 128
//	single bits      0, in MONOCHROME1 1
//	floating point   0
func blankPixel(o object, p dicomio.PixelFormat) ([]byte, bool) {
	size := p.BitsAllocated / 8
	var fill []byte
	add := func(word uint64) {
		for i := range size {
			shift := 8 * i
			if p.BigEndian {
				shift = 8 * (size - 1 - i)
			}
			fill = append(fill, byte(word>>shift))
		}
	}
	grey := p.Photometric == "MONOCHROME1" || p.Photometric == "MONOCHROME2" || p.Photometric == "PALETTE COLOR"
	switch {
	case p.BitsAllocated == 1 && grey && p.Samples == 1:
		if p.Photometric == "MONOCHROME1" {
			return []byte{0xFF}, true
		}
		return []byte{0}, true
	case p.Float && p.Samples == 1:
		add(0)
	case grey && p.Samples == 1:
		add(blankWord(o, p))
	case p.Photometric == "RGB" && p.Samples == 3:
		add(0)
		add(0)
		add(0)
	case (p.Photometric == "YBR_FULL" || p.Photometric == "YBR_FULL_422" || p.Photometric == "YBR_PARTIAL_422") && p.Samples == 3:
		black, neutral := uint64(0), uint64(1)<<(p.BitsStored-1)
		if p.Photometric == "YBR_PARTIAL_422" {
			black = 16
		}
		add(black)
		if p.Paired() {
			add(black)
		}
		add(neutral)
		add(neutral)
	default:
		return nil, false
	}
	return fill, true
}

// blankWord returns the word of a blank pixel of one sample.
func blankWord(o object, p dicomio.PixelFormat) uint64 {
	if v := o.Ints(tagPixelPadding); len(v) > 0 && p.BitsAllocated <= 16 {
		return uint64(v[0]) & (1<<p.BitsAllocated - 1)
	}
	low, high := 0, 1<<p.BitsStored-1
	if p.Signed {
		low, high = -1<<(p.BitsStored-1), 1<<(p.BitsStored-1)-1
	}
	value := 0
	switch {
	case p.Photometric == "PALETTE COLOR":
	case o.Text(0x00080060) == "CT" && p.Samples == 1 && p.BitsStored > 8:
		slope, intercept := rescale(o.Dataset)
		value = int(math.Round(max(float64(low), min(float64(high), (airHU-intercept)/slope))))
	case p.Photometric == "MONOCHROME1":
		value = high
	}
	return uint64(value) << (p.HighBit + 1 - p.BitsStored) & (1<<p.BitsAllocated - 1)
}

// rescale returns Rescale Slope and Intercept of the image, of all its frames or
// of its first frame.
func rescale(d dicomio.Dataset) (slope, intercept float64) {
	for _, t := range []dicomio.Tag{0, 0x52009229, 0x52009230} {
		at := d
		if t != 0 {
			groups := d.Items(t)
			if len(groups) == 0 {
				continue
			}
			transformation := groups[0].Items(0x00289145)
			if len(transformation) == 0 {
				continue
			}
			at = transformation[0]
		}
		s, i := at.Floats(0x00281053), at.Floats(0x00281052)
		if len(s) > 0 && len(i) > 0 && s[0] != 0 && !math.IsNaN(s[0]+i[0]) && !math.IsInf(s[0]+i[0], 0) {
			return s[0], i[0]
		}
	}
	return 1, 0
}
