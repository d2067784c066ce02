package configs

import "strings"

// Config is one run over one or more cohorts. Relative paths are relative to
// the working directory.
type Config struct {
	Name             string           `yaml:"name"`   // of the run; jobs on a runner are named after it
	Output           string           `yaml:"output"` // URI of the folder that everything is written to
	Deidentification Deidentification `yaml:"deidentification"`
	Cohorts          []Cohort         `yaml:"cohorts"`
	Labels           Labels           `yaml:"labels"`
	Series           Series           `yaml:"series"`
	Volume           Volume           `yaml:"volume"`
	Split            Split            `yaml:"split"`
	Tile             Tile             `yaml:"tile"`
	Inference        Inference        `yaml:"inference"`
	Report           Report           `yaml:"report"`
	Runner           Runner           `yaml:"runner"`
	Workers          int              `yaml:"workers"` // heavy elements at a time in a process; 0 is one a core
	Status           string           `yaml:"status"`  // URI of a file that tells a monitor the state of the run; none by default: docs/monitoring.md
}

// Cohort is one archive of patients.
type Cohort struct {
	Name     string `yaml:"name"`     // in lower case: it becomes part of paths
	Archive  string `yaml:"archive"`  // URI of the DICOM files, any layout
	Labels   string `yaml:"labels"`   // URI of <SeriesInstanceUID>.nii.gz reference labels, if they lie outside the archive
	Site     string `yaml:"site"`     // hospital or network: patients with one ID at two sites are two patients
	External bool   `yaml:"external"` // wholly for testing, never in the split

	Volumes *Volumes `yaml:"volumes"` // the archive holds volumes in place of DICOM files

	LabelNames  *LabelNames    `yaml:"label_names"`  // in place of labels.names
	LabelValues map[int]string `yaml:"label_values"` // in place of labels.values
}

// Deidentification says by what rules and with what key.
type Deidentification struct {
	Profile     string   `yaml:"profile"`       // research or basic
	Options     []string `yaml:"options"`       // of PS3.15 Annex E.3, added to the profile: docs/deidentification.md
	MaxAgeYears int      `yaml:"max_age_years"` // ages above are written as one year more (89: 090Y stands for 90 and above); 0 leaves them
	Faces       string   `yaml:"faces"`         // heads in CT, MR and PET: quarantine or allow
	Key         string   `yaml:"key"`           // file:PATH, also in a bucket, env:NAME or gcp-secret:projects/P/secrets/S/versions/N; never the key itself

	OverlaysInPixels string  `yaml:"overlays_in_pixels"` // what lies in bits of pixel data that no pixel uses: quarantine or clear
	Blank            []Blank `yaml:"blank"`              // the first rule that matches a file says what is blanked: docs/pixels.md

	Links     string    `yaml:"links"`     // URI of a table of IDs that are one person's: docs/crosswalk.md
	Crosswalk Crosswalk `yaml:"crosswalk"` // none by default
}

// Crosswalk is where the owner of the data finds, encrypted, which original
// became which. The place must be apart from the archives and the output.
type Crosswalk struct {
	Output     string   `yaml:"output"`     // URI of a folder
	Recipients []string `yaml:"recipients"` // age recipients, age1…, each of whom can read it
}

// ProfileName names the profile with its options: research, basic+retain_uids.
func (d Deidentification) ProfileName() string {
	return strings.Join(append([]string{d.Profile}, d.Options...), "+")
}

// Series says which of a patient's series become volumes: docs/series.md.
type Series struct {
	Use     string `yaml:"use"`     // all, or best: one a patient, by reference, coverage, thickness and kernel
	Oblique string `yaml:"oblique"` // resample: oblique slices are brought to axial; keep: their volume keeps its direction; reject: all that are not axial
}

// Volume is the fixed grid that every series is resampled to.
type Volume struct {
	SpacingMM     [3]float64 `yaml:"spacing_mm"`    // x, y, z
	Interpolation string     `yaml:"interpolation"` // linear, nearest or bspline

	LabelInterpolation string `yaml:"label_interpolation"` // nearest, or linear: the label that weighs most

	Prefilter string `yaml:"prefilter"` // of axes that get coarser by more than 1.5: none or gaussian

	WindowHU [2]float64 `yaml:"window_hu"` // the network's window: low, high
	Format   string     `yaml:"format"`    // of volumes, labels and masks: nii.gz or nii
}

// Split is how many patients go to each side: by numbers, which are met exactly,
// or by fractions, which leave every patient where it is when others join.
type Split struct {
	Train         int      `yaml:"train"`
	Test          int      `yaml:"test"`
	TrainFraction float64  `yaml:"train_fraction"` // of all patients, to within chance; in place of train and test
	TestFraction  float64  `yaml:"test_fraction"`
	StratifyBy    string   `yaml:"stratify_by"` // none, or site: each site's share of both numbers, by largest remainders
	External      []string `yaml:"external"`    // cohorts that are wholly for testing, beside those that say so themselves
	Seed          int64    `yaml:"seed"`
}

// ByFraction tells whether fractions are asked for, not numbers.
func (s Split) ByFraction() bool { return s.TrainFraction != 0 || s.TestFraction != 0 }

// withoutDefaults takes the default numbers away where fractions are given.
func (s Split) withoutDefaults(given func(key string) bool) Split {
	if s.ByFraction() && !given("train") {
		s.Train = 0
	}
	if s.ByFraction() && !given("test") {
		s.Test = 0
	}
	return s
}

// Tile is how training patches are cut.
type Tile struct {
	SizeVoxels [3]int  `yaml:"size_voxels"` // x, y, z
	Patches    int     `yaml:"patches"`     // a volume, in mode random
	Foreground float64 `yaml:"foreground"`  // share of random patches centred on foreground
	Mode       string  `yaml:"mode"`        // random or grid
	Seed       int64   `yaml:"seed"`
	Format     string  `yaml:"format"`    // of the shards: parquet, arrow (for mapping into memory) or tensor (for other loaders)
	ShardMiB   int     `yaml:"shard_mib"` // about the size of the largest shard
}

// Inference is what runs over the volumes.
type Inference struct {
	Models      []string `yaml:"models"`       // URIs of ONNX files with ctcohort's metadata
	Provider    string   `yaml:"provider"`     // auto, cpu, cuda, tensorrt or openvino
	Precision   string   `yaml:"precision"`    // auto: NAME_fp16.onnx beside NAME.onnx on a GPU, if it is there; fp32: the file named; fp16: NAME_fp16.onnx
	Devices     []int    `yaml:"devices"`      // GPUs among the visible ones, volumes taking turns; empty is all
	Batch       int      `yaml:"batch"`        // windows in a call; 0 is as many as fit a GPU, and 1 on a CPU
	Overlap     float64  `yaml:"overlap"`      // share by which neighbouring windows overlap
	SkipAir     bool     `yaml:"skip_air"`     // leave out windows that hold air only
	LungBox     bool     `yaml:"lung_box"`     // leave out windows that are not near a lung
	Flips       []string `yaml:"flips"`        // axes x, y, z along which mirror images are averaged, in all combinations: 2 to 8 times the work
	KeepBody    bool     `yaml:"keep_body"`    // drop what is labelled outside the body, and specks
	SourceMasks bool     `yaml:"source_masks"` // write each mask on the grid of its source too
	DICOMSeg    bool     `yaml:"dicom_seg"`    // and as DICOM SEG on the images of its series
	Splits      []string `yaml:"splits"`       // which patients: train, test, unused; empty is all
}

// Report is what the report shows.
type Report struct {
	Figures    int      `yaml:"figures"`     // volumes with figures, the worst first
	Patients   []string `yaml:"patients"`    // pseudonyms of patients that are shown before these
	Viewer     int      `yaml:"viewer"`      // the first of them that the page's viewer has
	PreviewMiB int      `yaml:"preview_mib"` // what figures and viewer may add to the page
}

// PreviewBytes returns what figures and viewer may add to the page.
func (r Report) PreviewBytes() int { return r.PreviewMiB << 20 }

// Default returns the settings of the paper; name, output, key, cohorts and
// models have no default.
func Default() Config {
	return Config{
		Deidentification: Deidentification{Profile: "research", Faces: "quarantine", OverlaysInPixels: "quarantine"},
		Labels:           Labels{FractionalThreshold: 0.5, Several: "reject", MissingInfection: "unknown"},
		Series:           Series{Use: "all", Oblique: "resample"},
		Volume:           Volume{SpacingMM: [3]float64{1, 1, 1}, Interpolation: "linear", LabelInterpolation: "nearest", Prefilter: "none", WindowHU: [2]float64{-1250, 250}, Format: "nii.gz"},
		Split:            Split{Train: 731, Test: 130, StratifyBy: "none", Seed: 1},
		Tile:             Tile{SizeVoxels: [3]int{128, 128, 64}, Patches: 16, Foreground: 1.0 / 3, Mode: "random", Seed: 1, Format: "parquet", ShardMiB: 256},
		Inference:        Inference{Provider: "auto", Precision: "auto", Overlap: 0.25, SkipAir: true, KeepBody: true, SourceMasks: true, DICOMSeg: true},
		Report:           Report{Figures: 8, Viewer: 6, PreviewMiB: 15},
	}
}
