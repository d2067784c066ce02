package deid

import (
	"bytes"
	"encoding/binary"
)

// comments reads compressed pixel data on its way and searches what stands in
// front of each frame's codes for text: the comments and application segments of
// JPEG and JPEG-LS, the comments of JPEG 2000, and the boxes of a JP2 file. A
// scanner, or who converted the file, may have written a name there.
type comments struct {
	search func([]byte) error
	item   []byte // the header of a fragment, until it is whole
	left   uint32 // bytes of the fragment to come
	head   []byte // its first ones
}

// maxComments is how much of a fragment is looked at.
const maxComments = 64 << 10

func (c *comments) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		if c.left == 0 {
			n := min(8-len(c.item), len(p))
			c.item, p = append(c.item, p[:n]...), p[n:]
			if len(c.item) == 8 {
				c.left, c.item, c.head = binary.LittleEndian.Uint32(c.item[4:]), c.item[:0], c.head[:0]
			}
			continue
		}
		n := min(int(c.left), len(p))
		c.head = append(c.head, p[:min(n, maxComments-len(c.head))]...)
		p, c.left = p[n:], c.left-uint32(n)
		if c.left == 0 {
			if text := textOf(c.head); len(text) > 0 {
				if err := c.search(text); err != nil {
					return 0, err
				}
			}
		}
	}
	return written, nil
}

// textOf returns what may be text at the start of a compressed frame, segment
// by segment with a line feed between; nil where nothing is.
func textOf(frame []byte) (text []byte) {
	if bytes.HasPrefix(frame, []byte("\x00\x00\x00\x0cjP  ")) {
		return frame[:min(len(frame), 4<<10)]
	}
	jpeg, j2k := bytes.HasPrefix(frame, []byte{0xFF, 0xD8}), bytes.HasPrefix(frame, []byte{0xFF, 0x4F})
	if !jpeg && !j2k {
		return nil
	}
	for at := 2; at+4 <= len(frame) && frame[at] == 0xFF; {
		marker := frame[at+1]
		if jpeg && (marker == 0xDA || marker == 0xD9) || j2k && (marker == 0x90 || marker == 0x93) { // codes begin
			break
		}
		if marker == 0xFF { // fill
			at++
			continue
		}
		end := at + 2 + int(binary.BigEndian.Uint16(frame[at+2:]))
		if jpeg && (marker == 0xFE || marker&0xF0 == 0xE0) || j2k && marker == 0x64 {
			text = append(append(text, frame[at+4:max(at+4, min(end, len(frame)))]...), '\n')
		}
		at = max(end, at+2)
	}
	return text
}
