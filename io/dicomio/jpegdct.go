package dicomio

var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// sequential decodes a scan of the DCT processes with 8 or 12 bits.
func (j *jpegImage) sequential(bits *bitReader, dc, ac *huffman) ([]uint16, error) {
	pixels := make([]uint16, j.rows*j.columns)
	across, down := (j.columns+7)/8, (j.rows+7)/8
	quant := &j.quant[j.quantTable]
	last := int32(0)
	for n := range across * down {
		if j.restart > 0 && n > 0 && n%j.restart == 0 {
			if err := bits.restart(); err != nil {
				return nil, err
			}
			last = 0
		}
		var block [64]int32
		if err := bits.block(dc, ac, quant, &last, &block); err != nil {
			return nil, err
		}
		inverseDCT(&block, j.precision)
		x0, y0 := n%across*8, n/across*8
		for y := range min(8, j.rows-y0) {
			row := pixels[(y0+y)*j.columns+x0:]
			for x := range min(8, j.columns-x0) {
				row[x] = uint16(block[8*y+x])
			}
		}
	}
	if bits.short() {
		return nil, badPixels("JPEG: scan too short")
	}
	return pixels, nil
}

// block decodes and dequantises the coefficients of one block; last is the DC
// predictor.
func (b *bitReader) block(dc, ac *huffman, quant *[64]uint16, last *int32, block *[64]int32) error {
	b.fill()
	s, ok := b.symbol(dc)
	if !ok || s > 15 {
		return badPixels("JPEG: code not in its Huffman table")
	}
	if s > 0 {
		*last += b.receive(uint(s))
	}
	block[0] = *last * int32(quant[0])
	for k := 1; k < 64; k++ {
		if b.n < 32 {
			b.fill()
		}
		rs, ok := b.symbol(ac)
		if !ok {
			return badPixels("JPEG: code not in its Huffman table")
		}
		run, size := int(rs>>4), uint(rs&15)
		if size == 0 {
			if run != 15 {
				break
			}
			k += 15
			continue
		}
		if k += run; k > 63 {
			return badPixels("JPEG: block too long")
		}
		block[zigzag[k]] = b.receive(size) * int32(quant[k])
	}
	if b.short() {
		return badPixels("JPEG: scan too short")
	}
	return nil
}

// Constants of the inverse DCT of Loeffler, Ligtenberg and Moschytz (1989), in
// units of 2^-dctBits. With the guard bits and the order of passes below,
// samples equal those of pydicom's first plug-in, pylibjpeg, bit for bit;
// libjpeg-turbo's differ by 1 in a few pixels of a hundred.
const (
	dctBits   = 9
	guardBits = 4
	fix0_298  = 153
	fix0_390  = 200
	fix0_541  = 277
	fix0_765  = 392
	fix0_899  = 461
	fix1_175  = 602
	fix1_501  = 769
	fix1_847  = 946
	fix1_961  = 1004
	fix2_053  = 1051
	fix2_562  = 1312
	fix3_072  = 1573
)

// inverseDCT transforms block in place to samples of the given precision, rows
// first.
func inverseDCT(block *[64]int32, precision int) {
	var work [64]int64
	for i, v := range block {
		work[i] = int64(v) << guardBits
	}
	work[0] += 1 << (precision - 1 + 3 + guardBits) // the level shift
	for i := range 8 {
		row := work[8*i : 8*i+8]
		for k, v := range inverse8([8]int64(row)) {
			row[k] = descale(v, dctBits)
		}
	}
	top := int64(1)<<precision - 1
	for i := range 8 {
		var column [8]int64
		for k := range column {
			column[k] = work[8*k+i]
		}
		for k, v := range inverse8(column) {
			v = descale(descale(v, dctBits+3), guardBits)
			block[8*k+i] = int32(max(0, min(top, v)))
		}
	}
}

func descale(v int64, bits uint) int64 { return (v + 1<<(bits-1)) >> bits }

// inverse8 is the one-dimensional inverse DCT, scaled up by 2^dctBits·√8.
func inverse8(in [8]int64) [8]int64 {
	z1 := (in[2] + in[6]) * fix0_541
	even2, even3 := z1-in[6]*fix1_847, z1+in[2]*fix0_765
	even0, even1 := (in[0]+in[4])<<dctBits, (in[0]-in[4])<<dctBits
	e0, e3, e1, e2 := even0+even3, even0-even3, even1+even2, even1-even2

	o0, o1, o2, o3 := in[7], in[5], in[3], in[1]
	z1, z2, z3, z4 := o0+o3, o1+o2, o0+o2, o1+o3
	z5 := (z3 + z4) * fix1_175
	o0, o1, o2, o3 = o0*fix0_298, o1*fix2_053, o2*fix3_072, o3*fix1_501
	z1, z2, z3, z4 = -z1*fix0_899, -z2*fix2_562, z5-z3*fix1_961, z5-z4*fix0_390
	o0, o1, o2, o3 = o0+z1+z3, o1+z2+z4, o2+z2+z3, o3+z1+z4
	return [8]int64{e0 + o3, e1 + o2, e2 + o1, e3 + o0, e3 - o0, e2 - o1, e1 - o2, e0 - o3}
}
