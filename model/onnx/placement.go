package onnx

import (
	"fmt"

	"ctcohort/model"
)

// A placement is how a model runs on one provider of this machine.
type placement struct {
	provider  string
	device    int
	threads   int // of the CPU
	runs      int // that compute at once
	batch     int // windows in a run
	limitMiB  int // of the device's memory; 0 is unknown
	precision string
	note      string // what was chosen, in words
}

// place chooses for one provider. On the CPU each run takes one thread where
// memory lets so many runs be: windows side by side are 1.15 to 1.45 times as fast as
// one window on as many threads, and a window's result does not depend on
// the number of threads. Threads left over work inside the runs. On a GPU one run
// computes at a time, of as many windows as fit.
func place(provider string, spec model.Spec, o Options) (placement, error) {
	p := placement{provider: provider, threads: o.threads(), batch: max(1, o.Batch), precision: spec.Precision}
	switch provider {
	case CUDA, TensorRT:
		p.device, p.runs = o.Device, 1
		if err := p.onGPU(spec, o); err != nil {
			return placement{}, unavailable{provider, err.Error()}
		}
	default:
		if p.runs = o.Runs; p.runs == 0 {
			p.runs = fitCPU(freeMemoryMiB(), spec, p.threads)
		}
	}
	if p.note == "" {
		p.note = fmt.Sprintf("%d windows at once on %d threads", p.runs*p.batch, p.threads)
	}
	return p, nil
}

// onGPU sets what depends on the device's memory. A device of which nothing is
// known gets one window a run and no limit.
func (p *placement) onGPU(spec model.Spec, o Options) error {
	gpus, err := GPUs()
	if err != nil {
		p.note = fmt.Sprintf("device %d, its memory unknown, %d windows a run", p.device, p.batch)
		return nil
	}
	if p.device >= len(gpus) {
		return fmt.Errorf("device %d is not there: %d are visible", p.device, len(gpus))
	}
	g := gpus[p.device]
	fits, limit, err := fitGPU(g, spec, o.Models)
	if err != nil {
		return err
	}
	if p.limitMiB = limit; o.Batch == 0 {
		p.batch = fits
	}
	p.note = fmt.Sprintf("device %d (%s), %d windows a run in at most %d MiB", p.device, g.Name, p.batch, p.limitMiB)
	return nil
}

// perRun returns the size of the runtime's thread pool: the callers of Run work
// too, so that all together are the threads.
func (p placement) perRun() int { return max(1, p.threads-p.runs+1) }
