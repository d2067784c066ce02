package test

import (
	"os"
	"path/filepath"
	"testing"

	"ctcohort/configs"
	"ctcohort/io/niftiio"
	"ctcohort/model"
	"ctcohort/model/volume"
	"ctcohort/schemas"
)

// realSeries are the fixtures with lungs: DICOM series that make one cohort, and
// an NRRD volume that makes another.
var realSeries = []string{"ct_lungfcp_0001", "ct_acrin_flt_013", "cip_ct64_dicom", "vol_pyradiomics_lung1"}

// TestRealCT takes real chest CT through every stage. The model has seen nothing
// but phantoms, and there is no manual reference, so its lungs are compared with
// a threshold-and-components mask: air within the body, in pieces of 100 ml or
// more, 6-connected. That mask takes airways in and leaves vessels and dense lung out.
func TestRealCT(t *testing.T) {
	slow(t)
	shared := os.Getenv("CTCOHORT_SHARED")
	if shared == "" {
		shared = "../../shared"
	}
	cfg := settings(t)
	archive := filepath.Join(t.TempDir(), "archive")
	for _, name := range realSeries {
		from := filepath.Join(shared, "fixtures", name)
		if _, err := os.Stat(from); err != nil {
			t.Skipf("no real CT: fixture %s is not beside the checkout (set CTCOHORT_SHARED)", name)
		}
		if err := os.CopyFS(filepath.Join(archive, realCohort(name), name), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Cohorts = []configs.Cohort{
		{Name: "dicom", Archive: filepath.Join(archive, "dicom")},
		{Name: "nrrd", Archive: filepath.Join(archive, "nrrd"), External: true, Volumes: &configs.Volumes{Images: "*/data/{patient}_image.nrrd"}},
	}
	cfg.Split.Train, cfg.Split.Test = 2, 1
	runAll(t, cfg)

	for _, r := range rows[schemas.Reject](t, cfg.Output) {
		if r.ReasonCode != "name_unmatched" { // the label of a nodule, and a licence
			t.Errorf("a reject of real CT: %+v", r)
		}
	}
	volumes := map[string]schemas.Series{}
	for _, r := range rows[schemas.Series](t, cfg.Output) {
		volumes[r.SeriesUID] = r
	}
	predictions := rows[schemas.Prediction](t, cfg.Output)
	if len(predictions) != len(realSeries) {
		t.Fatalf("%d predictions; want one for each of %v", len(predictions), realSeries)
	}
	for _, p := range predictions {
		hu, lung := load(t, cfg.Output, volumes[p.SeriesUID].VolumeURI, p.MaskURI)
		dice, ml := lungAgreement(hu, lung)
		t.Logf("%d slices of %.2f mm: lung %.0f ml, Dice %.3f against the threshold mask", volumes[p.SeriesUID].Slices, volumes[p.SeriesUID].SpacingZ, ml, dice)
		if dice < 0.90 {
			t.Errorf("the lungs of a real series of %d slices agree with a threshold mask by Dice %.3f only", volumes[p.SeriesUID].Slices, dice)
		}
	}
}

func realCohort(fixture string) string {
	if fixture == "vol_pyradiomics_lung1" {
		return "nrrd"
	}
	return "dicom"
}

func load(t *testing.T, root, image, mask string) (*volume.Volume[int16], *volume.Volume[uint8]) {
	t.Helper()
	i, err := os.Open(filepath.Join(root, image))
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	m, err := os.Open(filepath.Join(root, mask))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	hu, err := niftiio.ReadHU(i, 1<<28)
	if err != nil {
		t.Fatal(err)
	}
	labels, err := niftiio.ReadLabels(m, 1<<28)
	if err != nil {
		t.Fatal(err)
	}
	return hu, labels
}

// lungAgreement returns the Dice of labels 1 and 2 with a threshold mask, and
// the labelled volume.
func lungAgreement(hu *volume.Volume[int16], labels *volume.Volume[uint8]) (dice, ml float64) {
	const airHU, leastML = -400, 100
	air := model.Body(hu)
	for i, h := range hu.Data {
		air[i] = air[i] && h < airHU
	}
	ids, sizes := volume.Components(air, hu.Size, 6)
	var both, predicted, threshold float64
	for i, id := range ids {
		p := labels.Data[i] != 0
		r := id != 0 && float64(sizes[id-1])*hu.VoxelML() >= leastML
		if p {
			predicted++
		}
		if r {
			threshold++
		}
		if p && r {
			both++
		}
	}
	return 2 * both / (predicted + threshold), predicted * hu.VoxelML()
}
