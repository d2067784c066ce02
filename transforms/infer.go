package transforms

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/io/store"
	"ctcohort/model"
	"ctcohort/model/onnx"
	"ctcohort/schemas"
	"ctcohort/transforms/progress"
)

func init() {
	beam.RegisterDoFn(&inferFn{})
}

// Inference says with which models volumes are segmented, and how.
type Inference struct {
	In, Out               string   // roots
	Models                []string // URIs
	Library               string   // ONNX Runtime; empty is found
	Provider              string
	Overlap               float64
	SkipAir               bool
	KeepBody              bool
	Format                string // of masks: nii.gz or nii
	SourceMasks, DICOMSeg bool   // what is written beside the masks
	Version               string // of this code, for DICOM SEG
	Workers               int
}

// Infer segments each volume with each model and measures the result against
// the volume's reference: PCollection<Volume> → PCollection<schemas.Prediction>,
// PCollection<schemas.Metric>, PCollection<schemas.Histogram>, PCollection<schemas.Reject>.
func Infer(s beam.Scope, inf Inference, volumes beam.PCollection) (predictions, metrics, histograms, rejects beam.PCollection) {
	s = s.Scope("Infer")
	return beam.ParDo4(s, &inferFn{Inference: inf}, beam.Reshuffle(s, volumes))
}

type inferFn struct {
	Inference Inference

	roots  roots
	models []*onnx.Session
	pool   *pool[segmented]
}

// segmented is what a volume gave: one prediction a model, its metrics and histograms.
type segmented struct {
	prediction schemas.Prediction
	metrics    []schemas.Metric
	histograms []schemas.Histogram
}

func (f *inferFn) Setup(ctx context.Context) (err error) {
	if f.roots, err = openRoots(ctx, f.Inference.In, f.Inference.Out); err != nil {
		return err
	}
	f.models, err = sharedModels(ctx, f.Inference)
	return err
}

func (f *inferFn) StartBundle(_ func(schemas.Prediction), _ func(schemas.Metric), _ func(schemas.Histogram), _ func(schemas.Reject)) {
	f.pool = newPool[segmented]("infer", f.Inference.Workers)
}

func (f *inferFn) ProcessElement(ctx context.Context, v Volume, predict func(schemas.Prediction), measure func(schemas.Metric), count func(schemas.Histogram), reject func(schemas.Reject)) error {
	progress.Stage("infer").Found(1)
	subject := schemas.Reject{Cohort: v.Cohort, Stage: "infer", Subject: v.SeriesUID}
	return f.pool.do(ctx, subject, func() outcome[segmented] {
		return f.volume(ctx, v)
	}, keepSegmented(predict, measure, count), reject)
}

func (f *inferFn) FinishBundle(ctx context.Context, predict func(schemas.Prediction), measure func(schemas.Metric), count func(schemas.Histogram), reject func(schemas.Reject)) error {
	if err := f.pool.finish(ctx, keepSegmented(predict, measure, count), reject); err != nil {
		return fmt.Errorf("segmenting: %w", err)
	}
	return f.roots.out.Sync(ctx)
}

func keepSegmented(predict func(schemas.Prediction), measure func(schemas.Metric), count func(schemas.Histogram)) func(segmented) {
	return func(s segmented) {
		predict(s.prediction)
		for _, m := range s.metrics {
			measure(m)
		}
		for _, h := range s.histograms {
			count(h)
		}
	}
}

// volume segments one volume with every model.
func (f *inferFn) volume(ctx context.Context, v Volume) outcome[segmented] {
	hu, err := ReadHU(ctx, f.roots.in, v.VolumeURI)
	if err != nil {
		return outcome[segmented]{err: err}
	}
	var out outcome[segmented]
	for _, m := range f.models {
		options := model.DefaultOptions
		options.Overlap, options.SkipAir, options.KeepBody, options.Workers = f.Inference.Overlap, f.Inference.SkipAir, f.Inference.KeepBody, m.Runs()
		labels, stats, err := model.Predict(ctx, m, hu, options)
		if err != nil {
			return outcome[segmented]{err: fmt.Errorf("running model %s: %w", m.Spec().Name, err)}
		}
		p := schemas.Prediction{
			Cohort: v.Cohort, PatientID: v.PatientID, SeriesUID: v.SeriesUID,
			MaskURI:   path.Join("masks", m.Spec().Name, v.Cohort, v.PatientID, v.SeriesUID, "mask."+f.Inference.Format),
			ModelName: m.Spec().Name, ModelSHA256: m.SHA256(), Provider: m.Provider(),
			Windows: int32(stats.Windows - stats.Skipped), Skipped: int32(stats.Skipped),
		}
		if p.MaskSHA256, err = writeVolume(ctx, f.roots.out, p.MaskURI, labels); err != nil {
			return outcome[segmented]{err: err}
		}
		if err := f.onSource(ctx, v, &p, labels, m.Spec()); err != nil {
			return outcome[segmented]{err: err}
		}
		rows, err := measure(ctx, f.roots.in, v, p, m.Spec(), labels, hu)
		if err != nil {
			return outcome[segmented]{err: err}
		}
		out.rows = append(out.rows, segmented{prediction: p, metrics: rows, histograms: histograms(v, p, m.Spec(), labels, hu)})
	}
	return out
}

// loaded are the models of the process: a bundle, and there may be many, loads
// none that is there already.
var loaded struct {
	sync.Mutex
	sessions map[string]*onnx.Session
}

func sharedModels(ctx context.Context, inf Inference) ([]*onnx.Session, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.sessions == nil {
		loaded.sessions = map[string]*onnx.Session{}
	}
	var models []*onnx.Session
	for _, uri := range inf.Models {
		key := fmt.Sprintf("%q %q %q", uri, inf.Library, inf.Provider)
		if loaded.sessions[key] == nil {
			session, err := OpenModel(ctx, uri, inf.Library, inf.Provider)
			if err != nil {
				return nil, err
			}
			loaded.sessions[key] = session
		}
		models = append(models, loaded.sessions[key])
	}
	return models, nil
}

// OpenModel opens the ONNX model at a URI.
func OpenModel(ctx context.Context, uri, library, provider string) (*onnx.Session, error) {
	data, err := store.ReadURI(ctx, uri)
	if err != nil {
		return nil, fmt.Errorf("reading model %s: %w", uri, err)
	}
	session, err := onnx.Open(data, onnx.Options{Library: library, Provider: provider, Threads: runtime.GOMAXPROCS(0)})
	if err != nil {
		return nil, fmt.Errorf("opening model %s: %w", uri, err)
	}
	return session, nil
}
