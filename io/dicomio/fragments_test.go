package dicomio

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestFrames(t *testing.T) {
	const jpeg, j2k = "\xFF\xD8\xFF", "\xFF\x4F\xFF\x51"
	cases := []struct {
		name      string
		fragments []string
		offsets   []uint64
		want      []string
		code      string
	}{
		{name: "one each", fragments: []string{"ab", "cd"}, want: []string{"ab", "cd"}},
		{name: "all of one frame", fragments: []string{"ab", "cd", "ef"}, want: []string{"abcdef"}},
		{name: "by where JPEG starts", fragments: []string{jpeg + "a", "b", jpeg + "c"}, want: []string{jpeg + "ab", jpeg + "c"}},
		{name: "by where JPEG 2000 starts", fragments: []string{j2k, j2k, "bc"}, want: []string{j2k, j2k + "bc"}},
		{name: "by the offset table", fragments: []string{"ab", "cdef", "gh"}, offsets: []uint64{0, 10}, want: []string{"ab", "cdefgh"}},
		{name: "by the offset table, which knows what only looks like a start",
			fragments: []string{jpeg + "a", jpeg + "b", jpeg + "c"}, offsets: []uint64{0, 24}, want: []string{jpeg + "a" + jpeg + "b", jpeg + "c"}},
		{name: "an offset between fragments: not relied on", fragments: []string{jpeg + "a", "bc", jpeg + "d"}, offsets: []uint64{0, 14}, want: []string{jpeg + "abc", jpeg + "d"}},
		{name: "an offset beyond: not relied on", fragments: []string{jpeg + "a", "bc", jpeg + "d"}, offsets: []uint64{0, 1 << 60}, want: []string{jpeg + "abc", jpeg + "d"}},
		{name: "offsets of another number of frames", fragments: []string{jpeg + "a", "bc", jpeg + "d"}, offsets: []uint64{0}, want: []string{jpeg + "abc", jpeg + "d"}},
		{name: "the first fragment belongs to no frame", fragments: []string{"a", jpeg, jpeg}, want: []string{"", ""}, code: BadPixels},
		{name: "more starts than frames", fragments: []string{jpeg, jpeg, jpeg}, want: []string{"", ""}, code: BadPixels},
		{name: "too few", fragments: []string{jpeg}, want: []string{"", ""}, code: Truncated},
	}
	for _, c := range cases {
		f := &File{Pixel: &PixelHeader{Offsets: c.offsets}}
		var fragments [][]byte
		for _, s := range c.fragments {
			fragments = append(fragments, []byte(s))
		}
		joined, err := f.Frames(fragments, len(c.want))
		var bad *Error
		if c.code != "" {
			if !errors.As(err, &bad) || bad.Code != c.code {
				t.Errorf("%s: Frames: %v, want %s", c.name, err, c.code)
			}
			continue
		}
		var got []string
		for _, b := range joined {
			got = append(got, string(b))
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: Frames = %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestOffsets(t *testing.T) {
	extended := element(tagExtendedOffsets, "OV", nil)
	copy(extended[4:], "OV\x00\x00\x10\x00\x00\x00")
	extended = append(extended[:8], "\x10\x00\x00\x00"+"\x00\x00\x00\x00\x00\x00\x00\x00"+"\x0A\x00\x00\x00\x00\x00\x00\x00"...)
	plain := string(encapsulated("1.2.840.10008.1.2.4.70", 2, 12, false, nil, []byte("ab"), []byte("cd")))
	at := strings.Index(plain, "\xE0\x7F\x10\x00")
	for name, c := range map[string]struct {
		file string
		want []uint64
	}{
		"none":     {plain, nil},
		"basic":    {string(encapsulated("1.2.840.10008.1.2.4.70", 2, 12, false, []byte{0, 0, 0, 0, 10, 0, 0, 0}, []byte("ab"), []byte("cd"))), []uint64{0, 10}},
		"extended": {plain[:at] + string(extended) + plain[at:], []uint64{0, 10}},
	} {
		f, _, fragments, err := ReadFile(strings.NewReader(c.file), maxFilePixels)
		if err != nil || len(fragments) != 2 || !slices.Equal(f.Pixel.Offsets, c.want) {
			t.Errorf("%s: ReadFile gives %d fragments, offsets %v, %v; want %v", name, len(fragments), f.Pixel.Offsets, err, c.want)
		}
	}
}
