package test

import (
	"path/filepath"
	"slices"
	"testing"

	"ctcohort/configs"
	"ctcohort/model/volume"
)

// What the configuration says of resampling is what happens to the voxels, and
// what was smoothed is noted. Only x gets coarser by more than 1.5.
func TestResamplingAsConfigured(t *testing.T) {
	spacing := [3]float64{3.5, 1.5, 3}
	const smoothed = "smoothed along x before resampling"
	for _, c := range []struct {
		interpolation, prefilter, notes string
	}{
		{"linear", "none", ""},
		{"nearest", "none", ""},
		{"bspline", "none", ""},
		{"linear", "gaussian", smoothed},
		{"bspline", "gaussian", smoothed},
	} {
		t.Run(c.interpolation+"/"+c.prefilter, func(t *testing.T) {
			hu, _ := chest(volume.Identity(), [3]uint8{})
			root, series, _ := labelled(t, func(cfg *configs.Config) {
				cfg.Cohorts[0].Volumes = &configs.Volumes{Images: "{patient}.nii.gz"}
				cfg.Volume.SpacingMM, cfg.Volume.Interpolation, cfg.Volume.Prefilter = spacing, c.interpolation, c.prefilter
			}, func(archive string) { writeNIfTI(t, filepath.Join(archive, person+".nii.gz"), hu) })
			if len(series) != 1 || series[0].Notes != c.notes {
				t.Fatalf("series %+v; want one, noted %q", series, c.notes)
			}
			if c.prefilter == "gaussian" {
				volume.AntiAlias(hu, spacing, 1)
			}
			want, err := volume.Resample(hu, spacing, volume.Interpolation(c.interpolation), 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := readHU(t, root, series[0].VolumeURI); !got.Near(want.Grid, 1e-3) || !slices.Equal(got.Data, want.Data) {
				t.Errorf("the volume on %+v is not the one that volume.Resample gives on %+v", got.Grid, want.Grid)
			}
		})
	}
}
