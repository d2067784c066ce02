package transforms

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"path"
	"slices"
	"strings"
	"sync"

	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms/deid"
)

// batchWork is the work on a batch of files. It gathers what each gave, for the
// batch is remembered as one unit.
type batchWork struct {
	stage   *anonymiseFn
	of      *deid.Deidentifier
	batch   Batch
	records *recorder
	unit    string // empty for a batch that is not remembered

	mutex sync.Mutex
	gave  []outcome[schemas.Instance] // by file
	left  int
}

// newBatchWork names the unit that a batch is: its names are identities, so they
// go through the key.
func (f *anonymiseFn) newBatchWork(d *deid.Deidentifier, b Batch) *batchWork {
	w := &batchWork{stage: f, of: d, batch: b, records: f.records, gave: make([]outcome[schemas.Instance], len(b.Files)), left: len(b.Files)}
	if f.journal.Folder == "" || slices.ContainsFunc(b.Files, hasParts) {
		return w
	}
	b.Archive.URI = "" // an archive may move
	text, err := json.Marshal(b)
	if err != nil {
		panic("transforms: naming a batch: " + err.Error())
	}
	sum := deid.Derive(f.key, "batch", string(text))
	w.unit = f.journal.unit(hex.EncodeToString(sum[:]))
	return w
}

// hasParts says whether a file is a header whose voxels lie in other files,
// which may change without it.
func hasParts(file File) bool { return strings.EqualFold(path.Ext(file.Name), ".nhdr") }

// subject names file i in tables.
func (w *batchWork) subject(i int) schemas.Reject {
	in := Input{w.batch.Archive, w.batch.Files[i].Name}
	return schemas.Reject{Cohort: in.Archive.Cohort, Stage: "anonymise", Subject: w.stage.inputHMAC(in)}
}

// whole returns what the batch gave in an earlier run, or does it where files
// of it are gone.
func (w *batchWork) whole(ctx context.Context) outcome[schemas.Instance] {
	all, ok, err := recall[schemas.Instance](ctx, w.records.journal, w.unit)
	switch {
	case err != nil:
		return outcome[schemas.Instance]{err: err}
	case ok:
		all.recalled = len(w.batch.Files)
	default:
		for i := range w.batch.Files {
			out := guarded(w.subject(i), func() outcome[schemas.Instance] { return w.file(ctx, i) })
			if out.err != nil {
				return out
			}
			all.rows, all.rejects = append(all.rows, out.rows...), append(all.rejects, out.rejects...)
		}
	}
	all.items = len(w.batch.Files)
	return all
}

// file does file i. After the last one the batch is recorded.
func (w *batchWork) file(ctx context.Context, i int) outcome[schemas.Instance] {
	out := w.stage.file(ctx, w.of, Input{w.batch.Archive, w.batch.Files[i].Name}, w.subject(i))
	w.done(ctx, i, out)
	return out
}

func (w *batchWork) done(ctx context.Context, i int, out outcome[schemas.Instance]) {
	if w.unit == "" || out.err != nil {
		return
	}
	w.mutex.Lock()
	w.gave[i] = out
	w.left--
	last := w.left == 0
	w.mutex.Unlock()
	if last {
		w.records.add(ctx, w)
	}
}

// A recorder remembers batches once their files are durable. One sync stands for
// all batches that ended during the one before, and the workers do not wait for it.
type recorder struct {
	root    store.Store
	journal *journal

	mutex   sync.Mutex
	waiting []*batchWork
	running sync.WaitGroup
	busy    bool
	err     error
}

func (r *recorder) add(ctx context.Context, w *batchWork) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.waiting = append(r.waiting, w)
	if !r.busy {
		r.busy = true
		r.running.Go(func() { r.drain(ctx) })
	}
}

func (r *recorder) drain(ctx context.Context) {
	for {
		r.mutex.Lock()
		batches := r.waiting
		r.waiting = nil
		if len(batches) == 0 || r.err != nil {
			r.busy = false
			r.mutex.Unlock()
			return
		}
		r.mutex.Unlock()
		err := r.record(ctx, batches)
		r.mutex.Lock()
		r.err = err
		r.mutex.Unlock()
	}
}

func (r *recorder) record(ctx context.Context, batches []*batchWork) error {
	if err := r.root.Sync(ctx); err != nil {
		return err
	}
	for _, w := range batches {
		var all outcome[schemas.Instance]
		for _, out := range w.gave {
			all.rows, all.rejects = append(all.rows, out.rows...), append(all.rejects, out.rejects...)
		}
		if err := remember(ctx, r.journal, w.unit, all); err != nil {
			return err
		}
	}
	return nil
}

// wait returns when every batch that was added is recorded.
func (r *recorder) wait() error {
	r.running.Wait()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.err
}
