package test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ctcohort/configs"
	"ctcohort/pipelines"
	"ctcohort/test/phantom"
)

// recoverable is a run that is quick: a small phantom, and a network of one layer.
func recoverable(t *testing.T, patients int) configs.Config {
	t.Helper()
	cfg := settings(t)
	cfg.Inference.Models = []string{"../model/onnx/testdata/tiny.onnx"}
	cfg.Inference.Overlap = 0
	cfg.Tile.SizeVoxels, cfg.Tile.Patches = [3]int{16, 16, 16}, 2
	cfg.Split.Train, cfg.Split.Test, cfg.Split.TrainFraction, cfg.Split.TestFraction = 0, 0, 0.5, 0.5
	archive := filepath.Join(t.TempDir(), "archive")
	generate(t, phantom.Options{Out: archive, Patients: patients, Seed: 21, Size: 24, MaxSlices: 16, Cohort: phantom.China})
	cfg.Cohorts = []configs.Cohort{{Name: phantom.China, Archive: archive}}
	return cfg
}

// done is what a run of all stages did and said.
type done struct {
	summaries map[string]pipelines.Summary
	said      []string
}

func (d done) unchanged() (names []string) {
	for _, st := range pipelines.Stages {
		if d.summaries[st.Name].Unchanged {
			names = append(names, st.Name)
		}
	}
	return names
}

func runStages(t *testing.T, cfg configs.Config, force bool) done {
	t.Helper()
	startBeam()
	d := done{summaries: map[string]pipelines.Summary{}}
	job := pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output, Force: force, Say: func(line string) { d.said = append(d.said, line) }}
	for _, st := range pipelines.Stages {
		summary, err := st.Run(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		d.summaries[st.Name] = summary
	}
	return d
}

// clockless is what tree returned without what tells of clocks: table runs, and
// what the report takes from it.
func clockless(all map[string][]byte) map[string][]byte {
	rest := map[string][]byte{}
	for name, data := range all {
		switch {
		case strings.HasPrefix(name, "tables/runs/"), name == "state/report/_MANIFEST.json", name == "report/_SUCCESS":
		case name == "report/index.html":
			rest[name] = ofRuns.ReplaceAll(data, nil)
		default:
			rest[name] = data
		}
	}
	return rest
}

func lasting(t *testing.T, root string) map[string][]byte { return clockless(tree(t, root)) }

var ofRuns = regexp.MustCompile(`(?s)<section[^>]*id="provenance".*?</section>`)

// elsewhere is the same run into a new folder.
func elsewhere(t *testing.T, cfg configs.Config) configs.Config {
	cfg.Output = filepath.Join(t.TempDir(), "out")
	return cfg
}

func TestRunAgain(t *testing.T) {
	slow(t)
	cfg := recoverable(t, 4)
	archive := cfg.Cohorts[0].Archive
	first := runStages(t, cfg, false)
	if len(first.unchanged())+len(first.said) > 0 {
		t.Fatalf("the first run left out %v and said %q", first.unchanged(), first.said)
	}
	all := tree(t, cfg.Output)
	again := func(t *testing.T, cfg configs.Config, standing string, said ...string) done {
		t.Helper()
		d := runStages(t, cfg, false)
		if got := strings.Join(d.unchanged(), " "); got != standing {
			t.Errorf("these stages did nothing: %q; want %q", got, standing)
		}
		if len(d.said) < len(said) {
			t.Fatalf("it said %q; want %q", d.said, said)
		}
		for i, want := range said {
			if d.said[i] != want+"; what depends on it is done again" {
				t.Errorf("it said %q; want %q", d.said[i], want)
			}
		}
		return d
	}
	notes := func(d done, stage string) string { return strings.Join(d.summaries[stage].Notes, ", ") }

	t.Run("nothing changed", func(t *testing.T) {
		d := again(t, cfg, "anonymise resample split tile infer report")
		compare(t, "a second run", all, tree(t, cfg.Output), "")
		if d.summaries["anonymise"].Rejects == 0 || d.summaries["anonymise"].Rejects != first.summaries["anonymise"].Rejects {
			t.Errorf("%d rejects of the first run are %d", first.summaries["anonymise"].Rejects, d.summaries["anonymise"].Rejects)
		}
	})
	t.Run("a file is gone", func(t *testing.T) {
		var name string
		for n := range all {
			if strings.HasSuffix(n, "/image.nii.gz") {
				name = n
			}
		}
		if err := os.Remove(filepath.Join(cfg.Output, name)); err != nil {
			t.Fatal(err)
		}
		d := again(t, cfg, "anonymise split tile infer", "resample: 1 of the files that it made are gone")
		if want := "3 of 4 done before"; !strings.Contains(notes(d, "resample"), want) {
			t.Errorf("resample noted %q; want %q", notes(d, "resample"), want)
		}
		compare(t, "after a file was gone", clockless(all), lasting(t, cfg.Output), "")
	})
	t.Run("a file is spoilt and a table gone", func(t *testing.T) {
		var name string
		for n := range all {
			if strings.HasSuffix(n, "/mask.nii.gz") {
				name = n
			}
		}
		if err := os.WriteFile(filepath.Join(cfg.Output, name), []byte("spoilt"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(cfg.Output, "tables/metrics/_SUCCESS")); err != nil {
			t.Fatal(err)
		}
		d := runStages(t, cfg, false)
		if want := "3 of 4 done before"; !strings.Contains(notes(d, "infer"), want) {
			t.Errorf("infer noted %q; want %q", notes(d, "infer"), want)
		}
		compare(t, "after a mask was spoilt", clockless(all), lasting(t, cfg.Output), "")
	})
	t.Run("a setting of one stage changed", func(t *testing.T) {
		other := cfg
		other.Tile.Patches = 3
		again(t, other, "anonymise resample split infer", "tile: changed: tile.patches (was 2, is 3)")
		again(t, cfg, "anonymise resample split infer", "tile: changed: tile.patches (was 3, is 2)")
		compare(t, "there and back", clockless(all), lasting(t, cfg.Output), "")
	})
	t.Run("another format", func(t *testing.T) {
		other := cfg
		other.Volume.Format = "nii"
		again(t, other, "anonymise", "resample: changed: volume.format (was nii.gz, is nii)")
		for name := range tree(t, cfg.Output) {
			if strings.HasPrefix(name, "volumes/") && strings.HasSuffix(name, ".nii.gz") || strings.HasPrefix(name, "masks/") && strings.HasSuffix(name, "mask.nii.gz") {
				t.Errorf("%s of the run before is still there", name)
			}
		}
		runStages(t, cfg, false)
		compare(t, "there and back", clockless(all), lasting(t, cfg.Output), "")
	})
	t.Run("a model more", func(t *testing.T) {
		data := bytes.ReplaceAll(read(t, cfg.Inference.Models[0]), []byte("tiny"), []byte("wiry"))
		second := filepath.Join(t.TempDir(), "wiry.onnx")
		if err := os.WriteFile(second, data, 0o600); err != nil {
			t.Fatal(err)
		}
		more := cfg
		more.Inference.Models = append([]string{second}, cfg.Inference.Models...)
		before := modified(t, filepath.Join(cfg.Output, "masks/tiny"))
		again(t, more, "anonymise resample split tile", "infer: changed: model wiry")
		if after := modified(t, filepath.Join(cfg.Output, "masks/tiny")); after != before {
			t.Error("the masks of the model that was there are written anew")
		}
		again(t, cfg, "anonymise resample split tile", "infer: changed: model wiry")
		compare(t, "the model gone again", clockless(all), lasting(t, cfg.Output), "")
	})
	t.Run("all anew", func(t *testing.T) {
		if d := runStages(t, cfg, true); len(d.unchanged()) > 0 || notes(d, "resample") != "" {
			t.Errorf("by force %v did nothing, and resample noted %q", d.unchanged(), notes(d, "resample"))
		}
		compare(t, "by force", clockless(all), lasting(t, cfg.Output), "")
	})
	t.Run("a patient more, and gone again", func(t *testing.T) {
		extra := filepath.Join(archive, "zz")
		generate(t, phantom.Options{Out: extra, Patients: 1, Seed: 22, Size: 24, MaxSlices: 16, Cohort: phantom.China, NoBad: true})
		d := again(t, cfg, "", "anonymise: changed: the archive of china")
		if want := "4 of 5 done before"; !strings.Contains(notes(d, "resample"), want) {
			t.Errorf("resample noted %q; want %q", notes(d, "resample"), want)
		}
		clean := elsewhere(t, cfg)
		runStages(t, clean, false)
		compare(t, "a patient more", lasting(t, clean.Output), lasting(t, cfg.Output), "")
		if err := os.RemoveAll(extra); err != nil {
			t.Fatal(err)
		}
		runStages(t, cfg, false)
		compare(t, "the patient gone again", clockless(all), lasting(t, cfg.Output), "")
	})
}

// modified is when the files below a folder changed last.
func modified(t *testing.T, folder string) (last string) {
	t.Helper()
	for name := range tree(t, folder) {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, info.ModTime().String())
	}
	return last
}
