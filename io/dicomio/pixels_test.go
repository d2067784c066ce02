package dicomio

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stored decodes a file to stored values, as rescaled by 1 and 0 and without padding.
func stored(path string) ([]int16, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	in, f, err := NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	headers, err := sliceHeaders(f)
	if err != nil {
		return nil, err
	}
	frames, err := newFrameSource(in, f, &headers[0])
	if err != nil {
		return nil, err
	}
	var all []int16
	for i := range headers {
		h := headers[i]
		h.Slope, h.Intercept, h.HasPadding = 1, 0, false
		values, err := frames.hu(&h)
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
	}
	return all, nil
}

func digest(values []int16) string {
	b := make([]byte, 0, 2*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// The digests are of stored values, as little-endian 16-bit words, that pydicom
// 3.0.2 gives: natively, with its own RLE decoder, with pylibjpeg 2.1.0 else.
func TestStoredValuesAgainstPydicom(t *testing.T) {
	const (
		chest = "1bee432808f49770bbc30d904e3e744082b0ba41704d4943e7de5bcb3e3d72f9"
		ct1   = "1add6ede29758c6f0c68f01749ddc6c907e68a312be4eb9da8489e376e0bbd34"
		ct2   = "ddaf7fb6a05bf7ac8b2b29e29cca3204e426179cce2888eeff3a270c1927d73d"
		mr    = "88617aaa46138fb1b6e2a951e762d962382354d69f47f8c04d4abff2f6a6a63e"
	)
	cases := []struct{ file, digest string }{
		{"ts_cornerstone_ct/CTImage.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50.dcm", "75fbb8a70788486f1e8448909375aadcc6d6710c6bb4fc90d0c37791b6218f59"},
		{"ts_cornerstone_ct/CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm", "312863da769d4bc00595014e0ee21f09db8a2c917a7129a51b43eadddf68421d"},
		{"ts_cornerstone_ct/CT0012.fragmented_no_bot_jpeg_baseline.51.dcm", "58ff86afe1982bebc1b9a459cc5a60cbfa30233400fda6343b85f96b05eec429"},
		{"ts_wg04_ct/RLE/CT1_RLE", ct1},
		{"ts_wg04_ct/RLE/CT2_RLE", ct2},
		{"ts_wg04_ct/JPLL/CT1_JPLL", ct1},
		{"ts_wg04_ct/JPLL/CT2_JPLL", ct2},
		{"ts_cornerstone_ct/CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm", chest},
		{"ts_cornerstone_ct/CTImage.dcm_JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81.dcm", "9595c2a8a59647d6b8e4445486984c615b2ac99085eca0d18988bec429ebd6b8"},
		{"ts_wg04_ct/JLSL/CT1_JLSL", ct1},
		{"ts_wg04_ct/JLSL/CT2_JLSL", ct2},
		{"ts_wg04_ct/JLSN/CT1_JLSN", "259364e338e50866adf21e7a9fa912c32180fe88c711270c6a82783da495f648"},
		{"ts_wg04_ct/JLSN/CT2_JLSN", "6891718ce1d6ca768d7e7eca44c66c36d891d1d8877f2bd48e2b21ceac6edc7e"},
		{"odd_pydicom_testfiles/JPEGLSNearLossless_08.dcm", "5a92d12c46d60428811b4c409ac148e7c947375019474c1fabee7d3b7bd26a13"},
		{"odd_pydicom_testfiles/JPEGLSNearLossless_16.dcm", "316e050a929615a716422bac40b75f989ae98c9ac43c930099edae78ff84e7e4"}, // saturated to int16
		{"odd_pydicom_testfiles/MR_small_jpeg_ls_lossless.dcm", mr},
		{"odd_pydicom_testfiles/MR_small.dcm", mr},
		{"odd_pydicom_testfiles/MR_small_RLE.dcm", mr},
		{"odd_pydicom_testfiles/MR_small_bigendian.dcm", mr},
		{"odd_pydicom_testfiles/JPGExtended.dcm", "b1d76492f77a12c58fab49a831ade73785f46e9247833670cf8a405f3aa5228e"},
		{"odd_pydicom_testfiles/image_dfl.dcm", "4497866512b32b3919e7036e0caf223867bf6daf373be3ebba075d5e0c4dc454"},
	}
	for _, c := range cases {
		values, err := stored(filepath.Join(fixtures(t), c.file))
		if got := digest(values); err != nil || got != c.digest {
			t.Errorf("stored(%s) = %s, %v; want %s", c.file, got, err, c.digest)
		}
	}
}

// The digests are as above; pydicom decodes JPEG 2000 through pylibjpeg-openjpeg
// 2.6.0. The last file has a sequence delimiter inside a fragment, over which
// pydicom stumbles: its image is that of JPEG2000.dcm.
func TestJPEG2000AgainstPydicom(t *testing.T) {
	const (
		chest = "1bee432808f49770bbc30d904e3e744082b0ba41704d4943e7de5bcb3e3d72f9"
		ct1   = "1add6ede29758c6f0c68f01749ddc6c907e68a312be4eb9da8489e376e0bbd34"
		ct2   = "ddaf7fb6a05bf7ac8b2b29e29cca3204e426179cce2888eeff3a270c1927d73d"
		mr    = "88617aaa46138fb1b6e2a951e762d962382354d69f47f8c04d4abff2f6a6a63e"
	)
	cases := []struct{ file, digest, reason string }{
		{"ts_cornerstone_ct/CTImage.dcm_JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90.dcm", chest, "lossless: as the native file"},
		{"ts_cornerstone_ct/CTImage.dcm_JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91.dcm", "ca3472c2d32b272f041d11868d17e58325ae8928fab94964fc486297a228436d", "lossy"},
		{"ts_wg04_ct/J2KR/CT1_J2KR", ct1, "lossless: as RLE and JPEG"},
		{"ts_wg04_ct/J2KR/CT2_J2KR", ct2, "lossless: as RLE and JPEG"},
		{"ts_cornerstone_ct/CT1_J2KR", ct1, "lossless: as RLE and JPEG"},
		{"ts_cornerstone_ct/CT2_J2KR", ct2, "lossless: as RLE and JPEG"},
		{"ts_wg04_ct/J2KI/CT1_J2KI", "69fd32cca92f641aee8450ca6a423a23a8d27201264d2fb366c1ddc1647edc93", "lossy"},
		{"ts_wg04_ct/J2KI/CT2_J2KI", "679e639bdd37e01062bd5e6792d42acfb1c5601c61da004afc4b139ce15a8eab", "lossy"},
		{"odd_pydicom_testfiles/MR_small_jp2klossless.dcm", mr, "lossless: as the native file"},
		{"odd_pydicom_testfiles/693_J2KI.dcm", "f249f833d5e3cbc361b4ced94aeeb8db7fc7376087b9f395a2ccf2f6f3059268", "16 bits of which Bits Stored says 14"},
		{"odd_pydicom_testfiles/J2K_pixelrep_mismatch.dcm", "1296350a0006ef6908ce4aa11717e3e8a236b63478a097bbfb45ac7a5fca6359", "unsigned 13 bits that are signed by Pixel Representation"},
		{"odd_pydicom_testfiles/JPEG2000.dcm", "0b1224a6dcd0dcebb1ae6966270b620a8aecc3e20d7fe5b01504e574e1814ac6", "lossy"},
	}
	needOpenJPEG(t)
	for _, c := range cases {
		values, err := stored(filepath.Join(fixtures(t), c.file))
		if got := digest(values); err != nil || got != c.digest {
			t.Errorf("stored(%s) = %s, %v; want %s (%s)", c.file, got, err, c.digest, c.reason)
		}
	}
}

func TestCodecsThatAreRejected(t *testing.T) {
	cases := []struct{ file, detail string }{
		{"ts_cornerstone_ct/CTImage.dcm_JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53.dcm", "JPEG Spectral Selection (retired)"},
		{"ts_cornerstone_ct/CTImage.dcm_JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55.dcm", "JPEG Full Progression (retired)"},
	}
	for _, c := range cases {
		_, err := stored(filepath.Join(fixtures(t), c.file))
		var e *Error
		if !errors.As(err, &e) || e.Code != "unsupported_codec" || e.Detail != c.detail {
			t.Errorf("stored(%s): %v; want unsupported_codec: %s", c.file, err, c.detail)
		}
	}
}

func TestLookup(t *testing.T) {
	base := SliceHeader{BitsAllocated: 16, BitsStored: 12, HighBit: 11, Slope: 1, Intercept: -1024}
	cases := []struct {
		reason string
		change func(h *SliceHeader)
		word   uint16
		want   int16
	}{
		{"unsigned", func(*SliceHeader) {}, 0x0FFF, 3071},
		{"bits above the high bit are an overlay", func(*SliceHeader) {}, 0xF001, -1023},
		{"signed: the sign is bit 11", func(h *SliceHeader) { h.Signed = true; h.Intercept = 0 }, 0x0FFF, -1},
		{"signed, with high bits that do not extend the sign", func(h *SliceHeader) { h.Signed = true; h.Intercept = 0 }, 0x7800, -2048},
		{"high bit 15: twelve bits at the top", func(h *SliceHeader) { h.HighBit = 15 }, 0x0010, -1023},
		{"half rounds away from zero", func(h *SliceHeader) { h.Slope, h.Intercept = 0.5, 0 }, 3, 2},
		{"negative half rounds away from zero", func(h *SliceHeader) { h.Slope, h.Intercept = 0.5, -10 }, 3, -9},
		{"negative half, to the lower", func(h *SliceHeader) { h.Slope, h.Intercept = 0.5, -9 }, 1, -9},
		{"saturates above", func(h *SliceHeader) { h.Slope = 100 }, 4095, 32767},
		{"saturates below", func(h *SliceHeader) { h.Slope = -100 }, 4095, -32768},
		{"below air, not padding: kept", func(h *SliceHeader) { h.Intercept = -3000 }, 0, -3000},
		{"padding", func(h *SliceHeader) { h.HasPadding, h.Padding = true, [2]int{7, 7} }, 7, AirHU},
		{"padding range", func(h *SliceHeader) { h.HasPadding, h.Padding = true, [2]int{7, 90} }, 80, AirHU},
		{"outside the padding range", func(h *SliceHeader) { h.HasPadding, h.Padding = true, [2]int{7, 90} }, 91, 91 - 1024},
		{"padding in the bits above", func(h *SliceHeader) { h.HasPadding, h.Padding = true, [2]int{63536, 63536} }, 63536, AirHU},
		{"signed padding", func(h *SliceHeader) {
			h.Signed, h.BitsStored, h.HighBit, h.Intercept = true, 16, 15, 0
			h.HasPadding, h.Padding = true, [2]int{-2000, -2000}
		}, 63536, AirHU},
	}
	for _, c := range cases {
		h := base
		c.change(&h)
		table, err := h.lookup()
		if err != nil || table[c.word] != c.want {
			t.Errorf("%s: lookup of %#04x = %d, %v; want %d", c.reason, c.word, table[c.word], err, c.want)
		}
	}
	for _, change := range []func(h *SliceHeader){
		func(h *SliceHeader) { h.BitsAllocated = 32 },
		func(h *SliceHeader) { h.BitsStored = 0 },
		func(h *SliceHeader) { h.BitsStored, h.HighBit = 12, 10 },
		func(h *SliceHeader) { h.BitsStored, h.HighBit = 17, 16 },
	} {
		h := base
		change(&h)
		if _, err := h.lookup(); err == nil {
			t.Errorf("lookup of %d bits stored under bit %d in %d: no error", h.BitsStored, h.HighBit, h.BitsAllocated)
		}
	}
}

func BenchmarkReadSlice(b *testing.B) {
	for _, file := range []string{
		"ts_cornerstone_ct/CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm",
		"ts_cornerstone_ct/CTImage.dcm_RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm",
		"ts_cornerstone_ct/CTImage.dcm_JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70.dcm",
		"ts_cornerstone_ct/CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm",
		"ts_cornerstone_ct/CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm",
		"ts_cornerstone_ct/CTImage.dcm_JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90.dcm",
		"ts_cornerstone_ct/CTImage.dcm_JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91.dcm",
	} {
		raw, err := os.ReadFile(filepath.Join(fixtures(b), file))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.Split(filepath.Base(file), "_")[1], func(b *testing.B) {
			if strings.Contains(file, "JPEG2000") {
				needOpenJPEG(b)
			}
			b.SetBytes(512 * 512 * 2)
			for b.Loop() {
				if _, err := ReadSlice(bytes.NewReader(raw)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
