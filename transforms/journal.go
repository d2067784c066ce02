package transforms

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"ctcohort/io/store"
	"ctcohort/schemas"
)

// A Journal says where a stage remembers what each unit of its work gave, so
// that a later run takes it over and does only what is missing. It holds
// digests and the names of folders alone. The zero Journal remembers nothing.
type Journal struct {
	Root    string   // output root
	Folder  string   // of this run's records; every record in it is of this run's inputs and settings
	Earlier []string // folders of the records of other runs
	Basis   string   // digest of all that the outcome of every unit depends on
}

// A made is what a unit gave that stands in files.
type made interface {
	Files(yield func(name, sha256 string))
}

// A record is what a unit gave.
type record[T any] struct {
	Rows    []T              `yaml:"rows"`
	Rejects []schemas.Reject `yaml:"rejects"`
}

// journal is an opened Journal.
type journal struct {
	Journal
	root store.Store
}

func (j Journal) open(ctx context.Context) (*journal, error) {
	if j.Folder == "" {
		return &journal{}, nil
	}
	root, err := store.Open(ctx, j.Root)
	return &journal{Journal: j, root: root}, err
}

// unit names a unit by what its outcome depends on beside the Basis. The values
// must hold no identity: the name is a plain digest.
func (j *journal) unit(of ...any) string {
	hash := sha256.New()
	if err := json.NewEncoder(hash).Encode(append([]any{j.Basis}, of...)); err != nil {
		panic("transforms: naming a unit of work: " + err.Error())
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// once returns what a unit gave in an earlier run, or does the work and
// remembers what it gave.
func once[T made](ctx context.Context, j *journal, unit string, work func() outcome[T]) outcome[T] {
	out, ok, err := recall[T](ctx, j, unit)
	switch {
	case err != nil:
		return outcome[T]{err: err}
	case ok:
		return out
	}
	if out = work(); out.err == nil {
		out.err = remember(ctx, j, unit, out)
	}
	return out
}

// has says whether a unit is remembered.
func (j *journal) has(ctx context.Context, unit string) (bool, error) {
	if j.Folder == "" || unit == "" {
		return false, nil
	}
	for _, folder := range append([]string{j.Folder}, j.Earlier...) {
		_, err := j.root.Stat(ctx, recordName(folder, unit))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err == nil, err
		}
	}
	return false, nil
}

// recall returns what a unit gave in an earlier run, if it is remembered and
// every file of it is still as it was written.
func recall[T made](ctx context.Context, j *journal, unit string) (out outcome[T], ok bool, err error) {
	if j.Folder == "" {
		return out, false, nil
	}
	for _, folder := range append([]string{j.Folder}, j.Earlier...) {
		data, err := store.ReadAll(ctx, j.root, recordName(folder, unit))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return out, false, fmt.Errorf("reading what an earlier run did: %w", err)
		}
		var r record[T]
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		decoder.KnownFields(true)
		if decoder.Decode(&r) != nil { // of another version: the work is done again
			continue
		}
		stands, err := j.stands(ctx, func(yield func(name, sha256 string)) {
			for _, row := range r.Rows {
				row.Files(yield)
			}
		})
		if err != nil {
			return out, false, err
		}
		if !stands {
			continue
		}
		if folder != j.Folder {
			if err := store.WriteAll(ctx, j.root, recordName(j.Folder, unit), data); err != nil {
				return out, false, fmt.Errorf("taking over what an earlier run did: %w", err)
			}
		}
		return outcome[T]{rows: r.Rows, rejects: r.Rejects, recalled: 1}, true, nil
	}
	return out, false, nil
}

// stands says whether the files hold the bytes that were written.
func (j *journal) stands(ctx context.Context, files func(yield func(name, sha256 string))) (ok bool, err error) {
	ok = true
	files(func(name, sum string) {
		if !ok || err != nil {
			return
		}
		var got string
		got, _, err = store.SHA256(ctx, j.root, name)
		if errors.Is(err, fs.ErrNotExist) {
			ok, err = false, nil
		}
		ok = ok && got == sum
	})
	if err != nil {
		return false, fmt.Errorf("checking what an earlier run wrote: %w", err)
	}
	return ok, nil
}

// remember commits what a unit gave, whose files are durable. What another try
// may change is not remembered.
func remember[T any](ctx context.Context, j *journal, unit string, out outcome[T]) error {
	if j.Folder == "" || slices.ContainsFunc(out.rejects, schemas.Reject.Passing) {
		return nil
	}
	data, err := yaml.Marshal(record[T]{out.rows, out.rejects})
	if err != nil {
		return fmt.Errorf("encoding what a unit of work gave: %w", err)
	}
	if err := store.WriteAll(ctx, j.root, recordName(j.Folder, unit), data); err != nil {
		return fmt.Errorf("remembering what was done: %w", err)
	}
	return nil
}

func recordName(folder, unit string) string { return folder + "/" + unit + ".yaml" }

// Remembered returns the SHA-256 of every file that the records of this run
// name, by its name.
func Remembered[T made](ctx context.Context, j Journal) (map[string]string, error) {
	opened, err := j.open(ctx)
	if err != nil || j.Folder == "" {
		return nil, err
	}
	sums := map[string]string{}
	for object, err := range opened.root.List(ctx, j.Folder+"/") {
		if err != nil {
			return nil, fmt.Errorf("listing what was done: %w", err)
		}
		data, err := store.ReadAll(ctx, opened.root, object.Name)
		if err != nil {
			return nil, fmt.Errorf("reading what was done: %w", err)
		}
		var r record[T]
		if err := yaml.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("reading what was done: %w", err)
		}
		for _, row := range r.Rows {
			row.Files(func(name, sha256 string) { sums[name] = sha256 })
		}
	}
	return sums, nil
}
