package phantom

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// Options say what archive to make.
type Options struct {
	Out      string // folder of the archive, made if need be
	Patients int
	Seed     int64
	Size     int    // rows and columns, DefaultSize if 0
	Cohort   string // China if empty, or Germany
	Workers  int    // patients made at a time, GOMAXPROCS if 0

	// MaxSlices, if above 0, keeps every n-th slice so that no series has more.
	// Thickness and coverage stay.
	MaxSlices int
	// Unlabelled is the share of patients without reference labels.
	Unlabelled float64
	// NoBad leaves the bad files out.
	NoBad bool
	// Progress, if set, is called after each patient, never concurrently.
	Progress func(done, total int)
}

// DefaultSize is the matrix size of a series.
const DefaultSize = 256

func (o Options) withDefaults() Options {
	if o.Size == 0 {
		o.Size = DefaultSize
	}
	if o.Cohort == "" {
		o.Cohort = China
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o
}

// Validate reports all that is wrong with o.
func (o Options) Validate() error {
	o = o.withDefaults()
	var errs []error
	if o.Out == "" {
		errs = append(errs, errors.New("no output folder"))
	}
	if o.Patients < 1 {
		errs = append(errs, fmt.Errorf("%d patients: at least 1 is needed", o.Patients))
	}
	if o.Size < 16 || o.Size > 2048 {
		errs = append(errs, fmt.Errorf("matrix size %d is not in 16–2048", o.Size))
	}
	if o.Unlabelled < 0 || o.Unlabelled > 1 {
		errs = append(errs, fmt.Errorf("unlabelled share %g is not in 0–1", o.Unlabelled))
	}
	if err := checkCohort(o.Cohort); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Generate writes the archive and returns the truth about it. Reference labels
// are DICOM SEG beside the CT for some patients, and
// labels/<SeriesInstanceUID>.nii.gz for the others.
func Generate(ctx context.Context, o Options) (*Manifest, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("making a phantom archive: %w", err)
	}
	o = o.withDefaults()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	patients := make([]made, o.Patients)
	next := make(chan int)
	var (
		workers sync.WaitGroup
		mu      sync.Mutex
		done    int
	)
	for range min(o.Workers, o.Patients) {
		workers.Go(func() {
			for k := range next {
				m, err := makePatient(ctx, o, k)
				if err != nil {
					cancel(fmt.Errorf("making phantom patient %d: %w", k, err))
					return
				}
				mu.Lock()
				patients[k] = m
				done++
				if o.Progress != nil {
					o.Progress(done, o.Patients)
				}
				mu.Unlock()
			}
		})
	}
feed:
	for k := range o.Patients {
		select {
		case next <- k:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}

	m := &Manifest{Cohort: o.Cohort, Seed: o.Seed, Size: o.Size}
	for _, p := range patients {
		m.Patients = append(m.Patients, p.patient)
		m.BadFiles = append(m.BadFiles, p.bad...)
	}
	return m, nil
}
