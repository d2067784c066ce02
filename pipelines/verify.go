package pipelines

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms/progress"
)

// Faults of a file that verify finds.
const (
	missing = "missing" // a dataset lists it, and it is not there
	changed = "changed" // its bytes are not those that were written
	foreign = "foreign" // it is there, and no dataset lists it
)

// A Fault is a file that is not as the datasets say.
type Fault struct {
	Fault   string `json:"fault"`   // missing, changed or foreign
	Name    string `json:"name"`    // relative to the root
	Dataset string `json:"dataset"` // that lists it; empty for a foreign file
}

// Verification is what verify found.
type Verification struct {
	Datasets   []string `json:"datasets"`   // that are complete, and were checked
	Incomplete []string `json:"incomplete"` // without a mark that they are complete: whatever they hold is foreign
	Files      int      `json:"files"`      // listed by the datasets
	Bytes      int64    `json:"bytes"`      // hashed
	Faults     []Fault  `json:"faults"`     // sorted by name
}

// Verify reads every file that the datasets under the job's root list and
// compares its SHA-256, and looks for files that none lists:
//
//	tables/*/_SUCCESS, patches/_SUCCESS, report/_SUCCESS → parts, shards, pages and figures
//	tables/instances → dicom/, sources/, labels/
//	tables/series → volumes/          tables/predictions → masks/
//
// It holds the name and digest of every file at once, some 300 bytes each.
func Verify(ctx context.Context, j Job) (Verification, error) {
	root, err := store.Open(ctx, j.In)
	if err != nil {
		return Verification{}, err
	}
	v := &verifier{root: root, listed: map[string]listing{}}
	if err := v.gather(ctx); err != nil {
		return Verification{}, err
	}
	if len(v.found.Datasets) == 0 {
		return Verification{}, errors.New("no complete dataset is under the root: check the path, or run the stages first")
	}
	if err := v.hash(ctx, j.Config.Workers); err != nil {
		return Verification{}, err
	}
	if err := v.foreign(ctx); err != nil {
		return Verification{}, err
	}
	slices.SortFunc(v.found.Faults, func(a, b Fault) int { return strings.Compare(a.Name, b.Name) })
	v.found.Files = len(v.listed)
	return v.found, nil
}

// datasets are all that stages mark as complete.
var datasets = []string{"instances", "series", "patients", "predictions", "metrics", "histograms", "summaries", "comparisons", "rejects", "runs", patchesName, reportName}

// listing is what a dataset says of a file.
type listing struct{ dataset, sha256 string }

type verifier struct {
	root   store.Store
	listed map[string]listing // by name

	mutex sync.Mutex
	found Verification
}

// gather finds what every dataset lists.
func (v *verifier) gather(ctx context.Context) error {
	for _, dataset := range datasets {
		m, err := readManifest(ctx, v.root, dataset)
		if errors.As(err, &incompleteError{}) {
			v.found.Incomplete = append(v.found.Incomplete, dataset)
			continue
		}
		if err != nil {
			return err
		}
		v.found.Datasets = append(v.found.Datasets, dataset)
		for _, f := range m.Files {
			v.listed[f.Name] = listing{dataset, f.SHA256}
		}
	}
	return errors.Join(files[schemas.Instance](ctx, v), files[schemas.Series](ctx, v), files[schemas.Prediction](ctx, v))
}

// files gathers the files that the rows of a complete table name, a part at a
// time. Of a part that is broken, it takes nothing: its digest tells.
func files[T filed](ctx context.Context, v *verifier) error {
	var row T
	var parts []string
	for name, l := range v.listed {
		if l.dataset == row.Table() {
			parts = append(parts, name)
		}
	}
	for _, part := range parts {
		data, err := store.ReadAll(ctx, v.root, part)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading a part of table %s: %w", row.Table(), err)
		}
		rows, err := parquetio.Read[T](bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) == v.listed[part].sha256 {
				return fmt.Errorf("reading %s, which is as it was written: %w: verify with the version of ctcohort that wrote it", part, err)
			}
			continue
		}
		for _, r := range rows {
			r.Files(func(name, sha256 string) { v.listed[name] = listing{row.Table(), sha256} })
		}
	}
	return nil
}

// hash reads the listed files, workers at a time.
func (v *verifier) hash(ctx context.Context, workers int) error {
	counter := progress.Stage("verify")
	counter.Found(len(v.listed))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cmp.Or(workers, runtime.GOMAXPROCS(0)))
	for name, l := range v.listed {
		group.Go(func() error {
			defer counter.Done()
			got, bytes, err := store.SHA256(ctx, v.root, name)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				v.fault(missing, name, l.dataset)
			case err != nil:
				return err
			case got != l.sha256:
				v.fault(changed, name, l.dataset)
			}
			v.mutex.Lock()
			defer v.mutex.Unlock()
			v.found.Bytes += bytes
			return nil
		})
	}
	return group.Wait()
}

func (v *verifier) fault(fault, name, dataset string) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.found.Faults = append(v.found.Faults, Fault{fault, name, dataset})
}

// foreign looks for files that no dataset lists, but for the marks of complete
// datasets, and the state of stages.
func (v *verifier) foreign(ctx context.Context) error {
	for object, err := range v.root.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("listing the root: %w", err)
		}
		_, listed := v.listed[object.Name]
		if !listed && path.Base(object.Name) != "_SUCCESS" && !strings.HasPrefix(object.Name, "state/") {
			v.fault(foreign, object.Name, "")
		}
	}
	return nil
}

// Print writes what was found, a line a fault, then a summary.
func (v Verification) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	count := map[string]int{}
	for _, f := range v.Faults {
		count[f.Fault]++
		fmt.Fprintf(out, "%s  %s\n", f.Fault, f.Name)
	}
	for _, dataset := range v.Incomplete {
		fmt.Fprintf(out, "not there or not complete: %s\n", dataset)
	}
	fmt.Fprintf(out, "%d files of %s, %.1f MiB: %d missing, %d changed; %d foreign\n",
		v.Files, strings.Join(v.Datasets, ", "), mib(v.Bytes), count[missing], count[changed], count[foreign])
	return out.Flush()
}
