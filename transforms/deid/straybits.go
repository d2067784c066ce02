package deid

import (
	"encoding/binary"

	"ctcohort/io/dicomio"
)

// strayBits knows which bits of a word belong to no pixel: those outside Bits
// Stored under High Bit, where overlays were once kept (PS3.5 section 8.1.1) and
// stay behind when their group is removed. Bits that repeat the sign do belong,
// and so does a whole word that is padding by Pixel Padding Value and its limit.
type strayBits struct {
	bytes   int
	order   binary.ByteOrder
	stored  uint64 // the bits of a pixel
	shift   int
	sign    uint64 // the highest of them, 0 where pixels are unsigned
	padding [2]int64
	padded  bool
	signed  bool
}

// strayBitsOf returns nil where all bits are of pixels, or no one can tell.
func strayBitsOf(o object, p dicomio.PixelFormat) *strayBits {
	if p.Float || p.BitsAllocated < 8 || p.BitsAllocated > 32 || p.BitsStored == p.BitsAllocated {
		return nil
	}
	b := &strayBits{bytes: p.BitsAllocated / 8, order: binary.LittleEndian, shift: p.HighBit + 1 - p.BitsStored, signed: p.Signed}
	if p.BigEndian {
		b.order = binary.BigEndian
	}
	b.stored = (1<<p.BitsStored - 1) << b.shift
	if p.Signed {
		b.sign = 1 << p.HighBit
	}
	if v := o.Ints(tagPixelPadding); len(v) > 0 {
		low := b.number(uint64(v[0]))
		high := low
		if limit := o.Ints(0x00280121); len(limit) > 0 {
			high = b.number(uint64(limit[0]))
		}
		b.padded, b.padding = true, [2]int64{min(low, high), max(low, high)}
	}
	return b
}

// number returns a whole word as a number, as signed as pixels are.
func (b *strayBits) number(word uint64) int64 {
	unused := 64 - 8*b.bytes
	if b.signed {
		return int64(word<<unused) >> unused
	}
	return int64(word << unused >> unused)
}

// clear returns the word with the stray bits 0, or as the sign.
func (b *strayBits) clear(word uint64) uint64 {
	if word&^b.stored == 0 && word&b.sign == 0 {
		return word
	}
	if b.padded {
		if n := b.number(word); n >= b.padding[0] && n <= b.padding[1] {
			return word
		}
	}
	out := word & b.stored
	if out&b.sign != 0 {
		above := ^(b.sign | (b.sign - 1)) & (1<<(8*b.bytes) - 1)
		if word&above == 0 || word&above == above {
			return out | word&above
		}
		out |= above
	}
	return out
}

// apply returns how many whole words have stray bits, and clears these where
// change says so.
func (b *strayBits) apply(words []byte, change bool) (found int) {
	outside, neighbours := b.eightBytes()
	for len(words) >= b.bytes {
		if outside != 0 && len(words) >= 8 {
			if x := binary.LittleEndian.Uint64(words); (x^x<<1&neighbours)&outside == 0 {
				words = words[8:]
				continue
			}
		}
		word := b.read(words)
		if cleared := b.clear(word); cleared != word {
			if found++; change {
				b.write(words, cleared)
			}
		}
		words = words[b.bytes:]
	}
	return found
}

// eightBytes returns the masks by which as many words as eight bytes hold are
// seen at once to have no stray bit: those outside the pixel are 0 or, where
// pixels are signed, as their lower neighbours. Masks of 0 where that cannot be told.
func (b *strayBits) eightBytes() (outside, neighbours uint64) {
	if b.order != binary.LittleEndian || b.signed && b.shift != 0 {
		return 0, 0
	}
	outside = ^b.stored & (1<<(8*b.bytes) - 1)
	for n := 8 * b.bytes; n < 64; n *= 2 {
		outside |= outside << n
	}
	if b.signed {
		neighbours = ^uint64(0)
	}
	return outside, neighbours
}

func (b *strayBits) read(p []byte) uint64 {
	switch b.bytes {
	case 1:
		return uint64(p[0])
	case 2:
		return uint64(b.order.Uint16(p))
	}
	return uint64(b.order.Uint32(p))
}

func (b *strayBits) write(p []byte, word uint64) {
	switch b.bytes {
	case 1:
		p[0] = byte(word)
	case 2:
		b.order.PutUint16(p, uint16(word))
	default:
		b.order.PutUint32(p, uint32(word))
	}
}
