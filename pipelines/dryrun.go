package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"ctcohort/schemas"
	"ctcohort/transforms"
)

// DryRun tells whether jobs are to be built and not run. Then the stages open
// nothing: what they would read is taken as it will be.
func DryRun() bool { return flag.Lookup("dry_run").Value.String() == "true" }

// templateLocation is where the launcher of a flex template wants the job, which
// it starts itself; empty otherwise.
func templateLocation() string { return flag.Lookup("template_location").Value.String() }

// expectedParts are the parts that the table of T will have when every cohort of
// the configuration has rows.
func expectedParts[T schemas.Record](j Job) (names []string) {
	var row T
	shards := 1
	if row.Table() == "instances" {
		shards = instanceShards
	}
	for _, c := range j.Config.Cohorts {
		for shard := range shards {
			names = append(names, transforms.PartName[T](c.Name, "part", shard))
		}
	}
	return names
}

// dryRun builds the stage's job for Dataflow and returns it in the summary.
func (st stage) dryRun(ctx context.Context, j Job) (Summary, error) {
	if len(j.Config.Cohorts) == 0 {
		return Summary{}, errors.New("a dry run reads no table, so it needs the cohorts in --config")
	}
	restore, err := setFlags(j.Config, st.name)
	if err != nil {
		return Summary{}, err
	}
	defer restore()
	printed := new(printedJob)
	beamlog.SetLogger(printed)
	defer beamlog.SetLogger(&beamlog.Structural{})
	pipeline, scope := beam.NewPipelineWithRoot()
	st.build(scope, transforms.Journal{})
	if _, err := beamx.RunWithMetrics(ctx, pipeline); err != nil {
		return Summary{}, fmt.Errorf("building the job of stage %s: %w", st.name, err)
	}
	if printed.job == nil {
		return Summary{}, fmt.Errorf("building the job of stage %s: Beam printed none", st.name)
	}
	return Summary{Stage: st.name, Job: printed.job}, nil
}

// A printedJob takes the job out of what Beam logs, the only place where a dry
// run leaves it.
type printedJob struct {
	beamlog.Structural

	mu  sync.Mutex
	job json.RawMessage
}

// Log implements Beam's Logger.
func (p *printedJob) Log(ctx context.Context, severity beamlog.Severity, depth int, message string) {
	p.Structural.Log(ctx, severity, depth+1, message)
	var job struct{ Environment, Labels json.RawMessage }
	if json.Unmarshal([]byte(message), &job) == nil && job.Environment != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.job = json.RawMessage(message)
	}
}
