package dicomio

import (
	"encoding/binary"
	"math"
	"sync/atomic"
)

// AirHU is what padding becomes.
const AirHU = -1024

// padding reads the padding value and its range limit. Their VR is written
// with either sign in practice; they are taken as signed as the pixels are.
func (h *SliceHeader) padding(d Dataset) {
	value := d.Ints(tagPixelPadding)
	if len(value) == 0 {
		return
	}
	low := h.asStored(value[0])
	high := low
	if limit := d.Ints(tagPixelPaddingLimit); len(limit) > 0 {
		high = h.asStored(limit[0])
	}
	h.HasPadding, h.Padding = true, [2]int{min(low, high), max(low, high)}
}

func (h *SliceHeader) asStored(v int) int {
	if h.Signed {
		return int(int16(v))
	}
	return int(uint16(v))
}

// scale is what a lookup table depends on.
type scale struct {
	slope, intercept                   float64
	bitsAllocated, bitsStored, highBit int
	signed, hasPadding                 bool
	padding                            [2]int
}

// scaled is a lookup table and what it is for.
type scaled struct {
	scale
	table []int16
}

// lastScaled is the table of the slice before, which nearly always serves the next one too.
var lastScaled atomic.Pointer[scaled]

// lookup returns h's table, which must not be written to; see newLookup.
func (h *SliceHeader) lookup() ([]int16, error) {
	of := scale{h.Slope, h.Intercept, h.BitsAllocated, h.BitsStored, h.HighBit, h.Signed, h.HasPadding, h.Padding}
	if last := lastScaled.Load(); last != nil && last.scale == of {
		return last.table, nil
	}
	table, err := h.newLookup()
	if err == nil {
		lastScaled.Store(&scaled{of, table})
	}
	return table, err
}

// newLookup returns HU for every word that BitsAllocated (8 or 16) can hold, by
// the bits of BitsStored under HighBit; bits outside them are masked, as they
// may carry overlays. Padding is also recognised in the unmasked word, for
// scanners that write it there.
func (h *SliceHeader) newLookup() ([]int16, error) {
	if h.BitsAllocated != 8 && h.BitsAllocated != 16 {
		return nil, &Error{Code: UnsupportedPixels, Detail: "bits allocated is neither 8 nor 16"}
	}
	shift := h.HighBit + 1 - h.BitsStored
	if h.BitsStored < 1 || h.HighBit >= h.BitsAllocated || shift < 0 {
		return nil, &Error{Code: UnsupportedPixels, Detail: "bits stored and high bit do not fit bits allocated"}
	}
	table := make([]int16, 1<<h.BitsAllocated)
	span := 1 << h.BitsStored
	hu := make([]int16, span)
	for i := range hu {
		v := i
		if h.Signed && i >= span/2 {
			v -= span
		}
		hu[i] = roundHU(float64(v)*h.Slope + h.Intercept)
		if h.HasPadding && v >= h.Padding[0] && v <= h.Padding[1] {
			hu[i] = AirHU
		}
	}
	for w := range table {
		table[w] = hu[w>>shift&(span-1)]
	}
	if h.HasPadding && h.Padding[0] == h.Padding[1] {
		table[h.Padding[0]&(len(table)-1)] = AirHU
	}
	return table, nil
}

// roundHU rounds half away from zero and saturates.
func roundHU(v float64) int16 {
	return int16(math.Round(max(math.MinInt16, min(math.MaxInt16, v))))
}

// lookupBytes maps native bytes, words in the given order, through table.
func lookupBytes(table []int16, raw []byte, order binary.ByteOrder, n int) []int16 {
	hu := make([]int16, n)
	switch {
	case len(table) == 256:
		for i, b := range raw[:n] {
			hu[i] = table[b]
		}
	case order == binary.BigEndian:
		for i := range hu {
			hu[i] = table[uint16(raw[2*i])<<8|uint16(raw[2*i+1])]
		}
	default:
		table := (*[1 << 16]int16)(table)
		for i := range hu {
			hu[i] = table[uint16(raw[2*i])|uint16(raw[2*i+1])<<8]
		}
	}
	return hu
}

// lookupWords maps decoded samples through table.
func lookupWords(table []int16, words []uint16) []int16 {
	hu := make([]int16, len(words))
	mask := uint16(len(table) - 1)
	for i, w := range words {
		hu[i] = table[w&mask]
	}
	return hu
}
