package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/iterator"
)

// A bucket is a store of the objects below a prefix of a Cloud Storage bucket.
type bucket struct {
	name   string
	prefix string // empty, or ending in a slash
}

func openBucket(name, prefix string) (*bucket, error) {
	if name == "" {
		return nil, errors.New("opening a store: no bucket in the gs:// URI")
	}
	if prefix != "" {
		prefix += "/"
	}
	return &bucket{name: name, prefix: prefix}, nil
}

// client returns the process's one client: its connections and its token are
// shared. Tests point STORAGE_EMULATOR_HOST to one server after another, so
// there is one for each value of it.
func client() (*storage.Client, error) {
	clients.Lock()
	defer clients.Unlock()
	host := os.Getenv("STORAGE_EMULATOR_HOST")
	if c := clients.byHost[host]; c != nil {
		return c, nil
	}
	// The client outlives the context of whoever asks first.
	c, err := storage.NewClient(context.Background(), storage.WithJSONReads())
	if err != nil {
		return nil, fmt.Errorf("connecting to Cloud Storage: %w", scrub(err))
	}
	// Every request here may be repeated: reads, writes with a precondition, and
	// deletions, where the second finds nothing.
	c.SetRetry(
		storage.WithPolicy(storage.RetryAlways),
		storage.WithBackoff(gax.Backoff{Initial: 200 * time.Millisecond, Max: 20 * time.Second, Multiplier: 2}),
		storage.WithMaxAttempts(10),
	)
	clients.byHost[host] = c
	return c, nil
}

var clients = struct {
	sync.Mutex
	byHost map[string]*storage.Client
}{byHost: map[string]*storage.Client{}}

func (b *bucket) object(name string) (*storage.ObjectHandle, error) {
	if name == "" || strings.HasSuffix(name, "/") {
		return nil, ErrName
	}
	c, err := client()
	if err != nil {
		return nil, err
	}
	return c.Bucket(b.name).Object(b.prefix + name), nil
}

// scrub keeps the names of the object and of the root out of an error.
func (b *bucket) scrub(err error, name string) error {
	if errors.Is(err, storage.ErrObjectNotExist) {
		return fs.ErrNotExist
	}
	return scrub(err, name, b.prefix, b.name)
}

func (b *bucket) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		c, err := client()
		if err != nil {
			yield(Object{}, err)
			return
		}
		query := &storage.Query{Prefix: b.prefix + prefix, Projection: storage.ProjectionNoACL}
		if err := query.SetAttrSelection([]string{"Name", "Size", "CRC32C"}); err != nil {
			panic("store: " + err.Error())
		}
		objects := c.Bucket(b.name).Objects(ctx, query)
		for {
			attrs, err := objects.Next()
			if err == iterator.Done {
				return
			}
			if err != nil {
				yield(Object{}, fmt.Errorf("listing a store: %w", b.scrub(err, prefix)))
				return
			}
			name := strings.TrimPrefix(attrs.Name, b.prefix)
			if name == "" || strings.HasSuffix(name, "/") {
				continue // a console's placeholder of a folder
			}
			if !yield(Object{Name: name, Size: attrs.Size, Version: fmt.Sprintf("%08x", attrs.CRC32C)}, nil) {
				return
			}
		}
	}
}

func (b *bucket) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	return b.read(ctx, name, 0, -1)
}

func (b *bucket) ReadRange(ctx context.Context, name string, off, length int64) (io.ReadCloser, error) {
	if off < 0 {
		return nil, fmt.Errorf("reading a range of an object: offset %d", off)
	}
	if length == 0 {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if length < 0 {
		length = -1
	}
	return b.read(ctx, name, off, length)
}

func (b *bucket) read(ctx context.Context, name string, off, length int64) (io.ReadCloser, error) {
	object, err := b.object(name)
	if err != nil {
		return nil, fmt.Errorf("opening an object: %w", err)
	}
	// The reader resumes where a body was cut, on the same generation, and checks
	// the CRC32C at the end of the whole.
	r, err := object.NewRangeReader(ctx, off, length)
	if off > 0 && isStatus(err, http.StatusRequestedRangeNotSatisfiable) { // behind the end
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening an object: %w", b.scrub(err, name))
	}
	return &remoteFile{reader: r, bucket: b, name: name}, nil
}

// A remoteFile is an object that is being read; its errors hold no name.
type remoteFile struct {
	reader *storage.Reader
	bucket *bucket
	name   string
}

func (r *remoteFile) Read(p []byte) (int, error) {
	n, err := r.reader.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("reading an object: %w", r.bucket.scrub(err, r.name))
	}
	return n, err
}

func (r *remoteFile) Close() error { return r.reader.Close() }

func (r *remoteFile) size() int64 { return r.reader.Remain() }

func (b *bucket) Stat(ctx context.Context, name string) (Object, error) {
	object, err := b.object(name)
	if err != nil {
		return Object{}, fmt.Errorf("describing an object: %w", err)
	}
	attrs, err := object.Attrs(ctx)
	if err != nil {
		return Object{}, fmt.Errorf("describing an object: %w", b.scrub(err, name))
	}
	return Object{Name: name, Size: attrs.Size}, nil
}

func (b *bucket) Remove(ctx context.Context, name string) error {
	object, err := b.object(name)
	if err != nil {
		return fmt.Errorf("removing an object: %w", err)
	}
	if err := object.Delete(ctx); err != nil && !errors.Is(err, storage.ErrObjectNotExist) {
		return fmt.Errorf("removing an object: %w", b.scrub(err, name))
	}
	return nil
}

// Sync has nothing to do: what a bucket accepted is durable.
func (b *bucket) Sync(ctx context.Context) error { return ctx.Err() }

// Sweep has nothing to do: an upload that was not finished is not an object.
func (b *bucket) Sweep(ctx context.Context, prefix string) error { return ctx.Err() }
