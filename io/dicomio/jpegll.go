package dicomio

// lossless decodes a scan of process 14 (ISO/IEC 10918-1 annex H) with any of
// the seven predictors and the point transform.
func (j *jpegImage) lossless(bits *bitReader, table *huffman, predictor int, point uint) ([]uint16, error) {
	if err := j.checkLossless(predictor, point); err != nil {
		return nil, err
	}
	restartRows := j.restart / j.columns
	pixels := make([]uint16, j.rows*j.columns)
	start := uint16(1) << (uint(j.precision) - point - 1)
	diff := make([]uint16, j.columns)
	first := true // the row starts anew, as the first row and the one after a restart do
	for y := range j.rows {
		if restartRows > 0 && y > 0 && y%restartRows == 0 {
			if err := bits.restart(); err != nil {
				return nil, err
			}
			first = true
		}
		if err := bits.differences(table, diff); err != nil {
			return nil, err
		}
		row := pixels[y*j.columns:][:j.columns]
		if first {
			predictLeft(row, diff, start)
			first = false
			continue
		}
		predict(row, pixels[(y-1)*j.columns:][:j.columns], diff, predictor)
	}
	if bits.short() {
		return nil, badPixels("JPEG: scan too short")
	}
	if point > 0 {
		for i := range pixels {
			pixels[i] <<= point
		}
	}
	return pixels, nil
}

func (j *jpegImage) checkLossless(predictor int, point uint) error {
	if predictor < 1 || predictor > 7 || int(point) >= j.precision {
		return badPixels("JPEG: predictor or point transform outside the standard")
	}
	if j.restart%j.columns != 0 {
		return badPixels("JPEG: restart interval is not whole rows")
	}
	return nil
}

// losslessSamples decodes a scan of several components, a sample of each in turn.
func (j *jpegImage) losslessSamples(bits *bitReader, tables []*huffman, predictor int, point uint) ([]uint16, error) {
	if err := j.checkLossless(predictor, point); err != nil {
		return nil, err
	}
	n, restartRows := len(tables), j.restart/j.columns
	pixels := make([]uint16, n*j.rows*j.columns)
	start := uint16(1) << (uint(j.precision) - point - 1)
	diff, row, above := make([][]uint16, n), make([][]uint16, n), make([][]uint16, n)
	for c := range n {
		diff[c], row[c], above[c] = make([]uint16, j.columns), make([]uint16, j.columns), make([]uint16, j.columns)
	}
	first := true
	for y := range j.rows {
		if restartRows > 0 && y > 0 && y%restartRows == 0 {
			if err := bits.restart(); err != nil {
				return nil, err
			}
			first = true
		}
		for x := range j.columns {
			for c, table := range tables {
				var err error
				if diff[c][x], err = bits.difference(table); err != nil {
					return nil, err
				}
			}
		}
		if bits.short() {
			return nil, badPixels("JPEG: scan too short")
		}
		for c := range n {
			if first {
				predictLeft(row[c], diff[c], start)
			} else {
				predict(row[c], above[c], diff[c], predictor)
			}
			for x, v := range row[c] {
				pixels[(y*j.columns+x)*n+c] = v << point
			}
			row[c], above[c] = above[c], row[c]
		}
		first = false
	}
	return pixels, nil
}

// differences decodes one row of differences, modulo 2¹⁶.
func (b *bitReader) differences(table *huffman, diff []uint16) (err error) {
	for x := range diff {
		if diff[x], err = b.difference(table); err != nil {
			return err
		}
	}
	if b.short() {
		return badPixels("JPEG: scan too short")
	}
	return nil
}

// difference decodes one difference, modulo 2¹⁶.
func (b *bitReader) difference(table *huffman) (uint16, error) {
	if b.n < 32 {
		b.fill()
	}
	s, ok := b.symbol(table)
	switch {
	case !ok || s > 16:
		return 0, badPixels("JPEG: code not in its Huffman table")
	case s == 0:
		return 0, nil
	case s == 16:
		return 1 << 15, nil
	}
	return uint16(b.receive(uint(s))), nil
}

func predictLeft(row, diff []uint16, left uint16) {
	for x, d := range diff {
		left += d
		row[x] = left
	}
}

// predict adds differences to predictions from the left (a), above (b) and
// above left (c) by table H.1.
func predict(row, above, diff []uint16, predictor int) {
	row, above = row[:len(diff)], above[:len(diff)]
	row[0] = above[0] + diff[0]
	a := int32(row[0])
	if predictor == 1 {
		predictLeft(row[1:], diff[1:], row[0])
		return
	}
	for x := 1; x < len(diff); x++ {
		b, c := int32(above[x]), int32(above[x-1])
		var p int32
		switch predictor {
		case 2:
			p = b
		case 3:
			p = c
		case 4:
			p = a + b - c
		case 5:
			p = a + (b-c)>>1
		case 6:
			p = b + (a-c)>>1
		case 7:
			p = (a + b) >> 1
		}
		row[x] = uint16(p) + diff[x]
		a = int32(row[x])
	}
}
