package pipelines

import (
	"context"
	"fmt"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/model"
	"ctcohort/model/onnx"
	"ctcohort/schemas"
	"ctcohort/transforms"
)

// Infer segments the volumes and measures the masks:
//
//	tables/series, tables/patients → Volumes → Infer → masks/, tables/predictions, tables/metrics, tables/histograms
func Infer(ctx context.Context, j Job) (Summary, error) {
	volumes := sync.OnceValues(func() ([]schemas.Series, error) { return usedSeries(ctx, j) }) // a missing library is told before a missing table
	models, err := chosenModels(ctx, j, func(spec model.Spec) error {
		made, err := volumes()
		if err != nil {
			return err
		}
		return fitsVolumes(spec, made)
	})
	if err != nil {
		return Summary{}, err
	}
	inputs, err := inputsOf(ctx, j, "series", "patients")
	if err != nil {
		return Summary{}, err
	}
	depends := map[string]any{"inference": settingsOf(j.Config.Inference), "volume.format": j.Config.Volume.Format, "onnxruntime": onnx.Version()}
	var digests, notes []string
	for _, m := range models {
		digests = append(digests, m.sha256)
		inputs["model "+m.spec.Name] = m.sha256 + " on " + m.provider
		notes = append(notes, fmt.Sprintf("%s on %s (%s)", m.spec.Name, m.provider, m.reason))
	}
	series, err := parts[schemas.Series](ctx, j)
	if err != nil {
		return Summary{}, err
	}
	patients, err := parts[schemas.Patient](ctx, j)
	if err != nil {
		return Summary{}, err
	}
	st := stage{
		name:     "infer",
		tables:   []output{outputOf[schemas.Prediction]("part"), outputOf[schemas.Metric]("part"), outputOf[schemas.Histogram]("part"), rejectsOf("infer")},
		cohorts:  cohorts(series),
		models:   digests,
		runtime:  onnx.Version(),
		notes:    notes,
		settings: depends, inputs: inputs, choosing: []string{"inference.splits"},
		data: ownFiles(2, "masks"), files: filesOf[schemas.Prediction],
		build: func(s beam.Scope, journal transforms.Journal) {
			selected := transforms.Volumes(s, j.Config.Inference.Splits, transforms.ReadSeries(s, j.In, series), transforms.ReadTable[schemas.Patient](s, j.In, patients))
			how := j.inference()
			how.Journal = journal
			predictions, metrics, histograms, rejects := transforms.Infer(s, how, selected)
			transforms.WriteTable[schemas.Prediction](s, j.out(), "part", 1, predictions)
			transforms.WriteTable[schemas.Metric](s, j.out(), "part", 1, metrics)
			transforms.WriteTable[schemas.Histogram](s, j.out(), "part", 1, histograms)
			transforms.WriteTable[schemas.Reject](s, j.out(), "part-infer", 1, rejects)
		},
	}
	return st.run(ctx, j)
}

// settingsOf are what masks depend on beside the models and where they run, each
// of which is an input by its digest.
func settingsOf(inf configs.Inference) configs.Inference {
	inf.Models, inf.Provider, inf.Devices = nil, "", nil
	return inf
}

// inference is what the stage's workers are told.
func (j Job) inference() transforms.Inference {
	inf := j.Config.Inference
	return transforms.Inference{
		In: j.In, Out: j.out(), Models: inf.Models, Library: j.Library,
		Provider: inf.Provider, Precision: inf.Precision, Devices: inf.Devices, Batch: inf.Batch,
		Overlap: inf.Overlap, SkipAir: inf.SkipAir, LungBox: inf.LungBox, Flips: inf.Flips, KeepBody: inf.KeepBody,
		Format: j.Config.Volume.Format, SourceMasks: inf.SourceMasks, DICOMSeg: inf.DICOMSeg,
		Version: release, Workers: j.Config.Workers,
	}
}

// fitsVolumes says whether a model takes the volumes that were made.
func fitsVolumes(spec model.Spec, volumes []schemas.Series) error {
	for _, v := range volumes {
		mm := [3]float64{v.VolumeSpacingX, v.VolumeSpacingY, v.VolumeSpacingZ}
		if mm != spec.SpacingMM {
			return fmt.Errorf("model %s was trained at %v mm and the volumes are at %v mm: run `ctcohort resample` with the model's spacing, or take another model", spec.Name, spec.SpacingMM, mm)
		}
	}
	return nil
}

// fitsConfig says whether a model takes the volumes that the configuration would make.
func fitsConfig(spec model.Spec, v configs.Volume) error {
	if spec.SpacingMM != v.SpacingMM {
		return fmt.Errorf("model %s was trained at %v mm and volume.spacing_mm is %v: set it to the model's, or take another model", spec.Name, spec.SpacingMM, v.SpacingMM)
	}
	if spec.WindowHU != v.WindowHU {
		return fmt.Errorf("model %s was trained with the window %v HU and volume.window_hu is %v: set it to the model's", spec.Name, spec.WindowHU, v.WindowHU)
	}
	return nil
}
