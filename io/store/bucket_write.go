package store

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"os"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

// inMemory is how much of an object is held in memory before the rest goes to a
// nameless temporary file. Slices and tables fit; volumes and shards do not.
const inMemory = 16 << 20

// A bucketWriter gathers the object here and uploads it at Commit, so that its
// checksums go ahead of it, every attempt sends it whole, and an abandoned
// object has never left the machine.
type bucketWriter struct {
	ctx    context.Context
	bucket *bucket
	name   string
	object *storage.ObjectHandle
	head   bytes.Buffer
	tail   *os.File
	bytes  int64
	crc    hash.Hash32
	md5    hash.Hash
	err    error
	done   bool
}

func (b *bucket) Create(ctx context.Context, name string) (Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("creating an object: %w", err)
	}
	if err := checkWritable(name); err != nil {
		return nil, fmt.Errorf("creating an object: %w", err)
	}
	if len(b.prefix)+len(name) > maxName {
		return nil, fmt.Errorf("creating an object: %w", ErrName)
	}
	object, err := b.object(name)
	if err != nil {
		return nil, fmt.Errorf("creating an object: %w", err)
	}
	return &bucketWriter{
		ctx: ctx, bucket: b, name: name, object: object,
		crc: crc32.New(crc32.MakeTable(crc32.Castagnoli)), md5: md5.New(),
	}, nil
}

func (w *bucketWriter) Write(p []byte) (int, error) {
	if w.done {
		return 0, fmt.Errorf("writing an object: %w", fs.ErrClosed)
	}
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err == nil {
		if err := w.gather(p); err != nil {
			w.err = fmt.Errorf("writing an object: %w", scrub(err))
		}
	}
	if w.err != nil {
		return 0, w.err
	}
	w.crc.Write(p)
	w.md5.Write(p)
	w.bytes += int64(len(p))
	return len(p), nil
}

func (w *bucketWriter) gather(p []byte) error {
	if w.tail == nil && w.head.Len()+len(p) <= inMemory {
		w.head.Write(p)
		return nil
	}
	if w.tail == nil {
		file, err := os.CreateTemp("", "ctcohort-*.tmp")
		if err != nil {
			return err
		}
		w.tail = file
		if err := os.Remove(file.Name()); err != nil {
			return err
		}
	}
	_, err := w.tail.Write(p)
	return err
}

func (w *bucketWriter) Commit() error {
	if w.done {
		return fmt.Errorf("committing an object: %w", fs.ErrClosed)
	}
	defer w.Abort()
	if w.err != nil {
		return fmt.Errorf("committing an object: %w", w.err)
	}
	if err := w.commit(); err != nil {
		return fmt.Errorf("committing an object: %w", w.bucket.scrub(err, w.name))
	}
	return nil
}

// commit creates the object where there is none, leaves it where it has these
// very bytes, perhaps from an attempt whose answer was lost, and otherwise
// replaces the generation that it found.
func (w *bucketWriter) commit() error {
	condition := storage.Conditions{DoesNotExist: true}
	var err error
	for range 20 { // each time, somebody else committed in between
		if err = w.upload(condition); !isStatus(err, http.StatusPreconditionFailed) {
			return err
		}
		attrs, statErr := w.object.Attrs(w.ctx)
		switch {
		case errors.Is(statErr, storage.ErrObjectNotExist):
			condition = storage.Conditions{DoesNotExist: true}
		case statErr != nil:
			return statErr
		case w.equals(attrs):
			return nil
		default:
			condition = storage.Conditions{GenerationMatch: attrs.Generation}
		}
	}
	return err
}

// equals compares by checksums. A composed object, which ctcohort does not
// write, has no MD5 and is replaced.
func (w *bucketWriter) equals(attrs *storage.ObjectAttrs) bool {
	return attrs.Size == w.bytes && attrs.CRC32C == w.crc.Sum32() && bytes.Equal(attrs.MD5, w.md5.Sum(nil))
}

func (w *bucketWriter) upload(condition storage.Conditions) error {
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel() // on an error too: Close would commit what came through
	u := w.object.If(condition).NewWriter(ctx)
	u.CRC32C, u.SendCRC32C = w.crc.Sum32(), true
	u.MD5 = w.md5.Sum(nil)
	u.ContentType = "application/octet-stream"
	u.ChunkSize = chunkSize(w.bytes)
	content := io.Reader(bytes.NewReader(w.head.Bytes()))
	if w.tail != nil {
		content = io.MultiReader(content, io.NewSectionReader(w.tail, 0, w.bytes-int64(w.head.Len())))
	}
	if _, err := io.Copy(u, content); err != nil {
		return err
	}
	return u.Close()
}

// chunkSize is a multiple of 256 KiB that holds a small object whole: it is
// then one request, and its buffer no larger than it needs to be.
func chunkSize(n int64) int {
	const unit = 256 << 10
	return int(min(n/unit+1, inMemory/unit)) * unit
}

func (w *bucketWriter) Abort() {
	w.done = true
	w.head = bytes.Buffer{}
	if w.tail != nil {
		w.tail.Close()
		w.tail = nil
	}
}

func isStatus(err error, code int) bool {
	var status *googleapi.Error
	return errors.As(err, &status) && status.Code == code
}
