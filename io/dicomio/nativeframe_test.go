package dicomio

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
	"testing"
)

// TestNativeRLE: a segment for each byte of each sample, the high byte first, as PS3.5 section G.2 has it.
func TestNativeRLE(t *testing.T) {
	p := PixelFormat{Rows: 1, Columns: 2, Frames: 1, Samples: 3, BitsAllocated: 16, BitsStored: 16, HighBit: 15, Photometric: "RGB", Planar: true}
	segments := [][]byte{
		{1, 0x11, 0x21}, {1, 0x12, 0x22}, // red of both pixels: high bytes, low bytes
		{0xFF, 0x33}, {1, 0x34, 0x44}, // green: a run of two
		{0x80, 1, 0x55, 0x65}, {0, 0x56, 0, 0x66}, // blue: a byte that says nothing, two runs of one
	}
	frame := make([]byte, 64)
	binary.LittleEndian.PutUint32(frame, uint32(len(segments)))
	for i, s := range segments {
		binary.LittleEndian.PutUint32(frame[4+4*i:], uint32(len(frame)))
		frame = append(frame, s...)
	}
	got, err := p.DecodeNative(rleLossless, frame)
	want := []byte{0x12, 0x11, 0x34, 0x33, 0x56, 0x55, 0x22, 0x21, 0x44, 0x33, 0x66, 0x65}
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("DecodeNative() = %x, %v; want %x", got, err, want)
	}
	if _, err := p.DecodeNative(rleLossless, frame[:len(frame)-1]); err == nil {
		t.Error("a segment that is too short was decoded")
	}
}

// TestDifferences: known answers of libjpeg's h2v1 and h2v2 "fancy upsampling" (jdsample.c), by hand.
func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		ratio image.YCbCrSubsampleRatio
		y     int
		want  []byte
	}{
		{image.YCbCrSubsampleRatio422, 0, []byte{0, 25, 75, 100, 100, 100}}, // (3·0+100+2)/4, (3·100+0+1)/4
		{image.YCbCrSubsampleRatio420, 0, []byte{0, 25, 75, 100, 100, 100}}, // the row above the first is the first
		{image.YCbCrSubsampleRatio420, 1, []byte{50, 62, 88, 100, 100, 100}},
		{image.YCbCrSubsampleRatio444, 0, []byte{0, 100, 100, 200, 100, 100}},
	} {
		img := image.NewYCbCr(image.Rect(0, 0, 6, 4), c.ratio)
		copy(img.Cb, []byte{0, 100, 100})
		copy(img.Cb[img.CStride:], []byte{200, 100, 100})
		if c.ratio == image.YCbCrSubsampleRatio444 {
			copy(img.Cb, c.want)
		}
		out := make([]byte, 6)
		if differences(out, img.Cb, img, c.y); !bytes.Equal(out, c.want) {
			t.Errorf("%v, row %d: differences = %d, want %d", c.ratio, c.y, out, c.want)
		}
	}
}

// TestEachFrame: frames come one by one, and what was stored is what CopyPixel gives.
func TestEachFrame(t *testing.T) {
	const syntax = "1.2.840.10008.1.2.4.70"
	jpeg := func(s string) []byte { return []byte("\xFF\xD8\xFF" + s) }
	file := encapsulated(syntax, 2, 12, false, nil, jpeg("abc"), []byte("de"), jpeg("fgh"))
	r, _, err := NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var want, stored bytes.Buffer
	if err := r.CopyPixel(&want); err != nil {
		t.Fatal(err)
	}
	r, f, err := NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	f.SetNative("OW", 4)
	var frames []string
	err = r.EachFrame(2, 100, &stored, func(frame []byte) error {
		frames = append(frames, string(frame))
		return nil
	})
	if err != nil || !slices.Equal(frames, []string{string(jpeg("abc")) + "de", string(jpeg("fgh"))}) {
		t.Errorf("EachFrame gives %q, %v", frames, err)
	}
	if !bytes.Equal(stored.Bytes(), want.Bytes()) {
		t.Error("what EachFrame stored is not what CopyPixel gives")
	}
}
