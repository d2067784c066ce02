package dicomio

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/flate"
)

// rewrite parses a file and writes it back unchanged. A deflated data set comes back inflated.
func rewrite(r io.Reader) ([]byte, *File, error) {
	in, f, err := NewReader(r)
	if err != nil {
		return nil, nil, err
	}
	out := bytes.NewBuffer(f.AppendPixelHeader(f.AppendDataset(f.AppendMeta(nil), f.Dataset)))
	if err := in.CopyPixel(out); err != nil {
		return nil, nil, err
	}
	trailer, err := in.Trailer()
	if err != nil {
		return nil, nil, err
	}
	out.Write(f.AppendDataset(nil, trailer))
	return out.Bytes(), f, nil
}

// original returns what rewrite has to give for a file: its bytes, inflated.
func original(data []byte, f *File) []byte {
	if !f.Syntax.Deflated {
		return data
	}
	head := f.AppendMeta(nil)
	body, _ := io.ReadAll(flate.NewReader(bytes.NewReader(data[len(head):])))
	return append(head, body...)
}

// sameButPadding reports whether got is want less zeros at its end.
func sameButPadding(got, want []byte) bool {
	return bytes.HasPrefix(want, got) && allZero(want[len(got):])
}

func fixtures(t testing.TB) string {
	if dir := os.Getenv("CTCOHORT_SHARED"); dir != "" {
		return filepath.Join(dir, "fixtures")
	}
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "shared", "fixtures")); err == nil {
			return filepath.Join(dir, "shared", "fixtures")
		}
	}
	t.Skip("no shared/fixtures beside the checkout: the real files cannot be read")
	return ""
}

// TestFixturesRoundTrip: each file comes back byte for byte, or is refused with a code.
func TestFixturesRoundTrip(t *testing.T) {
	root := fixtures(t)
	refused := map[string]int{}
	same := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if base := filepath.Base(filepath.Dir(path)); base == "ct_lungfcp_0001" && d.Name() > "1-003" || base == "ct_acrin_flt_013" && d.Name() > "1-003" {
			return nil // many of one kind
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got, f, err := rewrite(bytes.NewReader(data))
		var bad *Error
		switch {
		case errors.As(err, &bad):
			refused[bad.Code]++
			t.Logf("%s: %v", filepath.Base(path), err)
		case err != nil:
			t.Errorf("rewriting %s: %v, want a *Error", filepath.Base(path), err)
		case !sameButPadding(got, original(data, f)):
			t.Errorf("%s: not identical (%d bytes, want %d)", filepath.Base(path), len(got), len(original(data, f)))
		default:
			same++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d identical, refused: %v", same, refused)
	if same < 200 {
		t.Errorf("%d files identical, want at least 200 of the fixtures", same)
	}
}
