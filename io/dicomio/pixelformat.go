package dicomio

// PixelFormat is how the samples of an image lie in its pixel data (PS3.3
// C.7.6.3, PS3.5 section 8).
type PixelFormat struct {
	Rows, Columns, Frames, Samples     int
	BitsAllocated, BitsStored, HighBit int
	Signed                             bool
	Float                              bool   // Float or Double Float Pixel Data
	Planar                             bool   // each sample in a plane of its own
	Photometric                        string // Photometric Interpretation
	BigEndian                          bool
	Swapped                            bool // bytes lie in words that are big endian: of each two the second comes first
}

// PixelFormat returns the format that the file's attributes tell. What they
// contradict or leave out is an Error.
func (f *File) PixelFormat() (PixelFormat, error) {
	if f.Pixel == nil {
		return PixelFormat{}, &Error{Code: NoPixels, Detail: "the file holds no image"}
	}
	d := f.Dataset
	p := PixelFormat{
		Rows: firstInt(d, tagRows, 0), Columns: firstInt(d, tagColumns, 0), Frames: firstInt(d, tagNumberOfFrames, 1), Samples: firstInt(d, tagSamplesPerPixel, 1),
		BitsAllocated: firstInt(d, tagBitsAllocated, 0), Signed: firstInt(d, TagPixelRepresentation, 0) == 1,
		Float: f.Pixel.Tag != TagPixelData, Photometric: d.Text(tagPhotometric), BigEndian: f.Syntax.BigEndian,
	}
	if _, ok := d.Find(tagNumberOfFrames); ok && d.Ints(tagNumberOfFrames) == nil && d.Text(tagNumberOfFrames) != "" {
		return p, &Error{Code: BadMatrix, Detail: "the number of frames is no number"}
	}
	p.BitsStored = firstInt(d, tagBitsStored, p.BitsAllocated)
	p.HighBit = firstInt(d, tagHighBit, p.BitsStored-1)
	p.Planar = p.Samples > 1 && firstInt(d, tagPlanar, 0) == 1
	p.Swapped = p.BigEndian && p.BitsAllocated <= 8 && f.Pixel.VR == "OW"
	switch {
	case p.Rows < 1 || p.Columns < 1 || p.Frames < 1 || p.Frames > 1<<20:
		return p, &Error{Code: BadMatrix, Detail: "rows, columns or frames are missing or beyond bounds"}
	case p.Samples != 1 && p.Samples != 3 && p.Samples != 4:
		return p, &Error{Code: UnsupportedPixels, Detail: "samples per pixel are neither 1, 3 nor 4"}
	case p.BitsAllocated != 1 && p.BitsAllocated != 8 && p.BitsAllocated != 16 && p.BitsAllocated != 32 && p.BitsAllocated != 64,
		p.BitsAllocated == 1 && p.Samples != 1:
		return p, &Error{Code: UnsupportedPixels, Detail: "bits allocated are not 1, 8, 16, 32 or 64"}
	case p.BitsStored < 1 || p.HighBit >= p.BitsAllocated || p.HighBit+1 < p.BitsStored:
		return p, &Error{Code: UnsupportedPixels, Detail: "bits stored and high bit do not fit bits allocated"}
	case p.Paired() && !f.Syntax.Encapsulated && (p.Samples != 3 || p.BitsAllocated != 8 || p.Planar || p.Columns%2 != 0):
		return p, &Error{Code: UnsupportedPixels, Detail: "YBR_FULL_422 that is not of three samples of 8 bits by pixel, in even rows"}
	}
	return p, nil
}

// Paired reports whether each two pixels of a row share their colour: Y, Y, Cb,
// Cr (PS3.3 C.7.6.3.1.2).
func (p PixelFormat) Paired() bool {
	return p.Photometric == "YBR_FULL_422" || p.Photometric == "YBR_PARTIAL_422"
}

// FrameBits is the size of an uncompressed frame in bits. Frames follow each
// other without padding.
func (p PixelFormat) FrameBits() int64 {
	bits := int64(p.Rows) * int64(p.Columns) * int64(p.Samples) * int64(p.BitsAllocated)
	if p.Paired() {
		bits = bits * 2 / 3
	}
	return bits
}

// Bytes is the size of all frames, uncompressed, without the byte that makes it even.
func (p PixelFormat) Bytes() int64 { return (p.FrameBits()*int64(p.Frames) + 7) / 8 }
