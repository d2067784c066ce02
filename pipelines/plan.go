package pipelines

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/model"
	"ctcohort/transforms"
)

// A Stage is one of a whole run, by its name.
type Stage struct {
	Name string
	Run  func(context.Context, Job) (Summary, error)
}

// Stages are the stages of a whole run, in order.
var Stages = []Stage{
	{"anonymise", Anonymise},
	{"resample", Resample},
	{"split", Split},
	{"tile", Tile},
	{"infer", Infer},
	{"report", Report},
}

// Plan checks all that a run needs before it starts — archives, key, models
// and their provider — and returns in words what would run.
func Plan(ctx context.Context, j Job) (string, error) {
	cfg := j.Config
	var text strings.Builder
	fmt.Fprintf(&text, "run %s → %s\n", cfg.Name, j.out())
	if err := checkArchives(ctx, j); err != nil {
		return "", err
	}
	if _, err := transforms.LoadKey(ctx, cfg.Deidentification.Key); err != nil {
		return "", err
	}
	links, err := transforms.LoadLinks(ctx, cfg.Deidentification.Links)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&text, "anonymise  profile %s, key %s%s\n", cfg.Deidentification.ProfileName(), cfg.Deidentification.Key, ages(cfg.Deidentification.MaxAgeYears))
	fmt.Fprintf(&text, "           pixels: %s\n", pixels(cfg.Deidentification))
	for _, rule := range cfg.Deidentification.Blank {
		fmt.Fprintf(&text, "           blank %s\n", rule)
	}
	for _, line := range append(linkNotes(links, cfg.Cohorts), crosswalkNote(cfg.Deidentification.Crosswalk)...) {
		fmt.Fprintf(&text, "           %s\n", line)
	}
	for _, c := range cfg.Cohorts {
		fmt.Fprintf(&text, "           cohort %s: archive %s%s\n", c.Name, c.Archive, note(c, cfg.Split))
	}
	decoders, err := codecs()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&text, "decode     %s\n", decoders)
	fmt.Fprintf(&text, "resample   to %g×%g×%g mm, %s%s\n", cfg.Volume.SpacingMM[0], cfg.Volume.SpacingMM[1], cfg.Volume.SpacingMM[2], cfg.Volume.Interpolation, prefilter(cfg.Volume))
	fmt.Fprintf(&text, "           series: %s\n", chosen(cfg.Series))
	fmt.Fprintf(&text, "split      %s, seed %d\n", sizes(cfg.Split), cfg.Split.Seed)
	fmt.Fprintf(&text, "tile       %s, %d patches a volume of %d×%d×%d voxels, %s\n", cfg.Tile.Mode, cfg.Tile.Patches, cfg.Tile.SizeVoxels[0], cfg.Tile.SizeVoxels[1], cfg.Tile.SizeVoxels[2], cfg.Tile.Format)
	models, err := chosenModels(ctx, j, func(spec model.Spec) error { return fitsConfig(spec, cfg.Volume) })
	if err != nil {
		return "", err
	}
	for _, m := range models {
		fmt.Fprintf(&text, "infer      %s (%s, width %d) on %s: %s\n", m.spec.Name, m.spec.Network, m.spec.Width, m.provider, m.reason)
	}
	fmt.Fprintf(&text, "report     %s/report/index.html, figures of %d volumes, %d in its viewer, at most %d MiB of previews\n", strings.TrimSuffix(j.out(), "/"), cfg.Report.Figures+len(cfg.Report.Patients), cfg.Report.Viewer, cfg.Report.PreviewMiB)
	return text.String(), nil
}

// chosen says which series become volumes.
func chosen(s configs.Series) string {
	which := "every usable one"
	if s.Use == "best" {
		which = "the best of each patient"
	}
	return which + map[string]string{
		"resample": ", oblique ones resampled to axial", "keep": ", oblique ones in their own direction", "reject": ", axial ones alone",
	}[s.Oblique]
}

// ages says how ages are bounded, where they are.
func ages(maxYears int) string {
	if maxYears == 0 {
		return ""
	}
	return fmt.Sprintf(", ages above %d as %03dY", maxYears, maxYears+1)
}

// pixels says what happens to pixels that may show an identity.
func pixels(d configs.Deidentification) string {
	text := "burned-in text quarantined"
	if len(d.Blank) > 0 {
		text += " where no rule blanks it"
	}
	heads, overlays := "quarantined", "quarantined"
	if d.Faces == "allow" {
		heads = "allowed"
	}
	if d.OverlaysInPixels == "clear" {
		overlays = "cleared"
	}
	return text + ", heads " + heads + ", overlays in unused bits " + overlays
}

// sizes says how many patients go to each side.
func sizes(s configs.Split) string {
	switch {
	case s.ByFraction():
		return fmt.Sprintf("%g of the patients train, %g test", s.TrainFraction, s.TestFraction)
	case s.StratifyBy == "site":
		return fmt.Sprintf("%d train, %d test, each site its share", s.Train, s.Test)
	}
	return fmt.Sprintf("%d train, %d test", s.Train, s.Test)
}

// prefilter says what is done before resampling.
func prefilter(v configs.Volume) string {
	if v.Prefilter == "none" {
		return ""
	}
	return ", axes that get coarser by more than 1.5 smoothed beforehand"
}

func note(c configs.Cohort, s configs.Split) string {
	var text string
	if c.Volumes != nil {
		text = ", volumes " + c.Volumes.Images
		if c.Volumes.Labels != "" {
			text += ", labels " + c.Volumes.Labels
		}
	}
	if c.External || slices.Contains(s.External, c.Name) {
		text += ", wholly for testing"
	}
	return text
}

// checkArchives fails when an archive holds no file, so that a wrong path is
// noticed before anything runs.
func checkArchives(ctx context.Context, j Job) error {
	for _, c := range j.Config.Cohorts {
		archive, err := store.Open(ctx, c.Archive)
		if err != nil {
			return fmt.Errorf("opening the archive of cohort %s: %w", c.Name, err)
		}
		empty := true
		for _, err := range archive.List(ctx, "") {
			if err != nil {
				return fmt.Errorf("listing the archive of cohort %s: %w", c.Name, err)
			}
			empty = false
			break
		}
		if empty {
			return fmt.Errorf("the archive of cohort %s holds no file: check the URI of its archive", c.Name)
		}
	}
	return nil
}
