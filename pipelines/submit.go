package pipelines

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
)

// submit runs a stage's pipeline to its end. On a runner elsewhere it tells what
// the job does there, and returns at once when ctx ends, which Beam's own
// waiting for a job does not.
func submit(ctx context.Context, j Job, stage string, p *beam.Pipeline) (beam.PipelineResult, error) {
	restore, err := setFlags(j.Config, stage)
	if err != nil {
		return nil, err
	}
	defer restore()
	if embedded() {
		return beamx.RunWithMetrics(ctx, p)
	}
	job := &jobLog{say: func(text string) { j.say("%-10s %s", stage, text) }}
	beamlog.SetLogger(job)
	defer beamlog.SetLogger(&beamlog.Structural{})
	type ended struct {
		result beam.PipelineResult
		err    error
	}
	end := make(chan ended, 1)
	go func() {
		result, err := beamx.RunWithMetrics(ctx, p)
		end <- ended{result, err}
	}()
	select {
	case <-ctx.Done():
		if id := job.id(); id != "" {
			j.say("%-10s job %s may go on at its runner: cancel it there", stage, id)
		}
		return nil, context.Cause(ctx)
	case e := <-end:
		return e.result, errors.Join(e.err, job.stopped())
	}
}

// stopped is an error where the job did not run to its end.
func (l *jobLog) stopped() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancelled {
		return fmt.Errorf("job %s was cancelled at its runner: run the stage again", l.job)
	}
	return nil
}
