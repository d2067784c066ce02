package dicomio

import (
	"bytes"
	"io"
)

// EachFrame reads compressed pixel data frame by frame, so that memory holds no
// more than one: where a frame starts say the offset table, or the start of an
// image where there is none, or the fragment itself in RLE. A frame of more
// than maxBytes, or another number of frames than frames, is an Error. What
// CopyPixel would have written goes to stored. The slice that each gets is valid
// until it returns.
func (r *Reader) EachFrame(frames int, maxBytes int64, stored io.Writer, each func(frame []byte) error) error {
	var frame bytes.Buffer
	var starts []uint64
	done, fragments, at := 0, 0, uint64(0)
	flush := func() error {
		if done++; done > frames {
			return badPixels("more frames than the header says")
		}
		defer frame.Reset()
		return each(frame.Bytes())
	}
	head := make([]byte, 0, 8)
	delimiter, err := r.fragments(func(length uint32) error {
		head = appendHeader(head[:0], tagItem, length, r.big)
		if _, err := stored.Write(head); err != nil {
			return err
		}
		if fragments++; fragments == 1 {
			table, err := r.offsetTable(length, frames, stored)
			starts = table
			return err
		}
		if first, err := r.startsFrame(fragments-2, done, frames, starts, at); err != nil {
			return err
		} else if first && fragments > 2 {
			if err := flush(); err != nil {
				return err
			}
		}
		at += 8 + uint64(length)
		if int64(frame.Len())+int64(length) > maxBytes {
			return badPixels("a compressed frame larger than an uncompressed one can be")
		}
		return r.copy(io.MultiWriter(&frame, stored), int64(length))
	})
	if err != nil {
		return err
	}
	if fragments > 1 {
		if err := flush(); err != nil {
			return err
		}
	}
	if done != frames {
		return badPixels("fewer frames than the header says")
	}
	_, err = stored.Write(appendHeader(head[:0], tagSeqDelimiter, delimiter, r.big))
	return err
}

// offsetTable reads the item of the basic offset table, or takes the extended
// one in its place; nil where neither is sound.
func (r *Reader) offsetTable(length uint32, frames int, stored io.Writer) ([]uint64, error) {
	var basic bytes.Buffer
	to := stored
	if int64(length) == 4*int64(frames) {
		to = io.MultiWriter(&basic, stored)
	}
	if err := r.copy(to, int64(length)); err != nil {
		return nil, err
	}
	table := frameOffsets(basic.Bytes(), r.offsets)
	for i, at := range table {
		if i == 0 && at != 0 || i > 0 && at <= table[i-1] {
			return nil, nil
		}
	}
	if len(table) != frames {
		return nil, nil
	}
	return table, nil
}

// startsFrame reports whether the fragment that comes next, at bytes after the
// first one's start, is the first of a frame; before it came so many fragments
// and done frames that are complete.
func (r *Reader) startsFrame(fragments, done, frames int, starts []uint64, at uint64) (bool, error) {
	switch {
	case fragments == 0 || frames == 1:
		return fragments == 0, nil
	case starts != nil:
		return done+1 < len(starts) && starts[done+1] == at, nil
	case r.syntax.UID == rleLossless:
		return true, nil
	}
	b, err := r.p.peek(8)
	if err != nil {
		return false, readError(err, "pixel data")
	}
	return len(byStart([][]byte{b})) == 1, nil
}

// SetNative makes pixel data uncompressed, of n bytes, in explicit VR little
// endian. The caller writes the bytes after AppendPixelHeader.
func (f *File) SetNative(vr string, n uint32) {
	f.Syntax = Syntax{UID: ExplicitLittleEndian, Implicit: f.enc.implicit}
	f.Pixel = &PixelHeader{Tag: TagPixelData, VR: vr, Length: n, header: Element{Tag: TagPixelData, VR: vr, Length: n}}
}
