package test

import (
	"os"
	"testing"
)

// slow skips a test that takes ten seconds or more, unless CTCOHORT_SLOW is set,
// as `make test-go` does: `go test ./...` stays under two minutes.
func slow(t *testing.T) {
	t.Helper()
	if os.Getenv("CTCOHORT_SLOW") == "" {
		t.Skip("a slow test: set CTCOHORT_SLOW=1, or run `make test-go`")
	}
}
