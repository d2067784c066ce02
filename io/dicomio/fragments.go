package dicomio

import "bytes"

// Frames joins the fragments of pixel data to frames: by the offset table
// where there is a sound one, else one fragment a frame, else from where an
// image starts to where the next one does, as tables are often empty or wrong
// (PS3.5 A.4).
func (f *File) Frames(fragments [][]byte, frames int) ([][]byte, error) {
	switch {
	case len(fragments) < frames:
		return nil, &Error{Code: Truncated, Detail: "fewer fragments than frames"}
	case len(fragments) == frames:
		return fragments, nil
	case frames == 1:
		return [][]byte{bytes.Join(fragments, nil)}, nil
	}
	starts := byOffset(fragments, f.Pixel.Offsets)
	if len(starts) != frames {
		starts = byStart(fragments)
	}
	if len(starts) != frames {
		return nil, &Error{Code: BadPixels, Detail: "fragments do not make up the frames"}
	}
	joined := make([][]byte, frames)
	for i, start := range starts {
		end := len(fragments)
		if i+1 < frames {
			end = starts[i+1]
		}
		joined[i] = bytes.Join(fragments[start:end], nil)
	}
	return joined, nil
}

// byOffset returns the fragments at which frames start by their offsets; nil
// when these are not those of fragments, in order, from the first one.
func byOffset(fragments [][]byte, offsets []uint64) (starts []int) {
	at := uint64(0)
	for i, fragment := range fragments {
		if len(starts) < len(offsets) && offsets[len(starts)] == at {
			starts = append(starts, i)
		}
		at += 8 + uint64(len(fragment))
	}
	if len(starts) != len(offsets) || len(starts) == 0 || starts[0] != 0 {
		return nil
	}
	return starts
}

// imageStarts is what JPEG and JPEG-LS images, JPEG 2000 codestreams and JP2
// files start with.
var imageStarts = [][]byte{{0xFF, 0xD8, 0xFF}, {0xFF, 0x4F, 0xFF, 0x51}, []byte("\x00\x00\x00\x0cjP  ")}

// byStart returns the fragments that an image starts; nil when the first is not one.
func byStart(fragments [][]byte) (starts []int) {
	for i, fragment := range fragments {
		for _, start := range imageStarts {
			if bytes.HasPrefix(fragment, start) {
				starts = append(starts, i)
			}
		}
	}
	if len(starts) == 0 || starts[0] != 0 {
		return nil
	}
	return starts
}
