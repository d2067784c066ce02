package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/google/uuid"

	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms"
	"ctcohort/transforms/progress"
)

// A stage is one pipeline: what it writes and how it is built.
type stage struct {
	name    string
	tables  []output
	cohorts []string
	models  []string // digests, for the run's provenance
	notes   []string // for the summary
	runtime string   // version of ONNX Runtime, for the run's provenance
	build   func(beam.Scope, transforms.Journal)

	settings map[string]any                                                             // parts of the configuration that the outputs depend on
	choosing []string                                                                   // settings, by their single keys, that choose among the units of work and change none
	inputs   map[string]string                                                          // digests of what the stage reads, by name
	rules    string                                                                     // version of rules of its own
	data     []dataFolder                                                               // of files that the tables list
	files    func(ctx context.Context, root store.Store, yield func(name string)) error // which those are
	dataset  string                                                                     // that is marked complete beside the tables; empty for none
	pages    string                                                                     // folder of files that no table lists, all of which the stage makes; empty for none
	check    func(context.Context, *attempt) (notes []string, err error)                // of what was written; may be nil
}

// A dataFolder holds files by cohort, whose name is a part of theirs.
type dataFolder struct {
	name     string
	cohortAt int // which part
}

// An output is a table that a stage writes.
type output struct {
	table  string
	prefix string                                                         // of the parts that are this stage's
	commit func(ctx context.Context, root store.Store, part string) error // an empty part
	part   func(cohort string) string
}

// outputOf returns the table of T as an output whose parts begin with prefix.
func outputOf[T schemas.Record](prefix string) output {
	var row T
	return output{
		table: row.Table(), prefix: prefix,
		part: func(cohort string) string { return transforms.PartName[T](cohort, prefix, 0) },
		commit: func(ctx context.Context, root store.Store, part string) error {
			return parquetio.Commit(ctx, root, part, []T(nil))
		},
	}
}

// rejectsOf is the part of the rejects table that belongs to a stage.
func rejectsOf(stage string) output { return outputOf[schemas.Reject]("part-" + stage) }

// run does the work of the stage that is not done yet: what stands from an
// earlier run, of the same inputs and settings, is taken over. Then it marks the
// tables complete, and the stage as done.
func (st stage) run(ctx context.Context, j Job) (Summary, error) {
	if DryRun() {
		return st.dryRun(ctx, j)
	}
	start := time.Now().UTC()
	progress.Stage(st.name).Reset()
	a, summary, err := st.begin(ctx, j)
	if err != nil || a == nil {
		return summary, err
	}
	root := a.root
	summary.Notes = st.notes
	pipeline, scope := beam.NewPipelineWithRoot()
	st.build(scope, a.journal)
	result, err := submit(ctx, j, st.name, pipeline)
	if ctx.Err() != nil {
		return summary, fmt.Errorf("stage %s: %w", st.name, context.Cause(ctx))
	}
	if place := templateLocation(); place != "" && err == nil {
		summary.Notes = []string{"job template in " + place + "; when its job has ended, this stage without a template completes it"}
		return summary, nil
	}
	if err != nil {
		return summary, fmt.Errorf("stage %s: %w", st.name, rootCause(err))
	}
	for _, t := range st.tables {
		rows, parts, err := t.complete(ctx, root, st.cohorts)
		if err != nil {
			return summary, err
		}
		a.now.Files = append(a.now.Files, parts...)
		summary.Rows = append(summary.Rows, TableRows{t.table, rows})
		if t.table == "rejects" {
			summary.Rejects = rows
		}
	}
	counted := counters(st.name, result)
	if n := counted[st.name+".recalled"]; n > 0 {
		summary.Notes = append(summary.Notes, fmt.Sprintf("%d of %d done before", n, counted[st.name+".done"]))
	}
	if st.check != nil {
		notes, err := st.check(ctx, a)
		summary.Notes = append(summary.Notes, notes...)
		if err != nil {
			return summary, err
		}
	}
	if err := st.record(ctx, j, root, start, counted); err != nil {
		return summary, err
	}
	err = a.finish(ctx, &summary)
	summary.Took = time.Since(start)
	return summary, err
}

// clear removes the parts that an earlier run of the stage wrote.
func (o output) clear(ctx context.Context, root store.Store) error {
	if err := root.Remove(ctx, successName(o.table)); err != nil {
		return fmt.Errorf("clearing table %s: %w", o.table, err)
	}
	parts, err := o.parts(ctx, root)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := root.Remove(ctx, part); err != nil {
			return fmt.Errorf("clearing table %s: %w", o.table, err)
		}
	}
	return nil
}

func (o output) owns(name string) bool { return strings.Contains(name, "/"+o.prefix+"-") }

func (o output) parts(ctx context.Context, root store.Store) ([]string, error) {
	var names []string
	for object, err := range root.List(ctx, "tables/"+o.table+"/") {
		if err != nil {
			return nil, fmt.Errorf("listing table %s: %w", o.table, err)
		}
		if o.owns(object.Name) {
			names = append(names, object.Name)
		}
	}
	return names, nil
}

// complete writes an empty part for each cohort that got no rows, so that
// every table can be read, marks the table complete, counts its rows and
// returns the parts.
func (o output) complete(ctx context.Context, root store.Store, cohorts []string) (rows int, own []manifestFile, err error) {
	parts, err := o.parts(ctx, root)
	if err != nil {
		return 0, nil, err
	}
	for _, cohort := range cohorts {
		if !strings.Contains(strings.Join(parts, "\n"), "/cohort="+cohort+"/") {
			if err := o.commit(ctx, root, o.part(cohort)); err != nil {
				return 0, nil, err
			}
		}
	}
	for _, part := range parts {
		n, err := parquetio.Count(ctx, root, part)
		if err != nil {
			return 0, nil, err
		}
		rows += n
	}
	m, err := markComplete(ctx, root, o.table, nil)
	for _, f := range m.Files {
		if o.owns(f.Name) {
			own = append(own, f)
		}
	}
	return rows, own, err
}

// record adds the run to the runs table.
func (st stage) record(ctx context.Context, j Job, root store.Store, start time.Time, counted map[string]int64) error {
	config, err := j.Config.SHA256()
	if err != nil {
		return err
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return fmt.Errorf("naming the run: %w", err)
	}
	text, err := json.Marshal(counted) // sorted
	if err != nil {
		return fmt.Errorf("encoding the counters: %w", err)
	}
	run := schemas.Run{
		RunID: id.String(), Stage: st.name, CodeVersion: Version(), ConfigSHA256: config,
		ModelSHA256: strings.Join(st.models, " "), GoVersion: runtime.Version(), BeamVersion: ModuleVersion("github.com/apache/beam/sdks/v2"),
		RuntimeVersion: st.runtime, Runner: runner(), Counters: string(text),
		Start: start.Format(time.RFC3339Nano), End: time.Now().UTC().Format(time.RFC3339Nano),
	}
	name := fmt.Sprintf("tables/runs/cohort=all/part-%s-%s-%s.parquet", start.Format("20060102T150405"), st.name, id)
	if err := parquetio.Commit(ctx, root, name, []schemas.Run{run}); err != nil {
		return err
	}
	return writeManifest(ctx, root, "runs")
}

// counters returns the stage's Beam counters. Those of the embedded runner are the
// process's own: prism (2.77) loses counts of bundles that end while it asks for
// the counters' names.
func counters(stage string, result beam.PipelineResult) map[string]int64 {
	counted := map[string]int64{}
	for _, c := range result.Metrics().AllMetrics().Counters() {
		if c.Key.Namespace == transforms.Namespace {
			counted[c.Key.Name] += c.Result() // of all attempts, where the runner commits none: Spark
		}
	}
	_, works := counted[stage+".done"]
	if works {
		counted[stage+".rejected"] += 0 // a counter that nothing was added to is told by some runners alone
	}
	if works && embedded() {
		counter := progress.Stage(stage)
		_, counted[stage+".done"], counted[stage+".rejected"] = counter.Snapshot()
		counted[stage+".recalled"] = counter.AllRecalled()
	}
	return counted
}

// rootCause is the error of the stage's own code in what the runner wraps
// around it: the text after the last DoFn that failed.
func rootCause(err error) error {
	text := err.Error()
	if at := strings.LastIndex(text, "] failed:\n"); at >= 0 {
		return errors.New(text[at+len("] failed:\n"):])
	}
	return err
}
