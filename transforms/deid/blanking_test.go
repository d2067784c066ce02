package deid

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ctcohort/io/dicomio"
	"ctcohort/io/openjpeg"
)

// pair is a file before and after, for testdata/blanking.py to compare.
type pair struct {
	Before    string   `json:"before"`
	After     string   `json:"after"`
	Regions   []Region `json:"regions"`
	Keep      []Region `json:"keep"`
	Tolerance int      `json:"tolerance"`
}

// TestBlankingAgainstPydicom: outside the regions the pixels are those of the
// input, inside they are blank, in every layout of samples and every compression
// that is decoded, as pydicom and numpy see them.
func TestBlankingAgainstPydicom(t *testing.T) {
	python := os.Getenv("CTCOHORT_PYTHON")
	if python == "" {
		t.Skip("CTCOHORT_PYTHON is not set: blanked pixels are not compared with pydicom's")
	}
	made, out := t.TempDir(), t.TempDir()
	if message, err := exec.Command(python, "testdata/blanking.py", "make", made).CombinedOutput(); err != nil {
		t.Fatalf("making files: %v\n%s", err, message)
	}
	rules := []BlankRule{
		{Regions: []Region{{0, 0, 5, 3}, {3, 2, 4, 2}}},
		{Regions: []Region{{-3, -2, 3, 2}}, Keep: []Region{{1, 1, 0, 0}}},
		{Regions: []Region{{0, 4, 0, 1}}},
	}
	var pairs []pair
	add := func(path string, rule BlankRule, tolerance int) {
		t.Helper()
		p := pair{path, filepath.Join(out, filepath.Base(path)), rule.Regions, rule.Keep, tolerance}
		if code := blankFile(t, path, p.After, rule); code != "" {
			t.Errorf("%s: File() is rejected: %s", filepath.Base(path), code)
			return
		}
		pairs = append(pairs, p)
	}
	for i, path := range filesOf(t, made, ".") {
		add(path, rules[i%len(rules)], 0)
	}
	synthetic := len(pairs)
	_, err := openjpeg.Default()
	if err != nil {
		t.Log("no OpenJPEG (CTCOHORT_CODECS): JPEG 2000 is not blanked here")
	}
	if root := sharedFixtures(); root != "" {
		j2k := []string{}
		if err == nil {
			j2k = []string{"ts_cornerstone_ct/CTImage.dcm_JPEG2000*", "ts_wg04_ct/*/*_J2K?", "odd_pydicom_testfiles/MR_small_jp2k*", "odd_pydicom_testfiles/GDCMJ2K_TextGBR.dcm", "odd_pydicom_testfiles/examples_jpeg2k.dcm", "odd_pydicom_testfiles/SC_rgb_gdcm_KY.dcm"}
		}
		rule := BlankRule{Regions: []Region{{0, 0, 0, 9}, {-20, 10, 7, 30}}}
		small := BlankRule{Regions: []Region{{1, 1, 1, 1}}}
		for _, c := range []struct {
			files     []string
			rule      BlankRule
			tolerance int
			reason    string
		}{
			{[]string{"ts_cornerstone_ct/CTImage.dcm*Endian*", "ts_cornerstone_ct/CTImage.dcm_RLE*", "ts_cornerstone_ct/CTImage.dcm_JPEGLS*", "ts_cornerstone_ct/CTImage.dcm_JPEGProcess14*", "ts_wg04_ct/*/*_RLE", "ts_wg04_ct/*/*_JL*", "ts_wg04_ct/*/*_JPLL"}, rule, 0, "lossless, or lossy with one right answer"},
			{[]string{"ts_cornerstone_ct/CTImage.dcm_JPEGProcess1T*", "ts_cornerstone_ct/CTImage.dcm_JPEGProcess2*"}, rule, 1, "another inverse DCT"},
			{[]string{"odd_pydicom_testfiles/SC_rgb_rle*", "odd_pydicom_testfiles/SC_ybr*", "odd_pydicom_testfiles/examples_palette*", "odd_pydicom_testfiles/examples_rgb*", "odd_pydicom_testfiles/ExplVR_BigEnd.dcm", "odd_pydicom_testfiles/MR_small.dcm", "odd_pydicom_testfiles/MR_small_[Rbei]*", "odd_pydicom_testfiles/MR_small_padded.dcm", "odd_pydicom_testfiles/MR_small_jpeg_ls*", "odd_pydicom_testfiles/SC_rgb_jpeg_gdcm*", "seg_dcmqi/data/segmentations/liver.dcm", "odd_pydicom_testfiles/liver_*"}, rule, 0, "colour, several frames, big endian, single bits"},
			{j2k, rule, 0, "JPEG 2000"},
			{[]string{"odd_pydicom_testfiles/rtdose*", "odd_pydicom_testfiles/SC_rgb_small_odd.dcm", "odd_pydicom_testfiles/SC_rgb_small_odd_big*"}, small, 0, "32 bits; three pixels by three"},
			{[]string{"odd_pydicom_testfiles/SC_rgb_dcmtk_*", "odd_pydicom_testfiles/SC_rgb_jpeg*dcm*", "odd_pydicom_testfiles/SC_jpeg_no*", "odd_pydicom_testfiles/SC_rgb_jpeg_lossy*", "odd_pydicom_testfiles/examples_ybr_color*"}, rule, 4, "JPEG of colour: another inverse DCT, rounding"},
		} {
			found := 0
			for _, pattern := range c.files {
				paths, err := filepath.Glob(filepath.Join(root, pattern))
				if err != nil || len(paths) == 0 {
					t.Errorf("no fixture %s: %v", pattern, err)
				}
				for _, path := range paths {
					found++
					add(path, c.rule, c.tolerance)
				}
			}
		}
	} else {
		t.Log("no shared/fixtures beside the checkout: real files are not blanked here")
	}
	list, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pairs.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/blanking.py", "check", file)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	faults, err := cmd.Output()
	if err != nil {
		t.Fatalf("comparing: %v\n%s", err, messages.Bytes())
	}
	if len(faults) > 0 {
		t.Errorf("files whose blanked pixels are wrong:\n%s", faults)
	}
	t.Logf("%d files of made layouts and %d real ones compared", synthetic, len(pairs)-synthetic)
}

// blankFile blanks a file of any class, and returns why it was rejected.
func blankFile(t *testing.T, from, to string, rule BlankRule) string {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	rule.When = BlankWhen{TransferSyntax: "1.2.840.10008.*"}
	d, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Faces: Allow, Blank: []BlankRule{rule}}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := d.File(bytes.NewReader(asPatient(t, data)), into(&out)); err != nil {
		return err.Error()
	}
	if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return ""
}

// asPatient gives a file that lacks them the identifiers without which it is rejected.
func asPatient(t *testing.T, data []byte) []byte {
	t.Helper()
	r, f, err := dicomio.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for tag, e := range map[dicomio.Tag]dicomio.Element{
		tagPatientID: dicomio.TextElement(tagPatientID, "LO", "MRN123456"), tagSOPInstanceUID: dicomio.TextElement(tagSOPInstanceUID, "UI", "1.2.276.0.7230010.3.1.4.9"),
		tagStudyInstanceUID: dicomio.TextElement(tagStudyInstanceUID, "UI", "1.2.276.0.7230010.3.1.4.8"), tagSeriesInstanceUID: dicomio.TextElement(tagSeriesInstanceUID, "UI", "1.2.276.0.7230010.3.1.4.7"),
	} {
		if f.Dataset.Text(tag) == "" {
			f.Dataset.Put(e)
		}
	}
	var out bytes.Buffer
	out.Write(f.AppendMeta(nil))
	body := dicomio.NewBody(&out, f.Syntax)
	body.Write(f.AppendPixelHeader(f.AppendDataset(nil, f.Dataset)))
	if err := r.CopyPixel(body); err != nil {
		t.Fatal(err)
	}
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sharedFixtures() string {
	for _, dir := range []string{os.Getenv("CTCOHORT_SHARED"), "../../shared", "../../../shared"} {
		if _, err := os.Stat(filepath.Join(dir, "fixtures")); dir != "" && err == nil {
			return filepath.Join(dir, "fixtures")
		}
	}
	return ""
}
