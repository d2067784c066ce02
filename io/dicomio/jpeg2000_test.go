package dicomio

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcohort/io/openjpeg"
)

func needOpenJPEG(t testing.TB) {
	t.Helper()
	if _, err := openjpeg.Default(); err != nil {
		t.Skipf("JPEG 2000 is not tested (%v)", err)
	}
}

// codestream is one of io/openjpeg/testdata, of 61×47 pixels.
func codestream(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "openjpeg", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// encapsulated is an image of 61×47 pixels of 16 bits with the given items of
// pixel data, the offset table first.
func encapsulated(syntax string, frames, bits int, signed bool, items ...[]byte) []byte {
	file := append(make([]byte, 128), "DICM"...)
	representation := 0
	if signed {
		representation = 1
	}
	file = slices.Concat(file, text(TagTransferSyntaxUID, "UI", syntax),
		us(tagSamplesPerPixel, 1), element(tagNumberOfFrames, "IS", []byte{byte('0' + frames)}), us(tagRows, 47), us(tagColumns, 61),
		us(tagBitsAllocated, 16), us(tagBitsStored, bits), us(tagHighBit, bits-1), us(TagPixelRepresentation, representation),
		[]byte{0xE0, 0x7F, 0x10, 0x00, 'O', 'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF})
	for _, item := range items {
		file = append(file, 0xFE, 0xFF, 0x00, 0xE0)
		file = binary.LittleEndian.AppendUint32(file, uint32(len(item)))
		file = append(file, item...)
	}
	return append(file, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0)
}

// even pads a fragment, as fragments are.
func even(b []byte) []byte {
	if len(b)%2 == 1 {
		return append(slices.Clone(b), 0)
	}
	return b
}

// drawn is the value at (x, y) of the image in io/openjpeg/testdata/make.py.
func drawn(x, y int) int16 {
	return int16(1000 + (x*x*7+y*y*3+x*y)/16%1024 + ((x*73 ^ y*151) & 15))
}

func TestReadJPEG2000(t *testing.T) {
	needOpenJPEG(t)
	unsigned, signed := even(codestream(t, "htj2k_16_unsigned.j2k")), even(codestream(t, "htj2k_16_signed.j2k"))
	tiles, plain := even(codestream(t, "htj2k_16_signed_tiles.j2k")), even(codestream(t, "j2k_12_unsigned.j2k"))
	const lossless, highThroughput = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"
	cases := []struct {
		name   string
		file   []byte
		frames int
		shift  int16
	}{
		{"JPEG 2000, 12 bits", encapsulated(lossless, 1, 12, false, nil, plain), 1, 0},
		{"JPEG 2000, Bits Stored larger than the precision", encapsulated(lossless, 1, 16, false, nil, plain), 1, 0},
		{"HTJ2K, unsigned", encapsulated(highThroughput, 1, 12, false, nil, unsigned), 1, 0},
		{"HTJ2K, signed", encapsulated("1.2.840.10008.1.2.4.202", 1, 16, true, nil, signed), 1, 2048},
		{"HTJ2K, signed, of 12 bits in 16", encapsulated(highThroughput, 1, 12, true, nil, signed), 1, 2048},
		{"HTJ2K, in tiles", encapsulated("1.2.840.10008.1.2.4.203", 1, 16, true, nil, tiles), 1, 2048},
		{"one frame of three fragments", encapsulated(highThroughput, 1, 12, false, nil, unsigned[:400], unsigned[400:402], unsigned[402:]), 1, 0},
		{"two frames of three fragments, no offsets", encapsulated(highThroughput, 2, 16, true, nil, signed, tiles[:500], tiles[500:]), 2, 2048},
	}
	for _, c := range cases {
		slices, err := ReadSlices(bytes.NewReader(c.file))
		if err != nil || len(slices) != c.frames {
			t.Errorf("%s: ReadSlices = %d slices, %v; want %d", c.name, len(slices), err, c.frames)
			continue
		}
		for _, s := range slices {
			for i, v := range s.HU {
				if want := drawn(i%61, i/61) - c.shift; v != want {
					t.Errorf("%s: frame %d, pixel %d is %d, want %d", c.name, s.Frame, i, v, want)
					break
				}
			}
		}
	}
}

func TestJPEG2000ThatIsRefused(t *testing.T) {
	needOpenJPEG(t)
	stream := codestream(t, "htj2k_16_unsigned.j2k")
	cases := []struct {
		name, code string
		file       []byte
	}{
		{"cut", BadPixels, encapsulated("1.2.840.10008.1.2.4.201", 1, 12, false, nil, stream[:len(stream)/2])},
		{"not JPEG 2000", BadPixels, encapsulated("1.2.840.10008.1.2.4.90", 1, 12, false, nil, []byte("\xFF\xD8\xFF\xE0"))},
		{"another size", BadPixels, encapsulated("1.2.840.10008.1.2.4.90", 1, 8, false, nil, replaced(stream, 11, 60))},
		{"three components", BadPixels, encapsulated("1.2.840.10008.1.2.4.90", 1, 8, false, nil, codestream(t, "j2k_8_rgb.j2k"))},
		{"17 bits", UnsupportedPixels, encapsulated("1.2.840.10008.1.2.4.90", 1, 16, false, nil, replaced(stream, 42, 16))},
	}
	for _, c := range cases {
		_, err := ReadSlices(bytes.NewReader(c.file))
		var bad *Error
		if !errors.As(err, &bad) || bad.Code != c.code || !strings.HasPrefix(bad.Detail, "JPEG 2000: ") {
			t.Errorf("%s: ReadSlices: %v, want %s", c.name, err, c.code)
		}
	}
}

func replaced(data []byte, at int, with byte) []byte {
	data = slices.Clone(data)
	data[at] = with
	return data
}

// Without the library, each of its syntaxes is a reject that names the codec
// and what to do; nothing else changes.
func TestWithoutOpenJPEG(t *testing.T) {
	t.Setenv(openjpeg.LibraryEnv, filepath.Join(t.TempDir(), "none"))
	for uid, name := range map[string]string{
		"1.2.840.10008.1.2.4.90":  "JPEG 2000 Lossless",
		"1.2.840.10008.1.2.4.91":  "JPEG 2000",
		"1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 Lossless",
		"1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 RPCL Lossless",
		"1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
	} {
		_, err := ReadSlices(bytes.NewReader(encapsulated(uid, 1, 12, false, nil, codestream(t, "j2k_12_unsigned.j2k"))))
		want := &Error{Code: "unsupported_codec", Detail: name + " needs OpenJPEG: run `make codecs`, or name its library in CTCOHORT_CODECS"}
		var got *Error
		if !errors.As(err, &got) || *got != *want {
			t.Errorf("ReadSlices(%s): %v, want %v", uid, err, want)
		}
	}
}

// Colour is what pydicom 3.0.2 with pylibjpeg-openjpeg 2.6.0 gives. The second
// image is a JP2 file in sixteen tiles with one more tile-part than it declares.
func TestDecodeFrameInColour(t *testing.T) {
	needOpenJPEG(t)
	for _, c := range []struct {
		file          string
		rows, columns int
		digest        string
	}{
		{"examples_jpeg2k.dcm", 480, 640, "e16892020c73095e42ff4cf7368de5206f11012e25feaed53cc2bc614602bb9a"},
		{"GDCMJ2K_TextGBR.dcm", 400, 400, "bea5673fdd49313fd8c391f115e57ac501f44194aa3915c22293ddb55f1d0b88"},
	} {
		raw, err := os.ReadFile(filepath.Join(fixtures(t), "odd_pydicom_testfiles", c.file))
		if err != nil {
			t.Fatal(err)
		}
		f, _, fragments, err := ReadFile(bytes.NewReader(raw), maxFilePixels)
		if err != nil {
			t.Fatal(err)
		}
		frames, err := f.Frames(fragments, 1)
		if err != nil {
			t.Fatal(err)
		}
		samples, err := DecodeFrame(f.Syntax.UID, frames[0], c.rows, c.columns, 3)
		bytes := make([]byte, len(samples))
		for i, v := range samples {
			bytes[i] = byte(v)
		}
		sum := sha256.Sum256(bytes)
		if got := hex.EncodeToString(sum[:]); err != nil || got != c.digest {
			t.Errorf("DecodeFrame(%s) = %s, %v; want %s", c.file, got, err, c.digest)
		}
	}
}
