package test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/pipelines"
	"ctcohort/schemas"
)

// labelled anonymises and resamples what fill puts into an archive.
func labelled(t *testing.T, change func(*configs.Config), fill func(archive string)) (root string, all []schemas.Series, rejects []schemas.Reject) {
	t.Helper()
	folder := t.TempDir()
	key := filepath.Join(folder, "key")
	if err := os.WriteFile(key, []byte("a key for tests, of enough bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(folder, "archive")
	if err := os.Mkdir(archive, 0o700); err != nil {
		t.Fatal(err)
	}
	fill(archive)
	cfg := configs.Default()
	cfg.Output = filepath.Join(folder, "out")
	cfg.Deidentification.Key = "file:" + key
	cfg.Cohorts = []configs.Cohort{{Name: "labels", Archive: archive}}
	cfg.Volume.SpacingMM = [3]float64{2, 2, 2}
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if !beam.Initialized() {
		beam.Init()
	}
	job := pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output}
	for _, run := range []func() error{
		func() error { _, err := pipelines.Anonymise(t.Context(), job); return err },
		func() error { _, err := pipelines.Resample(t.Context(), job); return err },
	} {
		if err := run(); err != nil {
			t.Fatal(err)
		}
	}
	return cfg.Output, rows[schemas.Series](t, cfg.Output), rows[schemas.Reject](t, cfg.Output)
}

// fixture returns a path of the shared test data, without which the test is skipped.
func fixture(t *testing.T, elem ...string) string {
	t.Helper()
	root := os.Getenv("CTCOHORT_SHARED")
	if root == "" {
		root = "../../shared"
	}
	path := filepath.Join(append([]string{root, "fixtures"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("shared fixture %s is not beside the checkout (set CTCOHORT_SHARED)", filepath.Join(elem...))
	}
	return path
}

func copyInto(t *testing.T, archive, from string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(archive, filepath.Base(from)), os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// untar unpacks files without their folders.
func untar(t *testing.T, into, from string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		b, err := io.ReadAll(files)
		if err == nil {
			err = os.WriteFile(filepath.Join(into, filepath.Base(h.Name)), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestLabelStoredAsImages: a label of modality SEG in the class of CT images is
// neither a series nor a label, and is one reject.
func TestLabelStoredAsImages(t *testing.T) {
	ct, mask := fixture(t, "ct_lungfcp_0001"), fixture(t, "mask_lungfcp_0001_vessels", "slices.tar.gz")
	_, all, rejects := labelled(t, nil, func(archive string) {
		copyInto(t, archive, ct)
		into := filepath.Join(archive, "mask")
		if err := os.Mkdir(into, 0o700); err != nil {
			t.Fatal(err)
		}
		untar(t, into, mask)
	})
	if len(all) != 1 || all[0].LabelSource != "" || all[0].LabelURI != "" {
		t.Errorf("series %+v; want the CT alone, without a label", all)
	}
	if len(rejects) != 1 || rejects[0].ReasonCode != "label_stored_as_image" || rejects[0].Detail != "100 files of modality SEG that are no segmentations: a label stored as images" {
		t.Errorf("rejects %+v; want one, label_stored_as_image", rejects)
	}
}

// TestSegmentationThroughTheStages: a SEG matches by reference, is mapped by
// configuration, and what it leaves out is said.
func TestSegmentationThroughTheStages(t *testing.T) {
	folder := fixture(t, "seg_dcmqi", "data", "segmentations")
	fill := func(archive string) { copyInto(t, archive, folder) }
	_, all, rejects := labelled(t, func(c *configs.Config) {
		c.Cohorts[0].LabelNames = &configs.LabelNames{Lung: []string{"liver"}, Only: true}
	}, fill)
	byCode := map[string]int{}
	for _, r := range rejects {
		byCode[r.ReasonCode]++
	}
	for _, r := range all {
		t.Logf("%d slices: label %q (%s)", r.Slices, r.LabelSource, r.LabelNotes)
	}
	t.Logf("rejects %v", rejects)
	if len(all) != 1 || all[0].LabelSource != "seg" || all[0].LabelNotes == "" || byCode["label_names"] == 0 {
		t.Errorf("%d series, rejects %v; want one with its label, and label_names for those without a liver", len(all), byCode)
	}
}

// TestStructureSetOfOneSlice: of 99 images one is there; no volume comes of it,
// and the structure set says so.
func TestStructureSetOfOneSlice(t *testing.T) {
	folder := fixture(t, "rtstruct_dicompyler")
	_, all, rejects := labelled(t, nil, func(archive string) { copyInto(t, archive, folder) })
	byCode := map[string]string{}
	for _, r := range rejects {
		byCode[r.ReasonCode] = r.Detail
	}
	if len(all) != 1 || all[0].Status != "rejected" || all[0].VolumeURI != "" || all[0].Reason != "too_few_slices: 1 slices fit together" || len(rejects) != 2 || byCode["too_few_slices"] == "" || byCode["label_unmatched"] == "" {
		t.Errorf("series %+v, rejects %v; want one that is rejected, too_few_slices and label_unmatched", all, byCode)
	}
}
