package transforms

import (
	"fmt"
	"os"
	"strings"

	"ctcohort/transforms/deid"
)

// LoadKey returns the key that a reference names: file:PATH or env:NAME. Only
// the reference travels with a pipeline, never the key.
func LoadKey(reference string) ([]byte, error) {
	kind, name, _ := strings.Cut(reference, ":")
	switch kind {
	case "file":
		return deid.LoadKey(name)
	case "env":
		key := []byte(os.Getenv(name))
		if len(key) < deid.MinKeyBytes {
			return nil, fmt.Errorf("reading the pseudonym key: variable %s holds %d bytes; set it to at least %d random ones", name, len(key), deid.MinKeyBytes)
		}
		return key, nil
	}
	return nil, fmt.Errorf("reading the pseudonym key: the reference must be file:PATH or env:NAME")
}
