package deid

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

func TestStrayBits(t *testing.T) {
	format := func(stored, high int, signed bool) dicomio.PixelFormat {
		return dicomio.PixelFormat{BitsAllocated: 16, BitsStored: stored, HighBit: high, Signed: signed}
	}
	padding := func(v ...uint16) object {
		o := object{Dataset: dicomio.Dataset{dicomio.NewElement(tagPixelPadding, "US", numbers(v[0]))}}
		if len(v) > 1 {
			o.Put(dicomio.NewElement(0x00280121, "US", numbers(v[1])))
		}
		return o
	}
	for _, c := range []struct {
		o      object
		p      dicomio.PixelFormat
		word   uint64
		want   uint64
		reason string
	}{
		{object{}, format(12, 11, false), 0x0FFF, 0x0FFF, "a pixel"},
		{object{}, format(12, 11, false), 0x1ABC, 0x0ABC, "an overlay in bit 12"},
		{object{}, format(12, 11, false), 0x8000, 0x0000, "an overlay in bit 15"},
		{object{}, format(12, 11, true), 0xFC00, 0xFC00, "a sign extended"},
		{object{}, format(12, 11, true), 0x0C00, 0x0C00, "a sign not extended"},
		{object{}, format(12, 11, true), 0x1C00, 0xFC00, "a sign, and an overlay"},
		{object{}, format(12, 11, true), 0x1400, 0x0400, "no sign, and an overlay"},
		{object{}, format(12, 15, false), 0xABC0, 0xABC0, "pixels in the high bits"},
		{object{}, format(12, 15, false), 0xABC1, 0xABC0, "an overlay in the low ones"},
		{padding(63536), format(12, 11, false), 63536, 63536, "padding that is wider than Bits Stored"},
		{padding(63536), format(12, 11, false), 63537, 63537 & 0xFFF, "next to it"},
		{padding(63536, 63540), format(12, 11, false), 63538, 63538, "in a range of padding"},
		{padding(0xF830), format(12, 11, true), 0xF830, 0xF830, "−2000 in 12 bits, signed"},
	} {
		b := strayBitsOf(c.o, c.p)
		if got := b.clear(c.word); got != c.want {
			t.Errorf("%d bits under %d, signed %v: clear(%04X) = %04X, want %04X: %s", c.p.BitsStored, c.p.HighBit, c.p.Signed, c.word, got, c.want, c.reason)
		}
		if got := b.clear(c.want); got != c.want {
			t.Errorf("clear(%04X) = %04X: a cleared word does not stay", c.want, got)
		}
	}
}

// TestHiddenInPixels: what lies in unused bits or behind the last frame is found,
// and cleared where the configuration says so; pixels stay what they are.
func TestHiddenInPixels(t *testing.T) {
	twelve := dicomio.Dataset{dicomio.NewElement(0x00280101, "US", numbers(12)), dicomio.NewElement(0x00280102, "US", numbers(11)), dicomio.NewElement(dicomio.TagPixelRepresentation, "US", numbers(0))}
	overlay := append(dicomio.Dataset{dicomio.NewElement(0x60000102, "US", numbers(12)), dicomio.NewElement(0x60000100, "US", numbers(16))}, twelve...)
	const rows, columns = 8, 8
	build := func(extra dicomio.Dataset, pixels []byte) []byte {
		file := ctFile{rows: rows, columns: columns, extra: extra}.encode()
		head := file[:len(file)-2*rows*columns-4]
		return append(append(bytes.Clone(head), byte(len(pixels)), byte(len(pixels)>>8), 0, 0), pixels...)
	}
	var clean, drawn []byte
	for i := range rows * columns {
		v := uint16(i * 61 & 0xFFF)
		clean = append(clean, numbers(v)...)
		if i%3 == 0 {
			v |= 0x1000
		}
		drawn = append(drawn, numbers(v)...)
	}
	stamped := append(bytes.Repeat([]byte{0xFF}, 2*maxStrays), clean[2*maxStrays:]...)
	unstamped := append(bytes.Repeat([]byte{0xFF, 0x0F}, maxStrays), clean[2*maxStrays:]...)
	for _, c := range []struct {
		name   string
		file   []byte
		reason string // of the reject, where overlays are quarantined; "" for none
		want   []byte // pixel data, where they are cleared
	}{
		{"nothing", build(twelve, clean), "", clean},
		{"an overlay that its group tells of", build(overlay, drawn), "an overlay", clean},
		{"an overlay whose group is gone", build(twelve, drawn), "outside Bits Stored", clean},
		{"a stamp of four words", build(twelve, stamped), "", unstamped},
		{"zeros behind the last frame", build(twelve, append(bytes.Clone(clean), make([]byte, 20)...)), "", append(bytes.Clone(clean), make([]byte, 20)...)},
		{"a name behind the last frame", build(nil, append(bytes.Clone(clean), "Musterfrau^Erika"...)), "behind its last frame", append(bytes.Clone(clean), make([]byte, 16)...)},
	} {
		_, err := newDeidentifier(t, "research").File(bytes.NewReader(c.file), into(io.Discard))
		if (err == nil) != (c.reason == "") || err != nil && !strings.Contains(err.Error(), BurnedInRisk+": ") || err != nil && !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: File() = %v, want a reject that says %q", c.name, err, c.reason)
		}
		d, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Overlays: Clear}})
		if err != nil {
			t.Fatal(err)
		}
		f, out, result := deidentify(t, d, c.file)
		if !bytes.HasSuffix(out, c.want) {
			t.Errorf("%s: cleared pixel data is not what it should be", c.name)
		}
		if changed := result.PixelBefore != result.PixelAfter; changed == bytes.HasSuffix(c.file, c.want) {
			t.Errorf("%s: pixel data changed: %v", c.name, changed)
		}
		for _, e := range f.Dataset {
			if e.Tag>>24 == 0x60 {
				t.Errorf("%s: %v is left", c.name, e.Tag)
			}
		}
	}
}

// TestStrayBitsAtOnce: eight bytes looked at together give what each word gives alone.
func TestStrayBitsAtOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		bytes := []int{1, 2, 4}[rng.IntN(3)]
		p := dicomio.PixelFormat{BitsAllocated: 8 * bytes, Signed: rng.IntN(2) == 0, BigEndian: rng.IntN(4) == 0}
		p.BitsStored = 1 + rng.IntN(p.BitsAllocated-1)
		p.HighBit = p.BitsStored - 1
		if rng.IntN(4) == 0 {
			p.HighBit += rng.IntN(p.BitsAllocated - p.HighBit)
		}
		b := strayBitsOf(object{}, p)
		words := make([]byte, bytes*(1+rng.IntN(20)))
		want, count := slices.Clone(words), 0
		for i := 0; i < len(words); i += bytes {
			word := rng.Uint64() & (1<<p.BitsAllocated - 1)
			if rng.IntN(5) > 0 {
				word = b.clear(word)
			}
			b.write(words[i:], word)
			b.write(want[i:], b.clear(word))
			if word != b.clear(word) {
				count++
			}
		}
		before := slices.Clone(words)
		if got := b.apply(words, false); got != count || !slices.Equal(words, before) {
			t.Fatalf("%+v: %d stray words in %x, want %d and no change", p, got, before, count)
		}
		if got := b.apply(words, true); got != count || !slices.Equal(words, want) {
			t.Fatalf("%+v: %x became %x, want %x", p, before, words, want)
		}
	}
}
