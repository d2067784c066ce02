package configs

import (
	"reflect"
	"strings"
	"testing"
)

func TestSet(t *testing.T) {
	for _, tt := range []struct {
		path, text string
		get        func(Config) any
		want       any
	}{
		{"name", "yes", func(c Config) any { return c.Name }, "yes"}, // no truth value
		{"output", "gs://bucket/out", func(c Config) any { return c.Output }, "gs://bucket/out"},
		{"deidentification.key", "gcp-secret:projects/p/secrets/s/versions/1", func(c Config) any { return c.Deidentification.Key }, "gcp-secret:projects/p/secrets/s/versions/1"},
		{"deidentification.options", "retain_uids, clean_graphics", func(c Config) any { return c.Deidentification.Options }, []string{"retain_uids", "clean_graphics"}},
		{"volume.spacing_mm", "3,3,2.5", func(c Config) any { return c.Volume.SpacingMM }, [3]float64{3, 3, 2.5}},
		{"tile.size_voxels", "64,64,48", func(c Config) any { return c.Tile.SizeVoxels }, [3]int{64, 64, 48}},
		{"split.seed", "-7", func(c Config) any { return c.Split.Seed }, int64(-7)},
		{"inference.dicom_seg", "false", func(c Config) any { return c.Inference.DICOMSeg }, false},
		{"workers", "4", func(c Config) any { return c.Workers }, 4},
	} {
		cfg := Default()
		if err := cfg.Set(tt.path, tt.text); err != nil || !reflect.DeepEqual(tt.get(cfg), tt.want) {
			t.Errorf("Set(%s, %s) gives %v, %v; want %v", tt.path, tt.text, tt.get(cfg), err, tt.want)
		}
	}
	for path, text := range map[string]string{"workers": "many", "volume.spacing_mm": "1,2", "inference.dicom_seg": "7", "cohorts": "x", "nothing": "x", "runner.flags": "x"} {
		cfg := Default()
		if err := cfg.Set(path, text); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Set(%s, %s) = %v; want one line that names the key", path, text, err)
		}
	}
}

// Each key takes its own default.
func TestKeysTakeTheirDefaults(t *testing.T) {
	keys := Keys()
	if len(keys) < 40 {
		t.Errorf("%d keys; want 40 or more", len(keys))
	}
	for _, key := range keys {
		cfg := Default()
		if key.Default == "" {
			continue
		}
		if err := cfg.Set(key.Path, key.Default); err != nil || !reflect.DeepEqual(cfg, Default()) {
			t.Errorf("Set(%s, %s): %v, or another configuration than the default", key.Path, key.Default, err)
		}
	}
}
