package transforms

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/schemas"
	"ctcohort/transforms/progress"
)

// Namespace is the namespace of the stages' Beam counters: <stage>.done,
// <stage>.recalled, <stage>.rejected, and <stage>.rejected.<reason code>.
const Namespace = "ctcohort"

// An outcome is what the work on one element gave: rows, rejects, or an error
// that stops the run.
type outcome[T any] struct {
	rows     []T
	rejects  []schemas.Reject
	recalled int // items that an earlier run did
	items    int // worked on; 0 stands for one
	err      error
}

func rejected[T any](r schemas.Reject) outcome[T] {
	return outcome[T]{rejects: []schemas.Reject{r}}
}

// A pool works on a bundle's elements on all cores, for the embedded runner
// processes a stage's elements as one bundle, in turn. How many elements are
// worked on at once is bounded over the whole process, and only the bundle's
// own goroutine emits.
type pool[T any] struct {
	stage   string
	slots   chan struct{}
	results chan outcome[T]
	running int
	err     error

	done, recalled beam.Counter
}

var processSlots sync.Map // number of workers → chan struct{}

func newPool[T any](stage string, workers int) *pool[T] {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	slots, _ := processSlots.LoadOrStore(workers, make(chan struct{}, workers))
	return &pool[T]{
		stage: stage, slots: slots.(chan struct{}), results: make(chan outcome[T]),
		done: beam.NewCounter(Namespace, stage+".done"), recalled: beam.NewCounter(Namespace, stage+".recalled"),
	}
}

// do starts work as soon as there is a slot, and meanwhile emits what earlier
// work gave. subject names the element in the reject that a panic becomes.
func (p *pool[T]) do(ctx context.Context, subject schemas.Reject, work func() outcome[T], keep func(T), reject func(schemas.Reject)) error {
	for p.err == nil {
		select {
		case p.slots <- struct{}{}:
			p.running++
			go func() {
				out := guarded(subject, work)
				<-p.slots
				p.results <- out
			}()
			return nil
		case out := <-p.results:
			p.emit(ctx, out, keep, reject)
		}
	}
	return p.finish(ctx, keep, reject)
}

// finish waits for all work and emits what it gave.
func (p *pool[T]) finish(ctx context.Context, keep func(T), reject func(schemas.Reject)) error {
	for p.running > 0 {
		p.emit(ctx, <-p.results, keep, reject)
	}
	err := p.err
	p.err = nil
	return err
}

func (p *pool[T]) emit(ctx context.Context, out outcome[T], keep func(T), reject func(schemas.Reject)) {
	p.running--
	if out.err != nil {
		if p.err == nil {
			p.err = out.err
		}
		return
	}
	items, counter := max(out.items, 1), progress.Stage(p.stage)
	for range items {
		counter.Done()
	}
	counter.Recalled(out.recalled)
	p.done.Inc(ctx, int64(items))
	p.recalled.Inc(ctx, int64(out.recalled))
	for _, row := range out.rows {
		keep(row)
	}
	for _, r := range out.rejects {
		countReject(ctx, r)
		reject(r)
	}
}

// countReject counts a reject in the progress of its stage and in Beam's metrics.
func countReject(ctx context.Context, r schemas.Reject) {
	progress.Stage(r.Stage).Rejected(r.ReasonCode)
	beam.NewCounter(Namespace, r.Stage+".rejected").Inc(ctx, 1)
	beam.NewCounter(Namespace, r.Stage+".rejected."+r.ReasonCode).Inc(ctx, 1)
}

// guarded turns a panic, which one bad element must not make everyone's, into
// a reject. The panic's text may quote data, so only its type is told.
func guarded[T any](subject schemas.Reject, work func() outcome[T]) (out outcome[T]) {
	defer func() {
		if cause := recover(); cause != nil {
			subject.ReasonCode = "internal_error"
			subject.Detail = fmt.Sprintf("a defect in ctcohort (%T); please report it with the stage and the version", cause)
			out = rejected[T](subject)
		}
	}()
	return work()
}
