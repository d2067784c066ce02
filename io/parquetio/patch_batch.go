package parquetio

import (
	"errors"
	"io"
	"reflect"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"ctcohort/schemas"
)

// batches writes patches as record batches of an Arrow IPC file. Its buffers
// begin at multiples of 8 bytes, so that a reader which maps the file has the
// voxels of a batch as one array, without a copy.
type batches struct {
	*ipc.FileWriter
	schema  *arrow.Schema
	columns []schemas.Column
}

func newBatches(w io.Writer, schema *arrow.Schema) (*batches, error) {
	out, err := ipc.NewFileWriter(&counted{w: w}, ipc.WithSchema(schema))
	return &batches{out, schema, patchColumns(schema)}, err
}

func (b *batches) write(patches []schemas.Patch) error {
	rows := patchRows(patches)
	arrays := make([]arrow.Array, len(b.columns))
	for i, c := range b.columns {
		arrays[i] = batchColumn(c, rows)
	}
	return b.FileWriter.Write(array.NewRecord(b.schema, arrays, int64(len(rows))))
}

// batchColumn returns a column of the rows. The voxels of a tensor are the
// values of a list of fixed length.
func batchColumn(c schemas.Column, rows []reflect.Value) arrow.Array {
	list, ok := c.Type.(*arrow.FixedSizeListType)
	if !ok {
		builder := array.NewBuilder(memory.DefaultAllocator, c.Type)
		builder.Reserve(len(rows))
		for _, row := range rows {
			appendValue(builder, row.Field(c.Field))
		}
		return builder.NewArray()
	}
	var voxels []byte
	for _, row := range rows {
		voxels = append(voxels, row.Field(c.Field).Bytes()...)
	}
	values := array.NewData(list.Elem(), len(rows)*int(list.Len()), []*memory.Buffer{nil, memory.NewBufferBytes(voxels)}, nil, 0, 0)
	return array.MakeFromData(array.NewData(list, len(rows), []*memory.Buffer{nil}, []arrow.ArrayData{values}, 0, 0))
}

// counted is a writer that knows its position, as the IPC writer asks for
// nothing else of a place to seek in.
type counted struct {
	w        io.Writer
	position int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.position += int64(n)
	return n, err
}

func (c *counted) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.New("a stream cannot be moved in")
	}
	return c.position, nil
}
