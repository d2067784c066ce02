package transforms

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/model"
	"ctcohort/model/onnx"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/progress"
)

func init() {
	beam.RegisterDoFn(&inferFn{})
}

// Inference says with which models volumes are segmented, and how.
type Inference struct {
	In, Out               string // roots
	Journal               Journal
	Models                []string // URIs
	Library               string   // ONNX Runtime; empty is found
	Provider              string
	Precision             string // auto, fp32 or fp16: which of a model's files
	Devices               []int  // GPUs; none is all that are visible
	Batch                 int    // windows in a call; 0 is chosen for the device
	Overlap               float64
	SkipAir               bool
	LungBox               bool
	Flips                 []string // axes x, y, z
	KeepBody              bool
	Format                string // of masks: nii.gz or nii
	SourceMasks, DICOMSeg bool   // what is written beside the masks
	Version               string // of this code, for DICOM SEG
	Workers               int
}

// options returns how a volume goes through an open model. One window more than
// compute at once is cut out of the volume meanwhile.
func (inf Inference) options(m *onnx.Session) model.Options {
	o := model.DefaultOptions
	o.Overlap, o.SkipAir, o.LungBox, o.KeepBody = inf.Overlap, inf.SkipAir, inf.LungBox, inf.KeepBody
	o.Workers, o.Batch = m.Runs()+1, m.Batch()
	for a, axis := range []string{"x", "y", "z"} {
		o.Flips[a] = slices.Contains(inf.Flips, axis)
	}
	return o
}

// inFlight returns how many volumes of a process are read, computed or written at
// a time: while one is computed the next can be read and the last be written, even on one core.
func (inf Inference) inFlight() int {
	if inf.Workers > 0 {
		return inf.Workers
	}
	return max(2, runtime.GOMAXPROCS(0))
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

	roots   roots
	journal *journal
	devices []device
	pool    *pool[segmented]
}

// segmented is what a model made of a volume: a prediction, its metrics and histograms.
type segmented struct {
	Prediction schemas.Prediction
	Metrics    []schemas.Metric
	Histograms []schemas.Histogram
}

// Files implements made.
func (s segmented) Files(yield func(name, sha256 string)) { s.Prediction.Files(yield) }

func (f *inferFn) Setup(ctx context.Context) (err error) {
	if f.roots, err = openRoots(ctx, f.Inference.In, f.Inference.Out); err != nil {
		return err
	}
	if f.journal, err = f.Inference.Journal.open(ctx); err != nil {
		return err
	}
	f.devices, err = sharedDevices(ctx, f.Inference)
	return err
}

func (f *inferFn) StartBundle(_ func(schemas.Prediction), _ func(schemas.Metric), _ func(schemas.Histogram), _ func(schemas.Reject)) {
	f.pool = newPool[segmented]("infer", f.Inference.inFlight())
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
		predict(s.Prediction)
		for _, m := range s.Metrics {
			measure(m)
		}
		for _, h := range s.Histograms {
			count(h)
		}
	}
}

// volumesBegun counts the volumes of the process that were read: they go to its
// devices in turn, and on each the first has the first turn at computing.
var volumesBegun atomic.Int64

// A begun volume was read, and has its turn on a device.
type begun struct {
	hu     *volume.Volume[int16]
	turn   int
	device device
}

// volume segments one volume with every model. It is read when the first of them
// needs it.
func (f *inferFn) volume(ctx context.Context, v Volume) outcome[segmented] {
	begin := sync.OnceValues(func() (begun, error) {
		hu, err := ReadHU(ctx, f.roots.in, v.VolumeURI)
		turn := int(volumesBegun.Add(1))
		return begun{hu, turn, f.devices[turn%len(f.devices)]}, err
	})
	var all outcome[segmented]
	for i, m := range f.devices[0] {
		out := once(ctx, f.journal, f.journal.unit(v, m.SHA256(), m.Provider()), func() outcome[segmented] {
			b, err := begin()
			if err != nil {
				return outcome[segmented]{err: err}
			}
			return f.segment(ctx, v, b, b.device[i])
		})
		if out.err != nil {
			return out
		}
		all.rows, all.recalled = append(all.rows, out.rows...), all.recalled+out.recalled
	}
	all.recalled /= len(f.devices[0]) // it counts as recalled when all of it was
	return all
}

// segment segments one volume with one model.
func (f *inferFn) segment(ctx context.Context, v Volume, b begun, m *onnx.Session) outcome[segmented] {
	labels, stats, err := model.Predict(ctx, m.Ordered(b.turn), b.hu, f.Inference.options(m))
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
	rows, err := measure(ctx, f.roots.in, v, p, m.Spec(), labels, b.hu)
	if err != nil {
		return outcome[segmented]{err: err}
	}
	return outcome[segmented]{rows: []segmented{{p, rows, histograms(v, p, m.Spec(), labels, b.hu)}}}
}
