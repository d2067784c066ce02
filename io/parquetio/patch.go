package parquetio

import (
	"fmt"
	"io"
	"iter"
	"reflect"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"ctcohort/schemas"
)

// patchGroup is the number of patches of a row group: what a reader must
// decompress to get at one of them.
const patchGroup = 4

// A PatchWriter streams patches of one size into a shard. It holds the image
// and label of up to 4 patches at a time, which must not change meanwhile.
type PatchWriter struct {
	out     *pqarrow.FileWriter
	columns []schemas.Column
	size    [3]int
	last    string // key of the last patch
	held    []schemas.Patch
	err     error
}

// NewPatchWriter starts a shard of patches of size x, y, z in voxels.
func NewPatchWriter(w io.Writer, size [3]int) (*PatchWriter, error) {
	if size[0] <= 0 || size[1] <= 0 || size[2] <= 0 {
		panic(fmt.Sprintf("parquetio: patches of size %v", size))
	}
	schema := schemas.Patches(size)
	// Patches hardly repeat and their bytes have no order: a dictionary and
	// statistics of the blobs would only cost.
	options := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(patchGroup),
		parquet.WithStatsFor("image", false), parquet.WithStatsFor("label", false),
	}
	out, err := newFile(w, schema, options...)
	if err != nil {
		return nil, fmt.Errorf("writing patches: %w", err)
	}
	columns := schemas.Columns[schemas.Patch]()
	for i := range columns {
		columns[i].Type = schema.Field(i).Type
	}
	return &PatchWriter{out: out, columns: columns, size: size}, nil
}

// Write adds a patch. Patches come in strictly rising order of Key, so that a
// shard's bytes depend on its patches alone.
func (w *PatchWriter) Write(p schemas.Patch) error {
	if w.err == nil {
		w.err = w.check(p)
	}
	if w.err != nil {
		return w.err
	}
	w.last = p.Key()
	w.held = append(w.held, p)
	if len(w.held) == patchGroup {
		w.err = w.flush()
	}
	return w.err
}

func (w *PatchWriter) check(p schemas.Patch) error {
	voxels := w.size[0] * w.size[1] * w.size[2]
	if [3]int{int(p.SizeX), int(p.SizeY), int(p.SizeZ)} != w.size || len(p.Image) != 2*voxels || len(p.Label) != voxels {
		return fmt.Errorf("writing patches: a patch of size %d,%d,%d with %d and %d bytes in a shard of size %v",
			p.SizeX, p.SizeY, p.SizeZ, len(p.Image), len(p.Label), w.size)
	}
	if p.Key() <= w.last {
		return fmt.Errorf("writing patches: patch %d comes out of order", p.Index)
	}
	return nil
}

func (w *PatchWriter) flush() error {
	rows := make([]reflect.Value, len(w.held))
	for i := range w.held {
		rows[i] = reflect.ValueOf(&w.held[i]).Elem()
	}
	if err := appendGroup(w.out, w.columns, rows); err != nil {
		return fmt.Errorf("writing patches: %w", err)
	}
	w.held = w.held[:0]
	return nil
}

// Close writes what is held and the file's end. It does not close what it writes to.
func (w *PatchWriter) Close() error {
	if w.err == nil && len(w.held) > 0 {
		w.err = w.flush()
	}
	if w.err != nil {
		return w.err
	}
	if err := w.out.Close(); err != nil {
		return fmt.Errorf("writing patches: %w", err)
	}
	return nil
}

// ReadPatches yields the patches of a shard of size bytes, holding one row
// group at a time.
func ReadPatches(r io.ReaderAt, size int64) iter.Seq2[schemas.Patch, error] {
	return func(yield func(schemas.Patch, error) bool) {
		for group, err := range groups[schemas.Patch](r, size) {
			if err != nil {
				yield(schemas.Patch{}, err)
				return
			}
			for _, p := range group {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}
