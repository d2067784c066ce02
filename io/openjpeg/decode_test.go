package openjpeg

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const width, height = 61, 47

// pattern is the image of testdata/make.py, of 12 bits.
func pattern(components int, change func(v int) int) []uint16 {
	samples := make([]uint16, 0, width*height*components)
	for y := range height {
		for x := range width {
			for c := range components {
				v := 1000 + c*50 + (x*x*7+y*y*3+x*y)/16%1024 + ((x*73 ^ y*151) & 15)
				samples = append(samples, uint16(change(v)))
			}
		}
	}
	return samples
}

func same(v int) int   { return v }
func signed(v int) int { return v - 2048 }
func eight(v int) int  { return v >> 4 & 0xFF }

func digest(samples []uint16) string {
	b := make([]byte, 0, 2*len(samples))
	for _, v := range samples {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// streams are the codestreams of testdata with what they hold. Lossless ones
// give the pattern itself; the digests of lossy ones are what
// pylibjpeg-openjpeg 2.6.0 gives.
var streams = []struct {
	file   string
	header Header
	want   string
}{
	{"j2k_12_unsigned.j2k", Header{width, height, 1, 12, false}, digest(pattern(1, same))},
	{"j2k_16_signed.j2k", Header{width, height, 1, 16, true}, digest(pattern(1, signed))},
	{"j2k_8_rgb.j2k", Header{width, height, 3, 8, false}, digest(pattern(3, eight))},
	{"j2k_8_rgb.jp2", Header{width, height, 3, 8, false}, digest(pattern(3, eight))},
	{"j2k_16_signed_lossy.j2k", Header{width, height, 1, 16, true}, "abaaa1011da1c46aa35456f69a2d12ac6ef4cc1a9d46c0f509aca2a0001dadbf"},
	{"htj2k_16_unsigned.j2k", Header{width, height, 1, 16, false}, digest(pattern(1, same))},
	{"htj2k_16_signed.j2k", Header{width, height, 1, 16, true}, digest(pattern(1, signed))},
	{"htj2k_16_signed_tiles.j2k", Header{width, height, 1, 16, true}, digest(pattern(1, signed))},
	{"htj2k_8_unsigned.j2k", Header{width, height, 1, 8, false}, digest(pattern(1, eight))},
	{"htj2k_8_rgb.j2k", Header{width, height, 3, 8, false}, digest(pattern(3, eight))},
	{"htj2k_16_signed_lossy.j2k", Header{width, height, 1, 16, true}, "4325fd536f5f6b2b232f6de2edc34197f82c0f2262330504a5413066a6e051e5"},
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func library(t testing.TB) *Library {
	t.Helper()
	l, err := Default()
	if err != nil {
		t.Skipf("nothing is decoded (%v)", err)
	}
	return l
}

func TestDecode(t *testing.T) {
	l := library(t)
	for _, s := range streams {
		data := read(t, s.file)
		got, h, err := l.Decode(data, width, height, s.header.Components)
		if err != nil || h != s.header || digest(got) != s.want {
			t.Errorf("Decode(%s) = %s, %+v, %v; want %s, %+v", s.file, digest(got), h, err, s.want, s.header)
		}
		for _, size := range [][3]int{{width + 1, height, s.header.Components}, {height, width, s.header.Components}, {width, height, 2}} {
			if _, _, err := l.Decode(data, size[0], size[1], size[2]); !errors.Is(err, ErrMalformed) {
				t.Errorf("Decode(%s) as %v: %v, want ErrMalformed", s.file, size, err)
			}
		}
	}
}

// A codestream that is cut gives an error, or the whole image where only the
// end marker is gone; never a part of it.
func TestDecodeCut(t *testing.T) {
	l := library(t)
	for _, s := range streams {
		data := read(t, s.file)
		for n := range data {
			got, _, err := l.Decode(data[:n], width, height, s.header.Components)
			if err == nil && digest(got) != s.want {
				t.Errorf("Decode(%s) of %d of %d bytes gives another image", s.file, n, len(data))
			}
			if err != nil && !errors.Is(err, ErrMalformed) || err == nil && n < len(data)-2 {
				t.Errorf("Decode(%s) of %d of %d bytes: %v, want ErrMalformed", s.file, n, len(data), err)
			}
		}
	}
}

func TestDecodeAtOnce(t *testing.T) {
	l := library(t)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 5 * len(streams) {
				s := streams[(i+worker)%len(streams)]
				got, _, err := l.Decode(read(t, s.file), width, height, s.header.Components)
				if err != nil || digest(got) != s.want {
					t.Errorf("Decode(%s) among others: %v, or another image", s.file, err)
				}
			}
		})
	}
	all.Wait()
	if n := len(memories.open); n != 0 {
		t.Errorf("%d codestreams are held when none is decoded", n)
	}
}

// mutate changes some bytes after the first, which find the image at all.
func mutate(data []byte, random *rand.Rand) []byte {
	data = slices.Clone(data)
	for range 1 + random.IntN(6) {
		data[2+random.IntN(len(data)-2)] = byte(random.Uint32())
	}
	return data
}

// Neither images nor refusals leave memory behind.
func TestNoLeak(t *testing.T) {
	l := library(t)
	random := rand.New(rand.NewPCG(5, 6))
	round := func(n int) {
		for i := range n {
			s := streams[i%len(streams)]
			data := read(t, s.file)
			if i%2 == 1 {
				data = mutate(data, random)
			}
			l.Decode(data, width, height, s.header.Components) // errors are as good as images here
		}
	}
	round(500)
	before := residentKB(t)
	round(4000)
	if grown := residentKB(t) - before; grown > 16<<10 {
		t.Errorf("4000 decodes left %d KB", grown)
	}
}

func residentKB(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc: the memory of the process is not known")
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kb
}

func FuzzDecode(f *testing.F) {
	l := library(f)
	for _, s := range streams {
		f.Add(read(f, s.file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, components := range []int{1, 3} {
			got, h, err := l.Decode(data, width, height, components)
			if err != nil && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
				t.Errorf("Decode: %v, which is neither malformed nor unsupported", err)
			}
			if err == nil && (len(got) != width*height*components || h.Precision < 1 || h.Precision > 16) {
				t.Errorf("Decode = %d samples, %+v", len(got), h)
			}
		}
	})
}
