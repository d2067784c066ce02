package nrrdio

import (
	"bufio"
	"compress/bzip2"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/klauspost/compress/gzip"

	"ctcohort/io/voxelio"
)

// maxSkip bounds what is skipped in front of the voxels, lines or bytes.
const maxSkip = 1 << 28

// format returns how the voxels are stored once they are decoded.
func (h *header) format() (voxelio.Format, error) {
	f := voxelio.Format{Type: h.kind, Order: h.order, Slope: 1}
	switch h.encoding {
	case "txt", "text", "ascii":
		f.Type, f.Order = voxelio.Float64, binary.LittleEndian // as textReader gives them
	default:
		if h.order == nil && h.kind.Bytes() > 1 {
			return f, fmt.Errorf("%w: its endian is missing", ErrNotNRRD)
		}
	}
	return f, nil
}

// decoded returns the bytes of the voxels in r, of which there are n.
func (h *header) decoded(r *bufio.Reader, n int64) (io.Reader, error) {
	for range h.lineSkip {
		if err := skipLine(r); err != nil {
			return nil, err
		}
	}
	if h.byteSkip < 0 {
		if h.encoding != "raw" {
			return nil, fmt.Errorf("%w: voxels at the end of a file that is not raw", ErrUnsupported)
		}
		return last(r, n)
	}
	plain, err := h.plain(r)
	if err != nil {
		return nil, err
	}
	return plain, voxelio.Skip(plain, h.byteSkip)
}

func (h *header) plain(r *bufio.Reader) (io.Reader, error) {
	switch h.encoding {
	case "raw":
		return r, nil
	case "gz", "gzip":
		z, err := gzip.NewReader(r)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, voxelio.ErrTruncated
		}
		return z, err
	case "bz2", "bzip2":
		return bzip2.NewReader(r), nil
	case "hex":
		return hex.NewDecoder(digits{r}), nil
	case "txt", "text", "ascii":
		words := bufio.NewScanner(r)
		words.Buffer(nil, 4096) // far beyond any number
		words.Split(scanNumbers)
		return &textReader{words: words}, nil
	}
	return nil, fmt.Errorf("%w: an encoding other than raw, gzip, bzip2, hex and text", ErrUnsupported)
}

func skipLine(r *bufio.Reader) error {
	for {
		_, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return voxelio.ErrTruncated
		default:
			return err
		}
	}
}

// last returns the last n bytes of r, which come after some other format's header.
func last(r io.Reader, n int64) (io.Reader, error) {
	// What comes before is forgotten as soon as it cannot be among the last n.
	tail := make([]byte, 0, min(2*n, maxSkip))
	buf := make([]byte, 1<<16)
	for skipped := int64(0); ; {
		k, err := r.Read(buf)
		tail = append(tail, buf[:k]...)
		if over := int64(len(tail)) - n; over > n || over > maxSkip {
			tail, skipped = append(tail[:0], tail[over:]...), skipped+over
		}
		switch {
		case skipped > maxSkip:
			return nil, fmt.Errorf("%w: more than %d bytes before the voxels", ErrUnsupported, maxSkip)
		case errors.Is(err, io.EOF) && int64(len(tail)) < n:
			return nil, voxelio.ErrTruncated
		case errors.Is(err, io.EOF):
			return &sliceReader{tail[int64(len(tail))-n:]}, nil
		case err != nil:
			return nil, err
		}
	}
}

// sliceReader reads what is left of a slice.
type sliceReader struct{ left []byte }

func (s *sliceReader) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

// digits leaves out white space, which may stand anywhere between hex digits.
type digits struct{ r io.Reader }

func (d digits) Read(p []byte) (int, error) {
	for {
		n, err := d.r.Read(p)
		kept := 0
		for _, c := range p[:n] {
			if !isSpace(c) {
				p[kept] = c
				kept++
			}
		}
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// textReader gives numbers in text as float64, little endian.
type textReader struct {
	words *bufio.Scanner
	left  []byte
}

func (t *textReader) Read(p []byte) (int, error) {
	for len(t.left) < len(p) && len(t.left) < 1<<16 {
		if !t.words.Scan() {
			if err := t.words.Err(); err != nil {
				return 0, fmt.Errorf("%w: text where a number must be", ErrNotNRRD)
			}
			break
		}
		x, err := strconv.ParseFloat(t.words.Text(), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0, fmt.Errorf("%w: text where a number must be", ErrNotNRRD)
		}
		t.left = binary.LittleEndian.AppendUint64(t.left, math.Float64bits(x))
	}
	if len(t.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, t.left)
	t.left = append(t.left[:0], t.left[n:]...)
	return n, nil
}

// scanNumbers splits at white space and commas.
func scanNumbers(data []byte, atEOF bool) (advance int, token []byte, err error) {
	start := 0
	for start < len(data) && (isSpace(data[start]) || data[start] == ',') {
		start++
	}
	for i := start; i < len(data); i++ {
		if isSpace(data[i]) || data[i] == ',' {
			return i + 1, data[start:i], nil
		}
	}
	if atEOF && start < len(data) {
		return len(data), data[start:], nil
	}
	return start, nil, nil
}
