package parquetio

import (
	"fmt"
	"io"
	"iter"
	"reflect"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"ctcohort/schemas"
)

// patchGroup is the number of patches of a row group or record batch: what a
// reader must take in to get at one of them.
const patchGroup = 4

// A PatchWriter streams patches of one size into a shard. It holds the image
// and label of up to 4 patches at a time, which must not change meanwhile.
type PatchWriter struct {
	out  groupWriter
	size [3]int
	last string // key of the last patch
	held []schemas.Patch
	err  error
}

// A groupWriter writes patches that are read together.
type groupWriter interface {
	write(patches []schemas.Patch) error
	Close() error
}

// NewPatchWriter starts a shard of patches of size x, y, z in voxels, in one of
// the formats of package schemas.
func NewPatchWriter(w io.Writer, size [3]int, format string) (*PatchWriter, error) {
	if size[0] <= 0 || size[1] <= 0 || size[2] <= 0 {
		panic(fmt.Sprintf("parquetio: patches of size %v", size))
	}
	var out groupWriter
	var err error
	switch format {
	case schemas.PatchParquet:
		out, err = newParquetGroups(w, schemas.Patches(size))
	case schemas.PatchArrow:
		out, err = newBatches(w, schemas.Patches(size))
	case schemas.PatchTensor:
		out, err = newBatches(w, schemas.PatchTensors(size))
	default:
		panic(fmt.Sprintf("parquetio: format %q", format))
	}
	if err != nil {
		return nil, fmt.Errorf("writing patches: %w", err)
	}
	return &PatchWriter{out: out, size: size}, nil
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
	if err := w.out.write(w.held); err != nil {
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

// parquetGroups writes patches as row groups.
type parquetGroups struct {
	*pqarrow.FileWriter
	columns []schemas.Column
}

func newParquetGroups(w io.Writer, schema *arrow.Schema) (*parquetGroups, error) {
	// Patches hardly repeat and their bytes have no order: a dictionary and
	// statistics of the blobs would only cost.
	out, err := newFile(w, schema,
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(patchGroup),
		parquet.WithStatsFor("image", false), parquet.WithStatsFor("label", false))
	return &parquetGroups{out, patchColumns(schema)}, err
}

func (g *parquetGroups) write(patches []schemas.Patch) error {
	return appendGroup(g.FileWriter, g.columns, patchRows(patches))
}

// patchColumns are the columns of a patch with the types of the schema.
func patchColumns(schema *arrow.Schema) []schemas.Column {
	columns := schemas.Columns[schemas.Patch]()
	for i := range columns {
		columns[i].Type = schema.Field(i).Type
	}
	return columns
}

func patchRows(patches []schemas.Patch) []reflect.Value {
	rows := make([]reflect.Value, len(patches))
	for i := range patches {
		rows[i] = reflect.ValueOf(&patches[i]).Elem()
	}
	return rows
}

// ReadPatches yields the patches of a Parquet shard of size bytes, holding one
// row group at a time.
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
