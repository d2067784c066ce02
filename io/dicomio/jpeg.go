package dicomio

import "encoding/binary"

// jpegImage is a JPEG stream (ISO/IEC 10918-1), Huffman coded and sequential: of
// one component by DCT (baseline and extended, processes 1, 2 and 4), or
// lossless (process 14) of any number, each sampled at every pixel.
type jpegImage struct {
	data          []byte
	pos           int
	process       byte // the SOF marker's low byte
	precision     int
	rows, columns int
	restart       int // MCUs between restart markers, 0 for none
	components    []byte
	quantTable    byte
	quant         [4][64]uint16 // in zigzag order
	dc, ac        [4]*huffman
}

// JPEG markers, their second byte.
const (
	markerSOF0 = 0xC0
	markerSOF1 = 0xC1
	markerSOF3 = 0xC3
	markerDHT  = 0xC4
	markerRST0 = 0xD0
	markerSOI  = 0xD8
	markerEOI  = 0xD9
	markerSOS  = 0xDA
	markerDQT  = 0xDB
	markerDRI  = 0xDD
)

// decodeJPEG decodes one frame of one sample a pixel.
func decodeJPEG(data []byte, rows, columns int) ([]uint16, error) {
	return decodeJPEGSamples(data, rows, columns, 1)
}

// decodeJPEGLossless decodes one frame of process 14, with any number of samples a pixel.
func decodeJPEGLossless(data []byte, rows, columns, samples int) ([]uint16, int, error) {
	words, err := decodeJPEGSamples(data, rows, columns, samples)
	return words, 0, err
}

// decodeJPEGSamples decodes one frame; the samples of a pixel stand next to each other.
func decodeJPEGSamples(data []byte, rows, columns, samples int) ([]uint16, error) {
	j := &jpegImage{data: data}
	if marker, _, err := j.next(); err != nil || marker != markerSOI {
		return nil, badPixels("JPEG: no start of image")
	}
	for {
		marker, segment, err := j.next()
		if err != nil {
			return nil, err
		}
		switch marker {
		case markerSOF0, markerSOF1, markerSOF3:
			err = j.frame(marker, segment)
			if err == nil && (j.rows != rows || j.columns != columns) {
				err = badPixels("JPEG: frame size is not rows × columns")
			}
			if err == nil && len(j.components) != samples {
				err = &Error{Code: UnsupportedPixels, Detail: "JPEG of another number of components than samples per pixel"}
			}
		case 0xC2, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF:
			err = &Error{Code: UnsupportedCodec, Detail: "JPEG progressive, hierarchical or arithmetic"}
		case markerDHT:
			err = j.huffmanTables(segment)
		case markerDQT:
			err = j.quantTables(segment)
		case markerDRI:
			if len(segment) < 2 {
				return nil, badPixels("JPEG: restart interval too short")
			}
			j.restart = int(binary.BigEndian.Uint16(segment))
		case markerEOI:
			err = badPixels("JPEG: no scan")
		case markerSOS:
			return j.scan(segment)
		}
		if err != nil {
			return nil, err
		}
	}
}

// next returns the next marker with its segment.
func (j *jpegImage) next() (marker byte, segment []byte, err error) {
	for j.pos < len(j.data) && j.data[j.pos] != 0xFF {
		j.pos++
	}
	for j.pos < len(j.data) && j.data[j.pos] == 0xFF {
		j.pos++
	}
	if j.pos >= len(j.data) {
		return 0, nil, badPixels("JPEG: ends before its scan")
	}
	marker = j.data[j.pos]
	j.pos++
	if marker == markerSOI || marker == markerEOI || marker == 0x01 || marker&0xF8 == markerRST0 || marker == 0 {
		return marker, nil, nil
	}
	if j.pos+2 > len(j.data) {
		return 0, nil, badPixels("JPEG: ends before its scan")
	}
	n := int(binary.BigEndian.Uint16(j.data[j.pos:]))
	if n < 2 || j.pos+n > len(j.data) {
		return 0, nil, badPixels("JPEG: segment longer than the data")
	}
	segment = j.data[j.pos+2 : j.pos+n]
	j.pos += n
	return marker, segment, nil
}

func (j *jpegImage) frame(marker byte, s []byte) error {
	if len(s) < 9 {
		return badPixels("JPEG: frame header too short")
	}
	n := int(s[5])
	if n < 1 || len(s) < 6+3*n {
		return badPixels("JPEG: frame header too short")
	}
	if n > 1 && marker != markerSOF3 {
		return &Error{Code: UnsupportedPixels, Detail: "JPEG of more than one component"}
	}
	j.process, j.precision = marker, int(s[0])
	j.rows, j.columns = int(binary.BigEndian.Uint16(s[1:])), int(binary.BigEndian.Uint16(s[3:]))
	j.components, j.quantTable = nil, s[8]&3
	for c := range n {
		if n > 1 && s[7+3*c] != s[7] {
			return &Error{Code: UnsupportedPixels, Detail: "JPEG of components of different sizes"}
		}
		j.components = append(j.components, s[6+3*c])
	}
	lossless := marker == markerSOF3
	switch {
	case lossless && j.precision >= 2 && j.precision <= 16:
	case marker == markerSOF0 && j.precision == 8:
	case marker == markerSOF1 && (j.precision == 8 || j.precision == 12):
	default:
		return badPixels("JPEG: precision outside its process")
	}
	return nil
}

func (j *jpegImage) huffmanTables(s []byte) error {
	for len(s) > 0 {
		if len(s) < 17 {
			return badPixels("JPEG: Huffman table too short")
		}
		n := 0
		for _, c := range s[1:17] {
			n += int(c)
		}
		if n > 256 || 17+n > len(s) || s[0]&0x0F > 3 || s[0]>>4 > 1 {
			return badPixels("JPEG: Huffman table too long")
		}
		table, err := newHuffman([16]byte(s[1:17]), s[17:17+n])
		if err != nil {
			return err
		}
		if s[0]>>4 == 0 {
			j.dc[s[0]&3] = table
		} else {
			j.ac[s[0]&3] = table
		}
		s = s[17+n:]
	}
	return nil
}

func (j *jpegImage) quantTables(s []byte) error {
	for len(s) > 0 {
		size := 1 + 64*(1+int(s[0]>>4))
		if s[0]>>4 > 1 || s[0]&0x0F > 3 || len(s) < size {
			return badPixels("JPEG: quantisation table too short")
		}
		q := &j.quant[s[0]&3]
		for i := range q {
			if s[0]>>4 == 0 {
				q[i] = uint16(s[1+i])
			} else {
				q[i] = binary.BigEndian.Uint16(s[1+2*i:])
			}
		}
		s = s[size:]
	}
	return nil
}

func (j *jpegImage) scan(s []byte) ([]uint16, error) {
	if j.process == 0 {
		return nil, badPixels("JPEG: scan before its frame")
	}
	n := len(j.components)
	if len(s) < 4+2*n || int(s[0]) != n {
		return nil, badPixels("JPEG: scan does not fit the frame")
	}
	tables := make([]*huffman, n)
	for c := range n {
		if s[1+2*c] != j.components[c] {
			return nil, badPixels("JPEG: scan does not fit the frame")
		}
		if tables[c] = j.dc[s[2+2*c]>>4&3]; tables[c] == nil {
			return nil, badPixels("JPEG: Huffman table missing")
		}
	}
	ac := j.ac[s[2]&3]
	bits := &bitReader{data: j.data[j.pos:]}
	if j.process == markerSOF3 {
		predictor, point := int(s[1+2*n]), uint(s[3+2*n]&0x0F)
		if n > 1 {
			return j.losslessSamples(bits, tables, predictor, point)
		}
		return j.lossless(bits, tables[0], predictor, point)
	}
	if ac == nil {
		return nil, badPixels("JPEG: Huffman table missing")
	}
	return j.sequential(bits, tables[0], ac)
}
