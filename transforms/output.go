package transforms

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"sync"

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
	small  *bufio.Writer // joins headers and small fragments; large parts go past it
	digest hash.Hash
	bytes  int64
	err    error // of the storage, which must stop the run: it is not the input's fault
}

var smallBuffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 32<<10) }}

func (o *output) create(name string) error {
	o.name, o.digest = name, sha256.New()
	if o.file, o.err = o.root.Create(o.ctx, name); o.err != nil {
		return o.err
	}
	o.small = smallBuffers.Get().(*bufio.Writer)
	o.small.Reset(stored{o})
	return nil
}

func (o *output) Write(p []byte) (int, error) { return o.small.Write(p) }

// stored is the file behind the buffer.
type stored struct{ *output }

func (o stored) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	o.digest.Write(p[:n])
	o.bytes += int64(n)
	if err != nil {
		o.output.err = err
	}
	return n, err
}

// commit makes the file visible and completes its row.
func (o *output) commit(row schemas.Instance) outcome[schemas.Instance] {
	err := o.small.Flush()
	if err == nil {
		err = o.file.Commit()
	}
	if err != nil {
		return outcome[schemas.Instance]{err: fmt.Errorf("writing a de-identified file: %w", err)}
	}
	row.URI, row.Bytes, row.SHA256, row.Status = o.name, o.bytes, hex.EncodeToString(o.digest.Sum(nil)), "ok"
	return outcome[schemas.Instance]{rows: []schemas.Instance{row}}
}

// abort discards a file that was not committed, and what wrote it.
func (o *output) abort() {
	if o.file != nil {
		o.file.Abort()
	}
	if o.small != nil {
		o.small.Reset(nil)
		smallBuffers.Put(o.small)
		o.small = nil
	}
}
