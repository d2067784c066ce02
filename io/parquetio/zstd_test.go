package parquetio

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/parquet/compress"

	"ctcohort/schemas"
)

// TestSharedZstd: encoders that are used again, by several at once, give the
// bytes that Arrow's new ones give.
func TestSharedZstd(t *testing.T) {
	ours, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		t.Fatal(err)
	}
	shared, ok := ours.(sharedZstd)
	if !ok {
		t.Fatalf("Arrow compresses with %T", ours)
	}
	var group sync.WaitGroup
	for n := range 24 {
		group.Add(1)
		go func() {
			defer group.Done()
			rng := rand.New(rand.NewSource(int64(n)))
			page := make([]byte, rng.Intn(1<<(n%12+9)))
			for i := range page {
				page[i] = byte(rng.Intn(n + 2))
			}
			for _, level := range []int{1, 3} {
				got, want := shared.EncodeLevel(nil, page, level), shared.Codec.EncodeLevel(nil, page, level)
				if !bytes.Equal(got, want) {
					t.Errorf("%d bytes, level %d: %d bytes that differ from Arrow's %d", len(page), level, len(got), len(want))
				}
			}
		}()
	}
	group.Wait()
}

// BenchmarkWrite writes a small table, with Arrow's own codec and with the shared encoders.
func BenchmarkWrite(b *testing.B) {
	rows := make([]schemas.Instance, 150)
	for i := range rows {
		rows[i] = schemas.Instance{InputHMAC: fmt.Sprintf("%032x", i), Cohort: "china", PatientID: "p", SOPUID: fmt.Sprintf("2.25.%d", i), Status: "ok"}
	}
	shared := codecs[compress.Codecs.Zstd].(sharedZstd)
	defer func() { codecs[compress.Codecs.Zstd] = shared }()
	for name, codec := range map[string]compress.Codec{"arrow": shared.Codec, "shared": shared} {
		b.Run(name, func(b *testing.B) {
			codecs[compress.Codecs.Zstd] = codec
			b.ReportAllocs()
			for b.Loop() {
				if err := Write(io.Discard, rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
