package transforms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"ctcohort/io/store"
	"ctcohort/schemas"
)

// An output is the file that an input becomes: written as a stream, with its
// size and digest, and visible only when it is committed.
type output struct {
	ctx  context.Context
	root store.Store

	name   string
	file   store.Writer
	digest hash.Hash
	bytes  int64
	err    error // of the storage, which must stop the run: it is not the input's fault
}

func (o *output) create(name string) error {
	o.name, o.digest = name, sha256.New()
	o.file, o.err = o.root.Create(o.ctx, name)
	return o.err
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	o.digest.Write(p[:n])
	o.bytes += int64(n)
	if err != nil {
		o.err = err
	}
	return n, err
}

// commit makes the file visible and completes its row.
func (o *output) commit(row schemas.Instance) outcome[schemas.Instance] {
	if err := o.file.Commit(); err != nil {
		return outcome[schemas.Instance]{err: fmt.Errorf("writing a de-identified file: %w", err)}
	}
	row.URI, row.Bytes, row.SHA256, row.Status = o.name, o.bytes, hex.EncodeToString(o.digest.Sum(nil)), "ok"
	return outcome[schemas.Instance]{rows: []schemas.Instance{row}}
}

// abort discards a file that was not committed.
func (o *output) abort() {
	if o.file != nil {
		o.file.Abort()
	}
}
