package transforms

import (
	"context"
	"fmt"
	"sync"
	"weak"

	"ctcohort/io/store"
	"ctcohort/transforms/deid"
)

// tables are the link tables that some stage of the process uses, by URI.
var tables = struct {
	sync.Mutex
	byURI map[string]weak.Pointer[deid.Links]
}{byURI: map[string]weak.Pointer[deid.Links]{}}

// LoadLinks returns the link table at a URI, and nil for none. Only the URI
// travels with a pipeline; a process reads the table once for all that use it.
// A local file that others than its owner may read is refused.
func LoadLinks(ctx context.Context, uri string) (*deid.Links, error) {
	if uri == "" {
		return nil, nil
	}
	tables.Lock()
	defer tables.Unlock()
	if links := tables.byURI[uri].Value(); links != nil {
		return links, nil
	}
	file, err := store.OpenPrivate(ctx, uri)
	if err != nil {
		return nil, fmt.Errorf("reading the link table: %w", err)
	}
	defer file.Close()
	links, err := deid.ParseLinks(file)
	if err != nil {
		return nil, err
	}
	tables.byURI[uri] = weak.Make(links)
	return links, nil
}
