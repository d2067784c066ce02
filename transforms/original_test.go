package transforms

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"ctcohort/io/niftiio"
	"ctcohort/io/nrrdio"
)

// What cannot be read is told without the file's name, which may be a patient's.
func TestReadOriginal(t *testing.T) {
	const header = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: raw\ndata file: "
	dir := t.TempDir()
	for name, text := range map[string]string{
		"DOE/whole.nhdr": header + "whole.raw\n", "DOE/whole.raw": "\x01\x02\x03\x04\x05\x06\x07\x08",
		"DOE/alone.nhdr": header + "DOE.raw\n", "DOE/short.nhdr": header + "short.raw\n", "DOE/short.raw": "\x01",
		"DOE/up.nhdr": header + "../DOE.raw\n", "DOE.raw": "12345678", "DOE/text.nii": "DOE^JANE",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]error{
		"DOE/whole.nhdr": nil, "DOE/alone.nhdr": errDataFile, "DOE/up.nhdr": nrrdio.ErrUnsupported, "DOE/none.nhdr": errStorage, "DOE/none.nii": errStorage,
	} {
		v, err := readOriginal(t.Context(), Input{Archive: Archive{URI: dir}, Name: name}, niftiio.ReadHU, nrrdio.ReadHU)
		if !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if err == nil && v.Data[7] != 8 {
			t.Errorf("%s: %v", name, v.Data)
		}
		if err != nil && strings.Contains(err.Error(), "DOE") {
			t.Errorf("%s: the error holds a name: %v", name, err)
		}
	}
	for _, name := range []string{"DOE/short.nhdr", "DOE/text.nii"} {
		if _, err := readOriginal(t.Context(), Input{Archive: Archive{URI: dir}, Name: name}, niftiio.ReadHU, nrrdio.ReadHU); err == nil || errors.Is(err, errStorage) || strings.Contains(err.Error(), "DOE") {
			t.Errorf("%s: %v; want a fault of the file, without its name", name, err)
		}
	}
}

// A storage that fails is not the file's fault, whatever its reader makes of it.
func TestWatchedStorage(t *testing.T) {
	o := &original{}
	if _, err := niftiio.ReadHU(o.watch(iotest.TimeoutReader(strings.NewReader(strings.Repeat("x", 1<<20)))), 10); err == nil || o.failed {
		t.Errorf("a file that is none: %v, failed %v", err, o.failed)
	}
	if _, err := io.ReadAll(o.watch(iotest.ErrReader(os.ErrPermission))); err == nil || !o.failed {
		t.Errorf("a storage that fails: %v, failed %v", err, o.failed)
	}
}

func TestFormatByName(t *testing.T) {
	for name, want := range map[string]string{
		"a/1.nii": "nifti", "a/1.NII.GZ": "nifti", "1.nrrd": "nrrd", "1.seg.nrrd": "nrrd", "1.nhdr": "nrrd",
		"IM0001": "dicom", "1.dcm": "dicom", "nii": "dicom", "1.gz": "dicom", "1.nii/IM0001": "dicom",
	} {
		if got := (Input{Name: name}).Format(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
