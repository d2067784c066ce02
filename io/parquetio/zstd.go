package parquetio

import (
	"sync"
	_ "unsafe" // for go:linkname

	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

// codecs are Arrow's, which lets none be registered.
//
//go:linkname codecs github.com/apache/arrow/go/v15/parquet/compress.codecs
var codecs map[compress.Compression]compress.Codec

func init() {
	codecs[compress.Codecs.Zstd] = sharedZstd{codecs[compress.Codecs.Zstd]}
}

// sharedZstd compresses the same bytes to the same as Arrow's own codec, which
// makes new encoders, one a core, for each page: of a table with few rows that is
// nearly all the work, and on many cores gigabytes of garbage. BenchmarkWrite has
// the figures.
type sharedZstd struct{ compress.Codec }

func (sharedZstd) EncodeLevel(dst, src []byte, level int) []byte {
	return encoderOf(zstd.EncoderLevelFromZstd(level)).EncodeAll(src, dst[:0])
}

var encoders sync.Map // zstd.EncoderLevel → *zstd.Encoder

func encoderOf(level zstd.EncoderLevel) *zstd.Encoder {
	if e, ok := encoders.Load(level); ok {
		return e.(*zstd.Encoder)
	}
	e, err := zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderLevel(level))
	if err != nil {
		panic("parquetio: " + err.Error())
	}
	shared, _ := encoders.LoadOrStore(level, e)
	return shared.(*zstd.Encoder)
}
