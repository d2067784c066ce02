package pipelines

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ctcohort/configs"
	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
)

// A Job is one stage, or all of them, to be run over one output root.
type Job struct {
	Config configs.Config
	In     string // root that the stage reads; the archive itself is in Config.Cohorts
	Out    string // root that the stage writes; empty is In
	// Library is the ONNX Runtime library; empty is found beside the binary or under build/.
	Library string
	Force   bool              // do everything anew, whatever stands
	Say     func(line string) // tells a person, before a stage starts, why it is done again; may be nil
}

func (j Job) say(format string, args ...any) {
	if j.Say != nil {
		j.Say(fmt.Sprintf(format, args...))
	}
}

// Summary is what a stage did.
type Summary struct {
	Stage   string
	Rows    []TableRows // written, in the order of the stage's tables
	Rejects int
	Notes   []string // what a person should know
	Took    time.Duration

	Unchanged bool // all of it stood already, and nothing was done

	Job json.RawMessage // of a dry run: what would be sent to Dataflow
}

// TableRows is how many rows a table got.
type TableRows struct {
	Table string
	Count int
}

func (j Job) out() string {
	if j.Out != "" {
		return j.Out
	}
	return j.In
}

// parts returns the names of the committed parts of the table of T under the
// root that the job reads.
func parts[T schemas.Record](ctx context.Context, j Job) ([]string, error) {
	if DryRun() {
		return expectedParts[T](j), nil
	}
	root, err := store.Open(ctx, j.In)
	if err != nil {
		return nil, err
	}
	var row T
	manifest, err := readManifest(ctx, root, row.Table())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range manifest.Files {
		names = append(names, file.Name)
	}
	return names, nil
}

// table returns all rows of the table of T under the root that the job reads.
// It is for the small tables: the rows are held at once.
func table[T schemas.Record](ctx context.Context, j Job) ([]T, error) {
	if DryRun() {
		return nil, nil // it may not be there yet
	}
	var row T
	root, err := store.Open(ctx, j.In)
	if err != nil {
		return nil, err
	}
	if _, err := readManifest(ctx, root, row.Table()); err != nil {
		return nil, err
	}
	return parquetio.ReadTable[T](ctx, root, row.Table())
}

// usedSeries returns the rows of table series that have a volume.
func usedSeries(ctx context.Context, j Job) ([]schemas.Series, error) {
	rows, err := table[schemas.Series](ctx, j)
	return slices.DeleteFunc(rows, func(r schemas.Series) bool { return !r.Used() }), err
}

// cohorts returns the names of the cohorts among the named parts of a table.
func cohorts(parts []string) []string {
	var names []string
	for _, part := range parts {
		for _, segment := range strings.Split(part, "/") {
			if name, ok := strings.CutPrefix(segment, "cohort="); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// producer is the stage that writes each table.
var producer = map[string]string{
	"instances": "anonymise", "series": "resample", "patients": "split",
	"predictions": "infer", "metrics": "infer", "histograms": "infer",
	"summaries": "report", "comparisons": "report",
}

// incompleteError tells that a table which a stage reads is not there whole.
type incompleteError struct{ table string }

func (e incompleteError) Error() string {
	return fmt.Sprintf("table %s is not complete under the input root: run `ctcohort %s` first", e.table, producer[e.table])
}
