package dicomio

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// encodeLossless writes a process 14 image by the text of ISO/IEC 10918-1
// annex H, pixel by pixel, to check the decoder against. Its Huffman codes have
// 3, 5 or, beyond what one look-up decodes, 14 bits.
func encodeLossless(pixels []uint16, rows, columns, precision, predictor int, point uint, restartRows int) []byte {
	lengths := [17]int{}
	out := []byte{0xFF, 0xD8, 0xFF, 0xC4, 0, 19 + 17, 0}
	counts := [16]byte{}
	symbols := []byte{}
	for s := range 17 {
		lengths[s] = 5
		if s < 4 {
			lengths[s] = 3
		}
		if s > 12 {
			lengths[s] = 14
		}
	}
	for length := 1; length <= 16; length++ {
		for s, l := range lengths {
			if l == length {
				counts[length-1]++
				symbols = append(symbols, byte(s))
			}
		}
	}
	out = append(append(out, counts[:]...), symbols...)
	codes := map[byte][2]int{}
	code, k := 0, 0
	for length := 1; length <= 16; length++ {
		for range counts[length-1] {
			codes[symbols[k]] = [2]int{code, length}
			code++
			k++
		}
		code <<= 1
	}
	out = append(out, 0xFF, 0xC3, 0, 11, byte(precision), byte(rows>>8), byte(rows), byte(columns>>8), byte(columns), 1, 1, 0x11, 0)
	if restartRows > 0 {
		out = append(out, 0xFF, 0xDD, 0, 4)
		out = binary.BigEndian.AppendUint16(out, uint16(restartRows*columns))
	}
	out = append(out, 0xFF, 0xDA, 0, 8, 1, 1, 0, byte(predictor), 0, byte(point))
	var acc uint64
	n := 0
	put := func(v, length int) {
		for i := length - 1; i >= 0; i-- {
			acc, n = acc<<1|uint64(v>>i&1), n+1
			if n == 8 {
				if out = append(out, byte(acc)); byte(acc) == 0xFF {
					out = append(out, 0)
				}
				acc, n = 0, 0
			}
		}
	}
	flush := func() {
		for n != 0 {
			put(1, 1)
		}
	}
	at := func(y, x int) int { return int(pixels[y*columns+x] >> point) }
	restarts := 0
	for y := range rows {
		fresh := y == 0
		if restartRows > 0 && y > 0 && y%restartRows == 0 {
			flush()
			out = append(out, 0xFF, byte(0xD0+restarts%8))
			restarts++
			fresh = true
		}
		for x := range columns {
			var p int
			switch {
			case fresh && x == 0:
				p = 1 << (precision - int(point) - 1)
			case fresh:
				p = at(y, x-1)
			case x == 0:
				p = at(y-1, x)
			default:
				a, b, c := at(y, x-1), at(y-1, x), at(y-1, x-1)
				p = [8]int{0, a, b, c, a + b - c, a + (b-c)>>1, b + (a-c)>>1, (a + b) >> 1}[predictor]
			}
			d := int(int16(uint16(at(y, x) - p)))
			size := bits.Len(uint(max(d, -d)))
			put(codes[byte(size)][0], codes[byte(size)][1])
			if size == 16 {
				continue
			}
			if d < 0 {
				d += 1<<size - 1
			}
			put(d, size)
		}
	}
	flush()
	return append(out, 0xFF, 0xD9)
}

func TestLosslessRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for predictor := 1; predictor <= 7; predictor++ {
		for _, precision := range []int{2, 8, 12, 16} {
			for _, restart := range []int{0, 1, 3} {
				point := uint(predictor % 2)
				rows, columns := 1+random.IntN(9), 1+random.IntN(40)
				pixels := make([]uint16, rows*columns)
				for i := range pixels {
					pixels[i] = uint16(random.IntN(1<<precision)) >> point << point
				}
				name := fmt.Sprintf("predictor %d, %d bits, %d×%d, restart %d", predictor, precision, rows, columns, restart)
				data := encodeLossless(pixels, rows, columns, precision, predictor, point, restart)
				got, err := decodeJPEG(data, rows, columns)
				if err != nil || !slices.Equal(got, pixels) {
					t.Fatalf("%s: decodeJPEG = %v, %v; want %v", name, got, err, pixels)
				}
				if _, err := decodeJPEG(data[:len(data)-2-len(data)/4], rows, columns); err == nil && len(pixels) > 40 {
					t.Errorf("%s: no error of a stream cut short", name)
				}
				if _, err := decodeJPEG(data, rows+1, columns); err == nil {
					t.Errorf("%s: no error of a frame of another size", name)
				}
			}
		}
	}
}

// encodeRLE writes PackBits runs and literals as PS3.5 annex G.
func encodeRLE(pixels []uint16, wide bool) []byte {
	shifts := []uint{0}
	if wide {
		shifts = []uint{8, 0}
	}
	out := make([]byte, 64)
	binary.LittleEndian.PutUint32(out, uint32(len(shifts)))
	for s, shift := range shifts {
		binary.LittleEndian.PutUint32(out[4+4*s:], uint32(len(out)))
		for i := 0; i < len(pixels); {
			run := 1
			for i+run < len(pixels) && run < 128 && byte(pixels[i+run]>>shift) == byte(pixels[i]>>shift) {
				run++
			}
			if run > 1 {
				out = append(out, byte(1-run), byte(pixels[i]>>shift))
			} else {
				out = append(out, 0, byte(pixels[i]>>shift), 128)
			}
			i += run
		}
	}
	return out
}

func TestRLERoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, wide := range []bool{false, true} {
		pixels := make([]uint16, 30*50)
		for i := range pixels {
			if pixels[i] = uint16(random.IntN(1 << 16)); i > 0 && random.IntN(3) > 0 {
				pixels[i] = pixels[i-1]
			}
			if !wide {
				pixels[i] &= 0xFF
			}
		}
		data := encodeRLE(pixels, wide)
		if got, err := decodeRLE(data, 30, 50); err != nil || !slices.Equal(got, pixels) {
			t.Errorf("decodeRLE of %v: %v; want the same pixels", wide, err)
		}
		if _, err := decodeRLE(data[:len(data)-9], 30, 50); err == nil {
			t.Errorf("decodeRLE of a frame cut short: no error")
		}
	}
}

func FuzzDecoders(f *testing.F) {
	pixels := []uint16{1, 2, 3, 4, 500, 6, 7, 7, 7, 7, 7, 7}
	f.Add(encodeLossless(pixels, 3, 4, 12, 6, 0, 1))
	f.Add(encodeRLE(pixels, true))
	f.Add([]byte{0xFF, 0xD8, 0xFF, 0xDB, 0, 3, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, uid := range []string{"1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"} {
			if got, err := DecodeFrame(uid, data, 3, 4, 1); err == nil && len(got) != 12 {
				t.Errorf("%s: %d samples of 3×4", uid, len(got))
			}
		}
	})
}
