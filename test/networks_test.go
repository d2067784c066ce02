package test

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/fsouza/fake-gcs-server/fakestorage"

	"ctcohort/configs"
	"ctcohort/model/onnx"
	"ctcohort/pipelines"
	"ctcohort/schemas"
	"ctcohort/test/phantom"
)

// networks are those of the paper's tables I and II, two of them for one task alone.
var networks = []string{
	"covid_segnet", "fcn", "unet", "vnet", "unetpp",
	"unet4", "unet4_cab", "unet4_ceb:lung", "unet4_psb:infection", "unet4_fv", "unet4_aspp", "unet4_resaspp", "unet4_paspp",
}

// Each network is trained for one step on patches of a phantom, half of them from
// a folder and half from a bucket, and exported by Python; ONNX Runtime then computes in Go what PyTorch computed, and all
// together segment the phantom's test patient.
func TestNetworks(t *testing.T) {
	slow(t)
	exe := pythonExe(t)
	cfg := settings(t)
	archive := filepath.Join(t.TempDir(), "archive")
	if _, err := phantom.Generate(t.Context(), phantom.Options{Out: archive, Patients: 2, Seed: 5, Size: 48, MaxSlices: 48, Cohort: phantom.China, NoBad: true}); err != nil {
		t.Fatal(err)
	}
	cfg.Cohorts = []configs.Cohort{{Name: phantom.China, Archive: archive}}
	cfg.Volume.SpacingMM = [3]float64{6, 6, 6}
	cfg.Split.Train, cfg.Split.Test = 1, 1
	cfg.Tile.SizeVoxels, cfg.Tile.Patches = [3]int{32, 32, 32}, 4
	job := pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output}
	stages(t, job, "anonymise", "resample", "split", "tile")

	out := t.TempDir()
	half := len(networks) / 2
	var running sync.WaitGroup
	for root, some := range map[string][]string{cfg.Output: networks[:half], bucket(t, cfg.Output, "patches"): networks[half:]} {
		running.Go(func() {
			if said, err := exec.Command(exe, append([]string{"networks.py", root, out}, some...)...).CombinedOutput(); err != nil {
				t.Errorf("training on %s and exporting %v: %v\n%s", root, some, err, said)
			}
		})
	}
	running.Wait()
	if t.Failed() {
		return
	}
	cfg.Inference.Models = nil
	for _, network := range networks {
		name, _, _ := strings.Cut(network, ":")
		file := filepath.Join(out, name)
		cfg.Inference.Models = append(cfg.Inference.Models, file+".onnx")
		t.Run(name, func(t *testing.T) { parity(t, file) })
	}
	job.Config = cfg
	stages(t, job, "infer")
	segmented(t, cfg.Output)
}

// bucket serves a folder of an output root from an emulator of Cloud Storage and
// returns the root's URI for pyarrow.
func bucket(t *testing.T, root, folder string) string {
	t.Helper()
	var objects []fakestorage.Object
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name := "cohorts" + filepath.ToSlash(strings.TrimPrefix(path, root))
		objects = append(objects, fakestorage.Object{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: "bucket", Name: name}, Content: data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1", InitialObjects: objects})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return "gs://anonymous@bucket/cohorts?scheme=http&endpoint_override=" + strings.TrimPrefix(server.URL(), "http://")
}

// parity wants |Δp| ≤ 1e-4 in every voxel and 99.99 % of the labels equal.
func parity(t *testing.T, file string) {
	data, err := os.ReadFile(file + ".onnx")
	if err != nil {
		t.Fatal(err)
	}
	session, err := onnx.Open(data, onnx.Options{Provider: onnx.CPU})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	for n, size := range [][3]int{{32, 32, 32}, {32, 48, 16}} {
		hu, want := floats(t, fmt.Sprintf("%s.hu.%d", file, n)), floats(t, fmt.Sprintf("%s.probabilities.%d", file, n))
		got, err := session.Run(hu, 1, size)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) || len(want) != len(hu)*len(session.Spec().Classes) {
			t.Fatalf("%d probabilities of %d voxels, PyTorch has %d", len(got), len(hu), len(want))
		}
		largest, equal := 0.0, 0
		for i := range hu {
			mine, theirs := 0, 0
			for c := i; c < len(got); c += len(hu) {
				largest = max(largest, math.Abs(float64(got[c])-float64(want[c])))
				if got[c] > got[mine*len(hu)+i] {
					mine = c / len(hu)
				}
				if want[c] > want[theirs*len(hu)+i] {
					theirs = c / len(hu)
				}
			}
			if mine == theirs {
				equal++
			}
		}
		share := float64(equal) / float64(len(hu))
		if !(largest <= 1e-4) || share < 0.9999 {
			t.Errorf("at %v voxels max |Δp| = %.2g and %.4f %% of labels are equal; want 1e-4 and 99.99 %%", size, largest, 100*share)
		}
		t.Logf("at %v voxels max |Δp| = %.1e, %.3f %% of labels equal", size, largest, 100*share)
	}
}

func floats(t *testing.T, file string) []float32 {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values
}

// segmented wants a mask of each model for each volume, and measures of the
// labels that the model looks for.
func segmented(t *testing.T, root string) {
	volumes := len(rows[schemas.Series](t, root))
	labels := map[string]map[string]bool{}
	masks := map[string]int{}
	for _, p := range rows[schemas.Prediction](t, root) {
		masks[p.ModelName]++
	}
	for _, m := range rows[schemas.Metric](t, root) {
		if labels[m.ModelName] == nil {
			labels[m.ModelName] = map[string]bool{}
		}
		labels[m.ModelName][m.Label] = true
	}
	for _, network := range networks {
		name, task, alone := strings.Cut(network, ":")
		want := map[string]bool{"lung": true, "infection": true}
		if alone {
			want = map[string]bool{task: true}
		}
		if volumes == 0 || masks[name] != volumes || !maps.Equal(labels[name], want) {
			t.Errorf("%s: %d masks, measures of %v; want %d masks, %v", name, masks[name], labels[name], volumes, want)
		}
	}
}

// stages runs some stages of a job.
func stages(t *testing.T, job pipelines.Job, names ...string) {
	t.Helper()
	if !beam.Initialized() {
		beam.Init()
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the embedded runner's own log
	for _, st := range pipelines.Stages {
		if slices.Contains(names, st.Name) {
			if _, err := st.Run(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
	}
}
