package dicomio

import "encoding/binary"

// lookAhead is how many bits one look-up decodes; longer codes are rare.
const lookAhead = 12

// huffman decodes the codes of one table (ISO/IEC 10918-1 annex C).
type huffman struct {
	fast    [1 << lookAhead]uint16 // code length << 8 | symbol; 0 for longer codes
	symbols []byte
	limit   [17]int32 // of each length: the largest code, or −1
	offset  [17]int32 // of each length: symbol index − code
}

func newHuffman(counts [16]byte, symbols []byte) (*huffman, error) {
	h := &huffman{symbols: append([]byte(nil), symbols...)}
	code, k := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(counts[length-1])
		h.limit[length], h.offset[length] = code+n-1, k-code
		if n == 0 {
			h.limit[length] = -1
		}
		if code+n > 1<<length {
			return nil, badPixels("JPEG: Huffman codes overflow")
		}
		for ; n > 0; n-- {
			if length <= lookAhead {
				first := code << (lookAhead - length)
				for i := range int32(1) << (lookAhead - length) {
					h.fast[first+i] = uint16(length)<<8 | uint16(h.symbols[k])
				}
			}
			code++
			k++
		}
		code <<= 1
	}
	return h, nil
}

// bitReader reads the entropy-coded bits of a scan. It stops at a marker and
// gives zeros from there on, counted, so that a stream that ends early shows.
type bitReader struct {
	data  []byte
	pos   int
	acc   uint64 // the next bits, left aligned
	n     uint   // how many of them are valid
	zeros int    // bits handed into acc past the end
}

// fill makes at least 56 bits valid.
func (b *bitReader) fill() {
	if b.pos+8 <= len(b.data) {
		w := binary.BigEndian.Uint64(b.data[b.pos:])
		if inv := ^w; (inv-0x0101010101010101)&w&0x8080808080808080 == 0 { // no byte is 0xFF
			b.acc |= w >> b.n
			take := (64 - b.n) >> 3
			b.pos += int(take)
			b.n += take * 8
			return
		}
	}
	for b.n <= 56 {
		var c byte
		switch {
		case b.pos >= len(b.data):
			b.zeros += 8
		case b.data[b.pos] != 0xFF:
			c = b.data[b.pos]
			b.pos++
		case b.pos+1 < len(b.data) && b.data[b.pos+1] == 0:
			c = 0xFF
			b.pos += 2
		default:
			b.zeros += 8
		}
		b.acc |= uint64(c) << (56 - b.n)
		b.n += 8
	}
}

// short says whether more bits were consumed than the stream has.
func (b *bitReader) short() bool { return b.zeros > int(b.n) }

// restart skips to behind the next restart marker.
func (b *bitReader) restart() error {
	if b.short() {
		return badPixels("JPEG: scan too short")
	}
	for ; b.pos+1 < len(b.data); b.pos++ {
		if b.data[b.pos] == 0xFF && b.data[b.pos+1]&0xF8 == markerRST0 {
			b.pos += 2
			b.acc, b.n, b.zeros = 0, 0, 0
			return nil
		}
	}
	return badPixels("JPEG: restart marker missing")
}

// symbol decodes one code; at least 16 bits must be valid.
func (b *bitReader) symbol(h *huffman) (byte, bool) {
	if e := h.fast[b.acc>>(64-lookAhead)]; e != 0 {
		b.drop(uint(e >> 8))
		return byte(e), true
	}
	for length := lookAhead + 1; length <= 16; length++ {
		if code := int32(b.acc >> (64 - length)); code <= h.limit[length] {
			b.drop(uint(length))
			return h.symbols[code+h.offset[length]], true
		}
	}
	return 0, false
}

func (b *bitReader) drop(n uint) {
	b.acc <<= n
	b.n -= n
}

// receive reads s bits (1 to 16) and extends them to a signed difference
// (ISO/IEC 10918-1 F.2.2.1).
func (b *bitReader) receive(s uint) int32 {
	v := int32(b.acc >> (64 - s))
	b.drop(s)
	if v < 1<<(s-1) {
		v += -1<<s + 1
	}
	return v
}
