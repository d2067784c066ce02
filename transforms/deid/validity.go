package deid

import (
	"ctcohort/io/dicomio"
)

// usable returns a Rejection when an object lacks what it cannot be used without.
//
// An image needs the attributes by which its pixels are read (PS3.3 section
// C.7.6.3): Rows, Columns, Bits Allocated and, of integers, Pixel
// Representation; one frame's bytes follow from them. What else is missing of
// type 1 stays missing: the reader of an odd file knows what to assume, a reader
// without the file does not. Longer pixel data is padding, and stays too.
func usable(f *dicomio.File, k kind) error {
	if f.Pixel == nil {
		if k == image {
			return &Rejection{InvalidIOD, "an image without PixelData"}
		}
		return nil
	}
	d := f.Dataset
	lacks := func(keyword string) error { return &Rejection{InvalidIOD, "an image without a usable " + keyword} }
	rows, columns, bits := first(d, 0x00280010, 0), first(d, 0x00280011, 0), first(d, 0x00280100, 0)
	samples, frames := first(d, 0x00280002, 1), first(d, 0x00280008, 1)
	representation := first(d, dicomio.TagPixelRepresentation, -1)
	switch {
	case rows < 1:
		return lacks("Rows")
	case columns < 1:
		return lacks("Columns")
	case bits != 1 && (bits < 8 || bits > 64 || bits%8 != 0):
		return lacks("BitsAllocated")
	case f.Pixel.Tag == dicomio.TagPixelData && representation != 0 && representation != 1:
		return lacks("PixelRepresentation")
	case samples < 1:
		return lacks("SamplesPerPixel")
	case frames < 1:
		return lacks("NumberOfFrames")
	}
	if f.Pixel.Length == dicomio.Undefined || f.Syntax.Encapsulated {
		return nil
	}
	if d.Text(0x00280004) == "YBR_FULL_422" {
		samples = 2 // two luminances share their chrominances (PS3.3 section C.7.6.3.1.2)
	}
	if need := float64(rows) * float64(columns) * float64(samples) * float64(bits) * float64(frames) / 8; float64(f.Pixel.Length) < need {
		return &Rejection{dicomio.Truncated, "PixelData is shorter than its rows, columns and frames need"}
	}
	return nil
}

// first returns the first value of an integer attribute.
func first(d dicomio.Dataset, t dicomio.Tag, absent int) int {
	if v := d.Ints(t); len(v) > 0 {
		return v[0]
	}
	return absent
}
