package deid

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// understood is what highdicom reads in the report, key objects and presentation
// state of testdata/reports.py once they are de-identified.
const understood = `SR: images [3], VERIFIED
CONTAINER Imaging Measurement Report
  CODE Language of Content Item and Descendants: English (United States)
  CODE Observer Type: Person
  PNAME Person Observer Name: REMOVED
  TEXT Person Observer's Organization Name: REMOVED
  CODE Observer Type: Device
  UIDREF Device Observer UID
  TEXT Device Observer Name: REMOVED
  TEXT Device Observer Manufacturer: ACME
  TEXT Device Observer Model Name: Viewer 3
  TEXT Device Observer Serial Number: REMOVED
  TEXT Device Observer Physical Location During Observation: REMOVED
  CODE Procedure reported: CT unspecified body region
  CONTAINER Imaging Measurements
    CONTAINER Measurement Group
      TEXT Tracking Identifier: nodule 1
      UIDREF Tracking Unique Identifier
      CODE Finding: Nodule
      CODE Finding Site: Lung
        CODE Laterality: Right
      NUM Diameter: 12.5 mm
      CODE Margin: Unknown
      SCOORD Image Region
        IMAGE Source
KO: images [3]
CONTAINER Of Interest
  CODE Observer Type: Person
  PNAME Person Observer Name: REMOVED
  TEXT Key Object Description: nodule in right lung
  IMAGE Source
  IMAGE Source
  IMAGE Source
PR: window 400.0, lesion
  texts ['nodule']
  shapes ['CIRCLE']
`

// TestHighdicomReads: reports, key objects and presentation states that highdicom
// wrote are ones that it reads, without identifiers and without new errors of
// dciodvfy's.
func TestHighdicomReads(t *testing.T) {
	root, python := fixtures(t), os.Getenv("CTCOHORT_PYTHON")
	if python == "" {
		t.Skip("CTCOHORT_PYTHON is not set: no reports are written and read by highdicom")
	}
	script := func(args ...string) string {
		out, err := exec.Command(python, append([]string{filepath.Join("testdata", "reports.py")}, args...)...).Output()
		if err != nil {
			t.Fatalf("reports.py %s: %v", args[0], err)
		}
		return string(out)
	}
	dir := t.TempDir()
	script(append([]string{"make", dir}, filesOf(t, root, "ct_acrin_flt_013")[:3]...)...)
	tool := dciodvfy(t)
	read := []string{"read"}
	d := withOptions(t, "research", cleanStructuredContent.Name)
	for _, name := range []string{"sr", "ko", "pr"} {
		original, output := filepath.Join(dir, name+".dcm"), filepath.Join(dir, name+".out.dcm")
		data, err := os.ReadFile(original)
		if err != nil {
			t.Fatal(err)
		}
		_, out, _ := deidentify(t, d, data)
		for _, p := range []string{"musterfrau", "erika", "mrn123456", "acc55512", "small", "dora", "klinikum", "sn123", "1.2.276"} {
			if bytes.Contains(bytes.ToLower(out), []byte(p)) {
				t.Errorf("%s: the output holds %q", name, p)
			}
		}
		if err := os.WriteFile(output, out, 0o600); err != nil {
			t.Fatal(err)
		}
		before := verified(t, tool, original)
		for kind := range verified(t, tool, output) {
			if !before[kind] {
				t.Errorf("%s: a new error: %s", name, kind)
			}
		}
		read = append(read, output)
	}
	if got := script(read...); got != understood {
		t.Errorf("highdicom reads\n%swant\n%s", got, understood)
	}
}
