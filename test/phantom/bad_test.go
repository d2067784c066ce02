package phantom

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

// Every bad file is bad in the way that the manifest says.
func TestBadFiles(t *testing.T) {
	a := sharedArchive(t)
	for _, m := range a.manifests {
		seen := map[string]bool{}
		for _, b := range m.BadFiles {
			seen[b.Reason] = true
			f, err := os.Open(filepath.Join(a.root, filepath.FromSlash(b.Path)))
			if err != nil {
				t.Fatal(err)
			}
			file, _, _, err := dicomio.ReadFile(f, 1<<24)
			f.Close()
			var e *dicomio.Error
			code := ""
			if errors.As(err, &e) {
				code = e.Code
			} else if err != nil {
				t.Fatal(err)
			}
			text := func(tag uint32) string { return file.Dataset.Text(dicomio.Tag(tag)) }
			ok := false
			switch b.Reason {
			case BadText, BadEmpty:
				ok = code == dicomio.NotDICOM
			case BadTruncated:
				ok = code == dicomio.Truncated
			case BadLocalizer:
				ok = code == "" && strings.Contains(strings.Join(file.Dataset.Texts(0x00080008), " "), "LOCALIZER")
			case BadModality:
				ok = code == "" && text(0x00080060) == "MR"
			case BadCapture:
				ok = code == "" && text(0x00080016) == captureImage
			case BadNoSOPUID:
				ok = code == "" && text(0x00080018) == "" && text(0x00100020) != ""
			case BadNoPatientID:
				ok = code == "" && text(0x00080018) != "" && text(0x00100020) == ""
			}
			if !ok {
				t.Errorf("%s: the file of reason %s reads with code %q", m.Cohort, b.Reason, code)
			}
		}
		for _, kind := range badKinds {
			if !seen[kind] {
				t.Errorf("%s has no bad file of reason %s", m.Cohort, kind)
			}
		}
	}
}
