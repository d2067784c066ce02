package transforms

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"ctcohort/io/secret"
	"ctcohort/io/store"
	"ctcohort/transforms/deid"
)

// LoadKey returns the key that a reference names: file:PATH, file:gs://BUCKET/OBJECT,
// env:NAME or gcp-secret:projects/P/secrets/S/versions/N. Only the reference travels with a
// pipeline, never the key.
func LoadKey(ctx context.Context, reference string) ([]byte, error) {
	kind, name, _ := strings.Cut(reference, ":")
	var data []byte
	switch kind {
	case "file":
		if !strings.HasPrefix(name, "gs://") {
			return deid.LoadKey(name)
		}
		var err error
		if data, err = store.ReadURI(ctx, name); err != nil {
			return nil, fmt.Errorf("reading the pseudonym key: %w", err)
		}
	case "env":
		data = []byte(os.Getenv(name))
	case "gcp-secret":
		var err error
		if data, err = secret.Access(ctx, name); err != nil {
			return nil, fmt.Errorf("reading the pseudonym key: %w", err)
		}
	default:
		return nil, errors.New("reading the pseudonym key: the reference must be file:PATH, env:NAME or gcp-secret:projects/P/secrets/S/versions/N")
	}
	key, err := deid.ParseKey(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", reference, err)
	}
	return key, nil
}
