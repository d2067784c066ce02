package deid

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"ctcohort/io/dicomio"
)

const mebibyte = 1 << 20

// peak returns the most memory that the process has had in use during work,
// beyond what it had before, in MiB; garbage that is not collected yet counts.
func peak(work func()) float64 {
	inUse := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64() - s[1].Value.Uint64()
	}
	debug.FreeOSMemory()
	before, most := inUse(), uint64(0)
	done, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		for {
			most = max(most, inUse())
			select {
			case <-done:
				return
			case <-time.After(200 * time.Microsecond):
			}
		}
	}()
	work()
	close(done)
	<-sampled
	return (float64(most) - float64(before)) / mebibyte
}

// endless repeats its bytes.
type endless struct {
	bytes []byte
	at    int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.bytes[e.at:])
	e.at = (e.at + n) % len(e.bytes)
	return n, nil
}

// TestMemoryOfPixelData: pixel data streams through, whatever its size.
func TestMemoryOfPixelData(t *testing.T) {
	file := ctFile{rows: 2, columns: 2}.encode()
	const size = 2 << 30
	native := file[:len(file)-8]
	binary.LittleEndian.PutUint32(native[len(native)-4:], size)

	compressed := ctFile{rows: 2, columns: 2, extra: dicomio.Dataset{dicomio.TextElement(0x00280008, "IS", "2")}}.encode()
	compressed = bytes.Replace(compressed, pad([]byte(dicomio.ExplicitLittleEndian), 0), pad([]byte("1.2.840.10008.1.2.5"), 0), 1)
	compressed = compressed[:len(compressed)-8]
	copy(compressed[len(compressed)-8:], "OB\x00\x00\xff\xff\xff\xff")
	const fragments = 200_000
	fragment := append([]byte("\xfe\xff\x00\xe0\x00\x04\x00\x00"), make([]byte, 1024)...)

	for _, c := range []struct {
		name string
		file io.Reader
		want int64 // bytes written, at least
	}{
		{"2 GiB, native", io.MultiReader(bytes.NewReader(native), io.LimitReader(&endless{make([]byte, mebibyte), 0}, size)), size},
		{"200,000 fragments", io.MultiReader(bytes.NewReader(compressed),
			io.LimitReader(&endless{fragment, 0}, fragments*1032), strings.NewReader("\xfe\xff\xdd\xe0\x00\x00\x00\x00")), fragments * 1032},
	} {
		var written counter
		var err error
		got := peak(func() { _, err = newDeidentifier(t, "research").File(c.file, into(&written)) })
		if err != nil || int64(written) < c.want {
			t.Errorf("%s: File() = %v, %d bytes written; want nil, %d", c.name, err, written, c.want)
		}
		if got > 8 {
			t.Errorf("%s: %.1f MiB at the peak, want at most 8", c.name, got)
		}
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// TestMemoryOfHeaders: what stands outside pixel data is refused where it would
// take more than a worker may have, and not held several times where it is not.
func TestMemoryOfHeaders(t *testing.T) {
	if testing.Short() {
		t.Skip("headers of up to 16 MiB: some seconds")
	}
	items := func(n int, item func(i int) dicomio.Dataset) dicomio.Dataset {
		d := make([]dicomio.Dataset, n)
		for i := range d {
			d[i] = item(i)
		}
		return dicomio.Dataset{dicomio.NewSequence(0x00081140, d...)}
	}
	text := func(tag dicomio.Tag, vr, format string) func(int) dicomio.Dataset {
		return func(i int) dicomio.Dataset {
			return dicomio.Dataset{dicomio.TextElement(tag, vr, fmt.Sprintf(format, i))}
		}
	}
	for _, c := range []struct {
		name   string
		header func() dicomio.Dataset
		code   string // of the Rejection; "" where the file passes
	}{
		{"a value of 15 MiB that goes", func() dicomio.Dataset {
			return dicomio.Dataset{dicomio.TextElement(0x00290010, "LO", "MAKER"), dicomio.NewElement(0x00291001, "OB", make([]byte, 15*mebibyte))}
		}, ""},
		{"a value of 15 MiB that stays", func() dicomio.Dataset {
			return dicomio.Dataset{dicomio.NewElement(0x00281201, "OW", make([]byte, 15*mebibyte))}
		}, ""},
		{"21 MiB", func() dicomio.Dataset {
			return dicomio.Dataset{dicomio.NewElement(0x00281201, "OW", make([]byte, 11*mebibyte)), dicomio.NewElement(0x00281202, "OW", make([]byte, 10*mebibyte))}
		}, dicomio.Unparseable},
		{"empty items", func() dicomio.Dataset { return items(150_000, func(int) dicomio.Dataset { return nil }) }, ""},
		{"a million empty items", func() dicomio.Dataset { return items(1_000_000, func(int) dicomio.Dataset { return nil }) }, dicomio.Unparseable},
		{"UIDs", func() dicomio.Dataset { return items(50_000, text(0x00081155, "UI", "1.2.276.0.7230010.3.1.2.%06d")) }, ""},
		{"descriptions", func() dicomio.Dataset { return items(40_000, text(0x00081030, "LO", "Lung of Mr Meier%d")) }, ""},
		{"long text", func() dicomio.Dataset {
			return items(60, text(0x00204000, "LT", strings.Repeat("lung %[1]d ", 8000)[:60_000]))
		}, ""},
		{"text of 12 MiB", func() dicomio.Dataset {
			return dicomio.Dataset{dicomio.NewElement(0x00204000, "UT", []byte(strings.Repeat("lung 12 ", 12*mebibyte/8)))}
		}, ""},
		{"a list of 12 MiB of UIDs", func() dicomio.Dataset {
			return dicomio.Dataset{dicomio.NewElement(0x00081155, "UT", []byte(strings.Repeat(`1.2.345\`, 12*mebibyte/8)))}
		}, ""},
		{"a thousand names", func() dicomio.Dataset { return items(1000, text(0x00100010, "PN", "M\xf6ier%d")) }, ""},
		{"40,000 names", func() dicomio.Dataset { return items(40_000, text(0x00100010, "PN", "M\xf6ier%d")) }, dicomio.Unparseable},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, ctFile{rows: 2, columns: 2, extra: c.header()}.encode(), 0o600); err != nil {
			t.Fatal(err)
		}
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		d := newDeidentifier(t, "research")
		got := peak(func() { _, err = d.File(in, into(io.Discard)) })
		in.Close()
		var r *Rejection
		if errors.As(err, &r); err != nil && r == nil || (r == nil) != (c.code == "") || r != nil && r.Code != c.code {
			t.Errorf("%s: File() = %v, want %q", c.name, err, c.code)
		}
		if got > 60 {
			t.Errorf("%s: %.1f MiB at the peak, want at most 60", c.name, got)
		}
		t.Logf("%s: %.1f MiB", c.name, got)
	}
}
