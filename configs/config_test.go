package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoadReportsEveryFaultWithItsLine(t *testing.T) {
	text := `name: bad
output: out
spacing: 1
deidentification:
  profile: strict
  key: 0123456789abcdef
cohorts:
  - name: China
    archive: a
  - name: germany
split: {train: -1}
tile:
  size_voxels: [128, 128, 60]
  patches: many
inference:
  provider: gpu
  overlap: 1.5
`
	_, err := Load("bad.yaml", []byte(text))
	if err == nil {
		t.Fatal("Load of a bad configuration succeeded")
	}
	for _, want := range []string{
		`bad.yaml:3: unknown key "spacing"`,
		`bad.yaml:5: deidentification.profile is "strict"; it must be one of research, basic`,
		`bad.yaml:6: deidentification.key must be a reference`,
		`bad.yaml:8: cohort name "China"`,
		`bad.yaml:10: cohort "germany" has no archive`,
		`bad.yaml:11: split.train is -1 patients`,
		`bad.yaml:13: tile.size_voxels along z is 60`,
		`bad.yaml:14: "many" is not a whole number`,
		`bad.yaml:16: inference.provider is "gpu"`,
		`bad.yaml:17: inference.overlap is 1.5`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Load(bad.yaml) lacks %q in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "0123456789abcdef") {
		t.Error("Load(bad.yaml) repeats what may be a key")
	}
}

func TestLoadKeepsDefaults(t *testing.T) {
	cfg, err := Load("small.yaml", []byte("output: out\nsplit: {train: 5}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Split.Train != 5 || cfg.Split.Test != 130 || cfg.Tile.SizeVoxels != [3]int{128, 128, 64} {
		t.Errorf("Load(small.yaml) = %+v; want train 5 and the paper's other settings", cfg)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty file", "", "output is missing"},
		{"broken YAML", "name: [a\n", "did not find expected"},
		{"two documents", "output: a\n---\noutput: b\n", "more than one YAML document"},
		{"a key twice", "output: a\noutput: b\n", "already defined"},
		{"a cohort twice", "output: o\ncohorts: [{name: a, archive: x}, {name: a, archive: y}]", `"a" stands twice`},
		{"an option that is none", "output: o\ndeidentification: {options: [retain_names]}", `deidentification.options.0 is "retain_names"; it must be one of retain_full_dates, `},
		{"an option twice", "output: o\ndeidentification: {options: [retain_uids, retain_uids]}", "has retain_uids twice"},
		{"both dates", "output: o\ndeidentification: {options: [retain_full_dates, retain_modified_dates]}", "which exclude each other (PS3.15 E.3.6); leave one out"},
		{"a patient by a name", "output: o\nreport: {patients: [0123456789abcdef, Doe]}", "report.patients.1 is no pseudonym: it has 16 digits of 0 to 9 and a to f"},
		{"a viewer too large", "output: o\nreport: {viewer: 51}", "report.viewer is 51; it must lie in 0 to 50"},
		{"previews that no one mails", "output: o\nreport: {preview_mib: 501}", "report.preview_mib is 501; it must lie in 0 to 500"},
		{"an age of no one", "output: o\ndeidentification: {max_age_years: 200}", "deidentification.max_age_years is 200; it must lie in 1 to 120"},
		{"a choice for faces that is none", "output: o\ndeidentification: {faces: blur}", `deidentification.faces is "blur"; it must be one of quarantine, allow`},
		{"a crosswalk for nobody", "output: o\ndeidentification: {crosswalk: {output: c}}", "deidentification.crosswalk.recipients is missing"},
		{"a crosswalk without a place", "output: o\ndeidentification: {crosswalk: {recipients: [" + recipient + "]}}", "deidentification.crosswalk.output is missing"},
		{"a link table that is handed on", "output: o\ndeidentification: {links: ./o/../o/links.csv}", "deidentification.links lies within the output"},
		{"a secret key for a recipient", "output: o\ndeidentification: {crosswalk: {output: c, recipients: [" + secretKey + "]}}", "recipients.0 is a secret key"},
		{"a recipient misspelt", "output: o\ndeidentification: {crosswalk: {output: c, recipients: [" + recipient + ", " + recipient[:61] + "q]}}", "recipients.1 is no age recipient"},
		{"the newest version of a secret", "output: o\ndeidentification: {key: 'gcp-secret:projects/p/secrets/s/versions/latest'}", "versions/N (a number)"},
		{"a choice for overlays that is none", "output: o\ndeidentification: {overlays_in_pixels: allow}", `deidentification.overlays_in_pixels is "allow"; it must be one of quarantine, clear`},
		{"a blanking rule for every file", "output: o\ndeidentification:\n  blank:\n    - regions: [[0, 0, 1, 1]]\n", "x.yaml:4: deidentification.blank.0 has an empty when"},
		{"a blanking rule for nothing", "output: o\ndeidentification:\n  blank:\n    - when: {modality: US}\n", "x.yaml:4: deidentification.blank.0 has neither regions nor keep"},
		{"a negative width", "output: o\ndeidentification:\n  blank:\n    - when: {modality: US}\n      regions:\n        - [0, 0, 5, 5]\n        - [0, 0, -5, 5]\n", "x.yaml:7: deidentification.blank.0.regions.1 is [0 0 -5 5]; width and height must not be negative"},
		{"a region of three numbers", "output: o\ndeidentification:\n  blank:\n    - when: {modality: US}\n      keep: [[1, 2, 3]]\n", "x.yaml:5: deidentification.blank.0.keep.0 is [1 2 3]; it must be four numbers"},
		{"a region that is no list", "output: o\ndeidentification:\n  blank:\n    - when: {modality: US}\n      keep: [1, 2, 3, 4]\n", `x.yaml:5: "1" is not x, y, width, height in brackets`},
		{"too many rows", "output: o\ndeidentification:\n  blank:\n    - when: {rows: 70000}\n      keep: [[1, 2, 3, 4]]\n", "x.yaml:4: deidentification.blank.0.when.rows is 70000; it must lie in 1 to 65535"},
		{"an unknown condition", "output: o\ndeidentification:\n  blank:\n    - when: {vendor: GE}\n      keep: [[1, 2, 3, 4]]\n", `x.yaml:4: unknown key "vendor"`},
		{"a threshold of nothing", "output: o\nlabels: {fractional_threshold: 0}", "labels.fractional_threshold is 0; it must lie above 0"},
		{"a choice among labels that is none", "output: o\nlabels: {several: oldest}", `labels.several is "oldest"; it must be one of reject, union, newest`},
		{"labels by splines", "output: o\nvolume: {label_interpolation: bspline}", `volume.label_interpolation is "bspline"; it must be one of nearest, linear`},
		{"a choice of series that is none", "output: o\nseries: {use: first}", `series.use is "first"; it must be one of all, best`},
		{"what becomes of oblique series, misspelt", "output: o\nseries: {oblique: drop}", `series.oblique is "drop"; it must be one of resample, keep, reject`},
		{"an interpolation that is none", "output: o\nvolume: {interpolation: cubic}", `volume.interpolation is "cubic"; it must be one of linear, nearest, bspline`},
		{"a prefilter that is none", "output: o\nvolume: {prefilter: box}", `volume.prefilter is "box"; it must be one of none, gaussian`},
		{"a name without letters", "output: o\nlabels:\n  names:\n    lung: [a]\n    infection:\n      - b\n      - ''", "x.yaml:7: labels.names.infection.1 is empty"},
		{"a name of two classes", "output: o\nlabels: {names: {lung: [lung], neither: [Lung]}}", `labels.names.neither.0 is "Lung", which stands in labels.names.lung too`},
		{"only names, but none", "output: o\ncohorts: [{name: a, archive: x, label_names: {only: true}}]", "cohorts.0.label_names.only is true, but no name"},
		{"a class that is none", "output: o\ncohorts:\n  - name: a\n    archive: x\n    label_values:\n      1: lung\n      2: liver", `x.yaml:7: cohorts.0.label_values.2 is "liver"; it must be one of background, lung, infection`},
		{"a value beyond a byte", "output: o\nlabels: {values: {256: lung}}", "labels.values.256 is no value of a label"},
		{"a value that is no number", "output: o\nlabels: {values: {one: lung}}", `"one" is not a whole number`},
		{"a value of two classes", "output: o\nlabels:\n  values:\n    1: lung\n    1: infection\n", `x.yaml:5: mapping key "1" already defined at line 4`},
		{"a word for what is missing", "output: o\nlabels: {missing_infection: empty}", `labels.missing_infection is "empty"; it must be one of unknown, none`},
		{"a precision that is none", "output: o\ninference: {precision: half}", `inference.precision is "half"; it must be one of auto, fp32, fp16`},
		{"a device below 0", "output: o\ninference:\n  devices:\n    - 0\n    - -1\n", "x.yaml:5: inference.devices.1 is -1; it must lie in 0 to 63"},
		{"a device twice", "output: o\ninference: {devices: [1, 1]}", "inference.devices has 1 twice"},
		{"a batch below 0", "output: o\ninference: {batch: -1}", "inference.batch is -1; it must lie in 0 to 256"},
		{"an axis that is none", "output: o\ninference: {flips: [x, w]}", `inference.flips.1 is "w"; it must be one of x, y, z`},
		{"an axis twice", "output: o\ninference: {flips: [x, x]}", "inference.flips has x twice"},
		{"a lung box of words", "output: o\ninference: {lung_box: lungs}", `"lungs" is `},
		{"a format of volumes that is none", "output: o\nvolume: {format: mha}", `volume.format is "mha"; it must be one of nii.gz, nii`},
		{"volumes without a form of names", "output: o\ncohorts:\n  - name: a\n    archive: x\n    volumes: {labels: '{patient}.nii'}", `x.yaml:5: cohorts.0.volumes.images is "": it must end in one of .nii.gz`},
		{"names that say no patient", "output: o\ncohorts:\n  - name: a\n    archive: x\n    volumes:\n      images: ct_*.nii.gz\n", `x.yaml:6: cohorts.0.volumes.images is "ct_*.nii.gz": it lacks {patient}`},
		{"labels of names that are unknown", "output: o\ncohorts: [{name: a, archive: x, volumes: {images: '{patient}.nii', labels: '{who}.nii'}}]", "cohorts.0.volumes.labels is \"{who}.nii\": {who} is unknown"},
		{"labels that say no series", "output: o\ncohorts: [{name: a, archive: x, volumes: {images: '{patient}_{series}.nii', labels: '{patient}.nrrd'}}]", "cohorts.0.volumes.labels and volumes.images must both hold {series}, or neither"},
		{"labels named as images", "output: o\ncohorts: [{name: a, archive: x, volumes: {images: '{patient}.nii', labels: '{patient}.nii'}}]", "cohorts.0.volumes.labels is the pattern of the images too"},
		{"labels elsewhere without a form of names", "output: o\ncohorts: [{name: a, archive: x, labels: y, volumes: {images: '{patient}.nii'}}]", "cohorts.0.labels is set, but not volumes.labels"},
		{"a format of shards that is none", "output: o\ntile: {format: zarr}", `tile.format is "zarr"; it must be one of parquet, arrow, tensor`},
		{"shards of nothing", "output: o\ntile: {shard_mib: 0}", "tile.shard_mib is 0; it must lie in 1 to 65536"},
		{"a list in place of a map", "output: o\nsplit: [1, 2]\n", "is not the keys of Split"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load("x.yaml", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load(%q) = %v; want an error with %q", tt.text, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), secretKey) {
				t.Error("the error repeats a secret key")
			}
		})
	}
}

func TestShippedConfigurationsLoad(t *testing.T) {
	for _, name := range []string{"china.yaml", "germany.yaml", "demo.yaml"} {
		data, err := os.ReadFile(filepath.Join(".", name))
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(name, data)
		if err != nil {
			t.Errorf("Load(%s): %v", name, err)
		} else if err := cfg.Runnable(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLabelsOfACohort(t *testing.T) {
	cfg, err := Load("x.yaml", []byte(`
output: o
labels: {names: {lung: [all]}, values: {1: infection}}
cohorts:
  - {name: a, archive: x}
  - {name: b, archive: y, label_names: {lung: [own], only: true}, label_values: {7: lung}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if a := cfg.LabelsOf("a"); a.Names.Lung[0] != "all" || a.Values[1] != "infection" || a.Several != "reject" || a.FractionalThreshold != 0.5 {
		t.Errorf("LabelsOf(a) = %+v; want what stands for all cohorts", a)
	}
	if b := cfg.LabelsOf("b"); b.Names.Lung[0] != "own" || !b.Names.Only || b.Values[7] != "lung" || len(b.Values) != 1 {
		t.Errorf("LabelsOf(b) = %+v; want its own names and values", b)
	}
}

func TestPeople(t *testing.T) {
	for _, c := range []struct {
		cohort Cohort
		want   string
	}{
		{Cohort{Name: "a"}, ""}, {Cohort{Name: "a", Site: "s"}, "s"},
		{Cohort{Name: "a", Volumes: &Volumes{}}, "a"}, {Cohort{Name: "a", Site: "s", Volumes: &Volumes{}}, "s"},
	} {
		if got := c.cohort.People(); got != c.want {
			t.Errorf("People of %+v = %q, want %q", c.cohort, got, c.want)
		}
	}
}

func TestSHA256FollowsTheSettings(t *testing.T) {
	a, b := Default(), Default()
	b.Split.Seed++
	hashA, errA := a.SHA256()
	hashB, errB := b.SHA256()
	if errA != nil || errB != nil || hashA == hashB || len(hashA) != 64 {
		t.Errorf("SHA256 = %q, %q, %v, %v; want two different digests", hashA, hashB, errA, errB)
	}
}

func TestBlankString(t *testing.T) {
	rule := Blank{When: BlankWhen{Modality: "US", Manufacturer: "GE*", Rows: 768}, Regions: [][]int{{0, 0, 0, 60}}, Keep: [][]int{{1, 2, 3, 4}, {5, 6, 7, 8}}}
	const want = "modality US, manufacturer GE*, rows 768: regions [[0 0 0 60]] and all but [[1 2 3 4] [5 6 7 8]]"
	if got := rule.String(); got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}
