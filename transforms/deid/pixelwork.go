package deid

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"

	"ctcohort/io/dicomio"
)

// pixelWork is what is done to the pixels of one file between reading and writing.
type pixelWork struct {
	read, written dicomio.PixelFormat
	syntax        string // of compressed frames that are decoded; "" where nothing is
	blank         []stretch
	stray         *strayBits
	clear         bool // stray bits are cleared; otherwise they make the file a reject
	strays        int  // words with stray bits so far
}

// maxStrays is how many words of a file may have stray bits: too few to draw a
// letter, and no more than a stamp or a counter takes.
const maxStrays = 4

// pixelWorkOf returns nil for pixels that are copied as they are. rule is the one
// that matches the file, if any.
func (d *Deidentifier) pixelWorkOf(f *dicomio.File, o object, rule *blankRule) (*pixelWork, error) {
	w := &pixelWork{clear: d.pixels.Overlays == Clear}
	must := rule != nil || w.clear && overlayInPixels(o)
	if f.Pixel == nil || f.Syntax.Encapsulated && !must {
		return nil, nil
	}
	if f.Syntax.Encapsulated != (f.Pixel.Length == dicomio.Undefined) {
		if !must {
			return nil, nil
		}
		return nil, &Rejection{BurnedInRisk, "cannot be blanked or cleared: pixel data is not as compressed as its transfer syntax says"}
	}
	var err error
	if w.read, err = f.PixelFormat(); err != nil {
		if !must {
			return nil, nil
		}
		return nil, cannotBlank(err)
	}
	w.written = w.read
	if f.Syntax.Encapsulated {
		if w.written, err = w.read.Decoded(f.Syntax.UID); err != nil {
			return nil, cannotBlank(err)
		}
		w.syntax = f.Syntax.UID
		if w.written.Bytes() > 1<<32-16 {
			return nil, &Rejection{BurnedInRisk, "cannot be blanked: uncompressed it would be larger than 4 GiB"}
		}
	}
	w.stray = strayBitsOf(o, w.written)
	if rule == nil {
		if surplus := int64(f.Pixel.Length) - w.read.Bytes(); !must && w.stray == nil && surplus <= 1 {
			return nil, nil
		}
		return w, nil
	}
	fill, ok := blankPixel(o, w.written)
	if !ok {
		return nil, &Rejection{BurnedInRisk, "cannot be blanked: no blank is known for its photometric interpretation"}
	}
	mask, inside := rule.mask(w.read.Rows, w.read.Columns)
	if !inside {
		return nil, &Rejection{BurnedInRisk, fmt.Sprintf("cannot be blanked: a region of its rule is not inside the image of %d columns and %d rows", w.read.Columns, w.read.Rows)}
	}
	if w.blank = stretches(w.written, mask, fill); w.blank == nil {
		return nil, &Rejection{BurnedInRisk, "cannot be blanked: its rule keeps the whole image"}
	}
	return w, nil
}

// cannotBlank keeps back a file whose pixels cannot be read well enough to be changed.
func cannotBlank(err error) error {
	var bad *dicomio.Error
	if errors.As(err, &bad) {
		return &Rejection{BurnedInRisk, "cannot be blanked or cleared: " + bad.Detail}
	}
	return err
}

// option returns the option that the work carries out.
func (w *pixelWork) option() []Option {
	if w == nil || w.blank == nil {
		return nil
	}
	return []Option{cleanPixelData}
}

// amend makes the attributes true of the pixels that will be written.
func (w *pixelWork) amend(f *dicomio.File) {
	if w == nil {
		return
	}
	drop := map[dicomio.Tag]bool{}
	if w.blank != nil {
		f.Dataset.Put(dicomio.TextElement(tagBurnedIn, "CS", "NO"))
		drop[0x00280106], drop[0x00280107] = true, true // Smallest, Largest Image Pixel Value
	}
	if w.syntax != "" {
		vr := "OW"
		if w.written.BitsAllocated == 8 {
			vr = "OB"
		}
		bytes := w.written.Bytes()
		f.SetNative(vr, uint32(bytes+bytes%2))
		f.Dataset.Put(dicomio.TextElement(0x00280004, "CS", w.written.Photometric))
		if w.written.Samples > 1 {
			f.Dataset.Put(dicomio.NewElement(0x00280006, "US", []byte{0, 0}))
		}
		drop[0x7FE00001], drop[0x7FE00002], drop[0x7FE00003] = true, true, true // offset tables and length of fragments
	}
	kept := f.Dataset[:0]
	for _, e := range f.Dataset {
		if !drop[e.Tag] {
			kept = append(kept, e)
		}
	}
	f.Dataset = kept
}

// copy writes the pixels and returns the digests of their value as stored and as written.
func (w *pixelWork) copy(r *dicomio.Reader, f *dicomio.File, out io.Writer) (before, after string, err error) {
	if f.Pixel == nil {
		return "", "", nil
	}
	stored, written := xxh3.New(), xxh3.New()
	switch {
	case w == nil:
		err = r.CopyPixel(io.MultiWriter(out, stored))
		return sum(stored), sum(stored), err
	case w.syntax == "":
		changed := &pixelWriter{work: w, out: io.MultiWriter(out, written)}
		if err = r.CopyPixel(io.MultiWriter(stored, changed)); err == nil {
			err = changed.finish()
		}
	default:
		err = w.decode(r, stored, io.MultiWriter(out, written))
	}
	return sum(stored), sum(written), err
}

// sum is XXH3-128 in hexadecimal, as xxhsum -H2 prints it: it tells whether pixels
// are the same, for a twentieth of what SHA-256 takes. Against intent the whole
// file's SHA-256 guards.
func sum(h *xxh3.Hasher) string {
	digest := h.Sum128().Bytes()
	return hex.EncodeToString(digest[:])
}

// decode writes compressed frames uncompressed, one at a time.
func (w *pixelWork) decode(r *dicomio.Reader, stored, out io.Writer) error {
	at := int64(0)
	largest := w.written.FrameBits()/4 + 64<<10 // twice the size uncompressed
	err := r.EachFrame(w.read.Frames, largest, stored, func(compressed []byte) error {
		frame, err := w.read.DecodeNative(w.syntax, compressed)
		if err != nil {
			return err
		}
		if err := w.apply(frame, at); err != nil {
			return err
		}
		at += int64(len(frame))
		return writing(out.Write(frame))
	})
	if err == nil && at%2 == 1 {
		err = writing(out.Write([]byte{0}))
	}
	return err
}

func writing(_ int, err error) error {
	if err != nil {
		return fmt.Errorf("writing a de-identified file: %w", err)
	}
	return nil
}

// apply changes bytes of native pixel data that start at an offset of whole words.
func (w *pixelWork) apply(p []byte, at int64) error {
	if left := max(0, w.written.Bytes()-at); left < int64(len(p)) {
		if err := w.surplus(p[left:], at+left); err != nil {
			return err
		}
		p = p[:left]
	}
	if w.stray != nil {
		w.strays += w.stray.apply(p, w.clear)
	}
	if w.strays > maxStrays && !w.clear {
		return &Rejection{BurnedInRisk, "bits of pixel data outside Bits Stored are set, where an overlay may lie; overlays_in_pixels: clear clears them"}
	}
	switch {
	case len(w.blank) == 0:
	case w.written.BitsAllocated == 1:
		blankBits(p, at, w.written.FrameBits(), w.blank)
	default:
		blankBytes(p, at, w.written.FrameBits()/8, w.blank)
	}
	return nil
}

// surplus deals with what lies behind the last frame, from an offset on; the
// single byte that makes the length even is nobody's.
func (w *pixelWork) surplus(p []byte, at int64) error {
	if total := w.written.Bytes(); at == total && total%2 == 1 {
		p = p[1:]
	}
	for i := range p {
		if p[i] != 0 && !w.clear {
			return &Rejection{BurnedInRisk, "pixel data goes on behind its last frame; overlays_in_pixels: clear clears what is there"}
		}
		if w.clear {
			p[i] = 0
		}
	}
	return nil
}

// onlyLooks reports whether apply leaves all bytes as they are.
func (w *pixelWork) onlyLooks() bool { return w.blank == nil && !w.clear && !w.written.Swapped }

// pixelWriter changes native pixel data on its way.
type pixelWriter struct {
	work *pixelWork
	out  io.Writer
	at   int64
	held []byte // the last bytes, until they make up whole words
}

func (w *pixelWriter) Write(p []byte) (int, error) {
	if w.work.onlyLooks() && len(w.held) == 0 && len(p)%8 == 0 {
		if err := w.work.apply(p, w.at); err != nil {
			return 0, err
		}
		w.at += int64(len(p))
		n, err := w.out.Write(p)
		return n, writing(n, err)
	}
	w.held = append(w.held, p...)
	n := len(w.held) &^ 7
	if err := w.pass(n); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *pixelWriter) finish() error { return w.pass(len(w.held)) }

func (w *pixelWriter) pass(n int) error {
	p := w.held[:n]
	if w.work.written.Swapped {
		swap(p)
	}
	if err := w.work.apply(p, w.at); err != nil {
		return err
	}
	if w.work.written.Swapped {
		swap(p)
	}
	w.at += int64(n)
	if err := writing(w.out.Write(p)); err != nil {
		return err
	}
	w.held = append(w.held[:0], w.held[n:]...)
	return nil
}

// swap exchanges the bytes of each word.
func swap(p []byte) {
	for i := 1; i < len(p); i += 2 {
		p[i-1], p[i] = p[i], p[i-1]
	}
}
