package transforms

import (
	"bytes"
	"io"
	"reflect"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/coder"
)

// registerElement makes T, a struct, a type of elements. It is stored as Beam's
// rows are, but as one opaque value to the runner: those in Java decode rows
// themselves between stages, and refuse the negative 32-bit integers of the Go
// SDK (2.77), which writes them as 64 bits.
func registerElement[T any]() {
	beam.RegisterCoder(reflect.TypeFor[T](), encodeElement, decodeElement)
}

type (
	rowEncoder func(any, io.Writer) error
	rowDecoder func(io.Reader) (any, error)
)

var rowEncoders, rowDecoders sync.Map // by reflect.Type; making one takes longer than using it

func encodeElement(element beam.T) ([]byte, error) {
	t := reflect.TypeOf(element)
	encode, ok := rowEncoders.Load(t)
	if !ok {
		made, err := coder.RowEncoderForStruct(t)
		if err != nil {
			return nil, err
		}
		encode, _ = rowEncoders.LoadOrStore(t, rowEncoder(made))
	}
	var row bytes.Buffer
	err := encode.(rowEncoder)(element, &row)
	return row.Bytes(), err
}

func decodeElement(t reflect.Type, row []byte) (beam.T, error) {
	decode, ok := rowDecoders.Load(t)
	if !ok {
		made, err := coder.RowDecoderForStruct(t)
		if err != nil {
			return nil, err
		}
		decode, _ = rowDecoders.LoadOrStore(t, rowDecoder(made))
	}
	return decode.(rowDecoder)(bytes.NewReader(row))
}
