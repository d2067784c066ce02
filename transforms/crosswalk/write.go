package crosswalk

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"filippo.io/age"

	"ctcohort/io/store"
)

// maxRows bounds the rows that wait for being written: some 5 MiB.
const maxRows = 10_000

const partPrefix, partSuffix = "part-", ".csv.age"

// Writer gathers rows and writes them encrypted. It is safe for concurrent use.
type Writer struct {
	place      store.Store
	recipients []age.Recipient
	digest     func(plain []byte) [32]byte

	mu   sync.Mutex
	rows map[Row]struct{}
}

// NewWriter returns a Writer of parts in a place. A part's name is the digest of
// its rows, which must be keyed, so that it tells nothing, and depend on nothing
// else, so that the same rows written again replace the same part.
func NewWriter(ctx context.Context, place store.Store, recipients []string, digest func(plain []byte) [32]byte) (*Writer, error) {
	w := &Writer{place: place, digest: digest, rows: map[Row]struct{}{}}
	for i, text := range recipients {
		r, err := age.ParseX25519Recipient(text)
		if err != nil {
			return nil, fmt.Errorf("opening the crosswalk: recipient %d is no age recipient (age1…)", i+1)
		}
		w.recipients = append(w.recipients, r)
	}
	if err := w.encrypt(io.Discard, nil); err != nil {
		return nil, fmt.Errorf("opening the crosswalk: %w", err)
	}
	// A folder that cannot be written is told before the work, not after it.
	trial, err := place.Create(ctx, partPrefix+"0"+partSuffix)
	if err != nil {
		return nil, fmt.Errorf("opening the crosswalk: %w", err)
	}
	trial.Abort()
	return w, nil
}

// Add adds a row, and writes a part when enough have gathered.
func (w *Writer) Add(ctx context.Context, r Row) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rows[r.plain()] = struct{}{}
	if len(w.rows) < maxRows {
		return nil
	}
	return w.flush(ctx)
}

// Flush writes what was added and is not yet written, as one part.
func (w *Writer) Flush(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush(ctx)
}

func (w *Writer) flush(ctx context.Context) error {
	if len(w.rows) == 0 {
		return nil
	}
	var plain bytes.Buffer
	if err := WriteCSV(&plain, merged(w.rows)); err != nil {
		return fmt.Errorf("encoding the crosswalk: %w", err)
	}
	digest := w.digest(plain.Bytes())
	if err := w.part(ctx, partPrefix+hex.EncodeToString(digest[:16])+partSuffix, plain.Bytes()); err != nil {
		return fmt.Errorf("writing the crosswalk: %w", err)
	}
	clear(w.rows)
	return nil
}

func (w *Writer) part(ctx context.Context, name string, plain []byte) error {
	object, err := w.place.Create(ctx, name)
	if err != nil {
		return err
	}
	defer object.Abort()
	if err := w.encrypt(object, plain); err != nil {
		return err
	}
	return object.Commit()
}

func (w *Writer) encrypt(out io.Writer, plain []byte) error {
	sealed, err := age.Encrypt(out, w.recipients...)
	if err != nil {
		return fmt.Errorf("encrypting: %w", err)
	}
	if _, err := sealed.Write(plain); err != nil {
		return fmt.Errorf("encrypting: %w", err)
	}
	return sealed.Close()
}
