package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms"
)

// An attempt is one try of a stage to make what is missing.
type attempt struct {
	stage   stage
	job     Job
	root    store.Store
	now     state
	journal transforms.Journal
}

// begin returns the attempt to run a stage, or none and the summary of what
// stands already.
func (st stage) begin(ctx context.Context, j Job) (*attempt, Summary, error) {
	summary := Summary{Stage: st.name}
	root, err := store.Open(ctx, j.out())
	if err != nil {
		return nil, summary, err
	}
	now := state{Stage: st.name, Code: st.code(), Settings: settings(st.settings), Inputs: st.inputs}
	before, err := readState(ctx, root, st.name)
	if err != nil && !j.Force {
		return nil, summary, err
	}
	a := &attempt{stage: st, job: j, root: root, now: now}
	if before != nil && !j.Force {
		changes := before.changes(now)
		if len(changes) == 0 {
			missing, err := a.missing(ctx, *before)
			if err != nil {
				return nil, summary, err
			}
			if missing == 0 {
				return nil, before.summary(st), nil
			}
			changes = []string{fmt.Sprintf("%d of the files that it made are gone", missing)}
		} else {
			changes[0] = "changed: " + changes[0]
		}
		j.say("%s: %s; what depends on it is done again", st.name, strings.Join(changes, ", "))
	}
	return a, summary, a.clear(ctx)
}

func (st stage) code() string {
	code := fmt.Sprint(dataVersion)
	if st.rules != "" {
		code += " " + st.rules
	}
	return code
}

// summary is that of a stage that has nothing to do.
func (s state) summary(st stage) Summary {
	summary := Summary{Stage: s.Stage, Unchanged: true}
	for _, t := range st.tables {
		summary.Rows = append(summary.Rows, TableRows{t.table, s.Rows[t.table]})
		if t.table == "rejects" {
			summary.Rejects = s.Rows[t.table]
		}
	}
	return summary
}

// missing counts the files that the stage made and that are not there.
func (a *attempt) missing(ctx context.Context, before state) (int, error) {
	missing := 0
	for _, f := range before.Files {
		switch o, err := a.root.Stat(ctx, f.Name); {
		case errors.Is(err, fs.ErrNotExist), err == nil && o.Size != f.Bytes:
			missing++
		case err != nil:
			return 0, err
		}
	}
	for _, t := range a.stage.tables {
		if _, err := a.root.Stat(ctx, successName(t.table)); errors.Is(err, fs.ErrNotExist) && t.table != "rejects" {
			missing++ // the mark of a table of several stages comes with the last of them
		}
	}
	if missing > 0 || len(a.stage.data) == 0 {
		return missing, nil
	}
	there := map[uint64]bool{}
	for name, err := range a.dataFiles(ctx) {
		if err != nil {
			return 0, err
		}
		there[xxh3.HashString(name)] = true
	}
	err := a.stage.files(ctx, a.root, func(name string) {
		if !there[xxh3.HashString(name)] {
			missing++
		}
	})
	if errors.As(err, &incompleteError{}) {
		return missing + 1, nil
	}
	return missing, err
}

// dataFiles yields the files in the stage's folders that are of its cohorts.
func (a *attempt) dataFiles(ctx context.Context) func(yield func(string, error) bool) {
	return func(yield func(string, error) bool) {
		for _, folder := range a.stage.data {
			for object, err := range a.root.List(ctx, folder.name+"/") {
				if err != nil {
					yield("", fmt.Errorf("listing %s: %w", folder.name, err))
					return
				}
				parts := strings.Split(object.Name, "/")
				if len(parts) > folder.cohortAt+1 && slices.Contains(a.stage.cohorts, strings.TrimPrefix(parts[folder.cohortAt], "cohort=")) && !yield(object.Name, nil) {
					return
				}
			}
		}
	}
}

// clear removes the marks that the stage is complete, the tables of the run
// before, and what writers that died left behind.
func (a *attempt) clear(ctx context.Context) error {
	if err := a.root.Remove(ctx, stateName(a.stage.name)); err != nil {
		return fmt.Errorf("clearing the state of stage %s: %w", a.stage.name, err)
	}
	sweep := []string{stateFolder(a.stage.name), folder("runs"), a.stage.pages}
	for _, f := range a.stage.data {
		sweep = append(sweep, f.name+"/")
	}
	for _, t := range a.stage.tables {
		sweep = append(sweep, folder(t.table))
	}
	if a.stage.dataset != "" {
		if err := a.root.Remove(ctx, successName(a.stage.dataset)); err != nil {
			return fmt.Errorf("clearing %s: %w", a.stage.dataset, err)
		}
	}
	for _, prefix := range slices.DeleteFunc(sweep, func(p string) bool { return p == "" }) {
		if err := a.root.Sweep(ctx, prefix); err != nil {
			return fmt.Errorf("clearing stage %s: %w", a.stage.name, err)
		}
	}
	for _, t := range a.stage.tables {
		if err := t.clear(ctx, a.root); err != nil {
			return err
		}
	}
	pages, err := a.pages(ctx)
	if err == nil {
		err = a.remove(ctx, pages)
	}
	if err != nil {
		return err
	}
	own := stateFolder(a.stage.name) + a.now.digest()
	a.journal = transforms.Journal{Root: a.job.out(), Folder: own, Basis: a.now.basis(a.stage.choosing...)}
	if a.job.Force {
		return a.dropRecords(ctx, "")
	}
	for name, err := range a.root.List(ctx, stateFolder(a.stage.name)) {
		if err != nil {
			return fmt.Errorf("listing the state of stage %s: %w", a.stage.name, err)
		}
		if f := path.Dir(name.Name); f != own && !slices.Contains(a.journal.Earlier, f) {
			a.journal.Earlier = append(a.journal.Earlier, f)
		}
	}
	return nil
}

// dropRecords removes the records of units but for those in one folder.
func (a *attempt) dropRecords(ctx context.Context, except string) error {
	var drop []string
	for object, err := range a.root.List(ctx, stateFolder(a.stage.name)) {
		if err != nil {
			return fmt.Errorf("listing the state of stage %s: %w", a.stage.name, err)
		}
		if path.Dir(object.Name) != except {
			drop = append(drop, object.Name)
		}
	}
	return a.remove(ctx, drop)
}

func (a *attempt) remove(ctx context.Context, names []string) error {
	for _, name := range names {
		if err := a.root.Remove(ctx, name); err != nil {
			return fmt.Errorf("removing what stage %s has left: %w", a.stage.name, err)
		}
	}
	return nil
}

// finish removes what other runs left and this one did not make again, and marks
// the stage as done, unless some of it may go otherwise the next time.
func (a *attempt) finish(ctx context.Context, summary *Summary) error {
	if err := a.tidy(ctx); err != nil {
		return err
	}
	if err := a.dropRecords(ctx, a.journal.Folder); err != nil {
		return err
	}
	passing, err := a.passing(ctx)
	if err != nil {
		return err
	}
	if passing > 0 {
		summary.Notes = append(summary.Notes, fmt.Sprintf("%d rejects that the next run tries again", passing))
		return nil
	}
	pages, err := a.pages(ctx)
	if err != nil {
		return err
	}
	for _, name := range pages {
		sum, bytes, err := store.SHA256(ctx, a.root, name)
		if err != nil {
			return err
		}
		a.now.Files = append(a.now.Files, manifestFile{Name: name, Bytes: bytes, SHA256: sum})
	}
	a.now.Rows = map[string]int{}
	for _, r := range summary.Rows {
		a.now.Rows[r.Table] = r.Count
	}
	return a.now.write(ctx, a.root)
}

// pages are the files in the stage's folder that no table lists.
func (a *attempt) pages(ctx context.Context) ([]string, error) {
	if a.stage.pages == "" {
		return nil, nil
	}
	var names []string
	for object, err := range a.root.List(ctx, a.stage.pages) {
		if err != nil {
			return nil, fmt.Errorf("listing %s: %w", a.stage.pages, err)
		}
		names = append(names, object.Name)
	}
	return names, nil
}

// tidy removes the files of the stage's folders that its tables do not list.
func (a *attempt) tidy(ctx context.Context) error {
	if len(a.stage.data) == 0 {
		return nil
	}
	listed := map[uint64]bool{} // eight bytes a file, however many there are
	if err := a.stage.files(ctx, a.root, func(name string) { listed[xxh3.HashString(name)] = true }); err != nil {
		return err
	}
	var stale []string
	for name, err := range a.dataFiles(ctx) {
		if err != nil {
			return err
		}
		if !listed[xxh3.HashString(name)] {
			stale = append(stale, name)
		}
	}
	return a.remove(ctx, stale)
}

// passing counts the stage's rejects that another try may not reject.
func (a *attempt) passing(ctx context.Context) (int, error) {
	passing := 0
	for _, f := range a.now.Files {
		if !strings.HasPrefix(f.Name, folder("rejects")) {
			continue
		}
		for r, err := range parquetio.Rows[schemas.Reject](ctx, a.root, f.Name) {
			if err != nil {
				return 0, err
			}
			if r.Passing() {
				passing++
			}
		}
	}
	return passing, nil
}

// filed is a row that names files.
type filed interface {
	schemas.Record
	Files(yield func(name, sha256 string))
}

// filesOf lists the files that the complete table of T names.
func filesOf[T filed](ctx context.Context, root store.Store, yield func(name string)) error {
	var row T
	m, err := readManifest(ctx, root, row.Table())
	if err != nil {
		return err
	}
	for _, part := range m.Files {
		for r, err := range parquetio.Rows[T](ctx, root, part.Name) {
			if err != nil {
				return fmt.Errorf("reading table %s: %w", row.Table(), err)
			}
			r.Files(func(name, _ string) { yield(name) })
		}
	}
	return nil
}

// inputsOf returns the digests of complete tables under the root that the job reads.
func inputsOf(ctx context.Context, j Job, tables ...string) (map[string]string, error) {
	if DryRun() {
		return map[string]string{}, nil
	}
	root, err := store.Open(ctx, j.In)
	if err != nil {
		return nil, err
	}
	inputs := map[string]string{}
	for _, t := range tables {
		m, err := readManifest(ctx, root, t)
		if errors.As(err, &incompleteError{}) && producer[t] == "" {
			continue // several stages write it, or none did
		}
		if err != nil {
			return nil, err
		}
		inputs["table "+t] = digestOf(m)
	}
	return inputs, nil
}
