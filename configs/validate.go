package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The values that a key may have.
var (
	Profiles                = []string{"research", "basic"}
	DeidentificationOptions = []string{
		"retain_full_dates", "retain_modified_dates", "retain_uids", "retain_device_identity", "retain_institution_identity", "retain_patient_characteristics",
		"clean_descriptors", "clean_structured_content", "clean_graphics", "retain_safe_private", "clean_pixel_data",
	}
	Faces          = []string{"quarantine", "allow"}
	Overlays       = []string{"quarantine", "clear"}
	SeriesUses     = []string{"all", "best"}
	Obliques       = []string{"resample", "keep", "reject"}
	Interpolations = []string{"linear", "nearest", "bspline"}
	Prefilters     = []string{"none", "gaussian"}
	VolumeFormats  = []string{"nii.gz", "nii"}
	TileModes      = []string{"random", "grid"}
	TileFormats    = []string{"parquet", "arrow", "tensor"}
	Providers      = []string{"auto", "cpu", "cuda", "tensorrt", "openvino"}
	Precisions     = []string{"auto", "fp32", "fp16"}
	Axes           = []string{"x", "y", "z"}
	Splits         = []string{"train", "test", "unused"}
)

var keyReference = regexp.MustCompile(`^(file:.+|env:.+|gcp-secret:projects/[^/]+/secrets/[^/]+/versions/[0-9]+)$`)

var pseudonymShape = regexp.MustCompile(`^[0-9a-f]{16}$`)

var cohortName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// faults returns every bad value.
func (c Config) faults() []fault {
	var faults []fault
	check := func(ok bool, path, problem string, args ...any) {
		if !ok {
			faults = append(faults, fault{Path: path, Problem: fmt.Sprintf(problem, args...)})
		}
	}
	oneOf := func(value string, allowed []string, path string) {
		check(slices.Contains(allowed, value), path, "%s is %q; it must be one of %s", path, value, strings.Join(allowed, ", "))
	}

	check(c.Output != "", "output", "output is missing: the URI of the folder that everything is written to")
	oneOf(c.Deidentification.Profile, Profiles, "deidentification.profile")
	options := c.Deidentification.Options
	for i, o := range options {
		at := fmt.Sprintf("deidentification.options.%d", i)
		oneOf(o, DeidentificationOptions, at)
		check(!slices.Contains(options[:i], o), at, "deidentification.options has %s twice", o)
	}
	check(!slices.Contains(options, "retain_full_dates") || !slices.Contains(options, "retain_modified_dates"), "deidentification.options",
		"deidentification.options has retain_full_dates and retain_modified_dates, which exclude each other (PS3.15 E.3.6); leave one out")
	years := c.Deidentification.MaxAgeYears
	check(years >= 0 && years <= 120, "deidentification.max_age_years", "deidentification.max_age_years is %d; it must lie in 1 to 120, or be 0 to leave ages as they are", years)
	oneOf(c.Deidentification.Faces, Faces, "deidentification.faces")
	oneOf(c.Deidentification.OverlaysInPixels, Overlays, "deidentification.overlays_in_pixels")
	faults = append(faults, c.Deidentification.blankFaults()...)
	key := c.Deidentification.Key
	check(key == "" || keyReference.MatchString(key), "deidentification.key",
		"deidentification.key must be a reference, file:PATH, env:NAME or gcp-secret:projects/P/secrets/S/versions/N (a number), never the key itself")
	faults = append(faults, c.crosswalkFaults()...)
	faults = append(faults, c.labelFaults()...)

	names := map[string]bool{}
	for i, cohort := range c.Cohorts {
		at := fmt.Sprintf("cohorts.%d", i)
		check(cohortName.MatchString(cohort.Name), at+".name",
			"cohort name %q must be 1 to 32 of a-z, 0-9, - and _, a letter first: it becomes part of paths", cohort.Name)
		check(!names[cohort.Name], at+".name", "cohort name %q stands twice", cohort.Name)
		names[cohort.Name] = true
		check(cohort.Archive != "", at+".archive", "cohort %q has no archive: the URI of its files", cohort.Name)
		faults = append(faults, cohort.volumeFaults(at)...)
	}

	oneOf(c.Series.Use, SeriesUses, "series.use")
	oneOf(c.Series.Oblique, Obliques, "series.oblique")
	for i, mm := range c.Volume.SpacingMM {
		check(mm >= 0.1 && mm <= 20, "volume.spacing_mm", "volume.spacing_mm along %c is %g mm; it must lie in 0.1 to 20", "xyz"[i], mm)
	}
	oneOf(c.Volume.Interpolation, Interpolations, "volume.interpolation")
	oneOf(c.Volume.Prefilter, Prefilters, "volume.prefilter")
	oneOf(c.Volume.Format, VolumeFormats, "volume.format")
	low, high := c.Volume.WindowHU[0], c.Volume.WindowHU[1]
	check(low < high && low >= -2048 && high <= 4096, "volume.window_hu",
		"volume.window_hu is [%g, %g]; it must rise and lie in -2048 to 4096 HU", low, high)

	faults = append(faults, c.Split.faults()...)

	for i, n := range c.Tile.SizeVoxels {
		check(n >= 8 && n <= 512 && n%8 == 0, "tile.size_voxels",
			"tile.size_voxels along %c is %d; it must be a multiple of 8 in 8 to 512, for the network halves it three times", "xyz"[i], n)
	}
	check(c.Tile.Patches >= 1 && c.Tile.Patches <= 10000, "tile.patches", "tile.patches is %d a volume; it must lie in 1 to 10000", c.Tile.Patches)
	check(c.Tile.Foreground >= 0 && c.Tile.Foreground <= 1, "tile.foreground", "tile.foreground is %g; it must lie in 0 to 1", c.Tile.Foreground)
	oneOf(c.Tile.Mode, TileModes, "tile.mode")
	oneOf(c.Tile.Format, TileFormats, "tile.format")
	check(c.Tile.ShardMiB >= 1 && c.Tile.ShardMiB <= 65536, "tile.shard_mib", "tile.shard_mib is %d; it must lie in 1 to 65536", c.Tile.ShardMiB)

	oneOf(c.Inference.Provider, Providers, "inference.provider")
	check(c.Inference.Overlap >= 0 && c.Inference.Overlap <= 0.9, "inference.overlap", "inference.overlap is %g; it must lie in 0 to 0.9", c.Inference.Overlap)
	oneOf(c.Inference.Precision, Precisions, "inference.precision")
	for i, d := range c.Inference.Devices {
		at := fmt.Sprintf("inference.devices.%d", i)
		check(d >= 0 && d <= 63, at, "%s is %d; it must lie in 0 to 63", at, d)
		check(!slices.Contains(c.Inference.Devices[:i], d), at, "inference.devices has %d twice", d)
	}
	check(c.Inference.Batch >= 0 && c.Inference.Batch <= 256, "inference.batch", "inference.batch is %d; it must lie in 0 to 256, 0 being chosen for the device", c.Inference.Batch)
	for i, axis := range c.Inference.Flips {
		at := fmt.Sprintf("inference.flips.%d", i)
		oneOf(axis, Axes, at)
		check(!slices.Contains(c.Inference.Flips[:i], axis), at, "inference.flips has %s twice", axis)
	}
	for i, s := range c.Inference.Splits {
		oneOf(s, Splits, fmt.Sprintf("inference.splits.%d", i))
	}
	for i, m := range c.Inference.Models {
		check(m != "", fmt.Sprintf("inference.models.%d", i), "inference.models.%d is empty", i)
	}
	check(c.Report.Figures >= 0 && c.Report.Figures <= 200, "report.figures", "report.figures is %d; it must lie in 0 to 200", c.Report.Figures)
	check(c.Report.Viewer >= 0 && c.Report.Viewer <= 50, "report.viewer", "report.viewer is %d; it must lie in 0 to 50", c.Report.Viewer)
	check(c.Report.PreviewMiB >= 0 && c.Report.PreviewMiB <= 500, "report.preview_mib", "report.preview_mib is %d; it must lie in 0 to 500", c.Report.PreviewMiB)
	for i, p := range c.Report.Patients {
		check(pseudonymShape.MatchString(p), fmt.Sprintf("report.patients.%d", i), "report.patients.%d is no pseudonym: it has 16 digits of 0 to 9 and a to f, as the report's table shows them", i)
	}
	faults = append(faults, c.Runner.faults()...)
	check(c.Workers >= 0 && c.Workers <= 1024, "workers", "workers is %d; it must lie in 0 to 1024, 0 being one a core", c.Workers)
	check(!inside(c.Status, c.Output), "status", "status lies within output, where every file is a dataset's: give it a place of its own")
	check(!strings.HasSuffix(c.Status, "/"), "status", "status is a folder, %s; it must be a file in one", c.Status)
	return faults
}

// Runnable reports what a whole run needs beyond valid values: cohorts, a key and a model.
func (c Config) Runnable() error {
	var missing []string
	if len(c.Cohorts) == 0 {
		missing = append(missing, "cohorts (at least one, with its archive)")
	}
	if c.Deidentification.Key == "" {
		missing = append(missing, "deidentification.key (file:PATH, env:NAME or gcp-secret:…)")
	}
	if len(c.Inference.Models) == 0 {
		missing = append(missing, "inference.models (at least one ONNX file)")
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the configuration lacks %s", strings.Join(missing, "; "))
}
