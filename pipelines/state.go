package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"ctcohort/io/store"
)

// dataVersion is raised when the same inputs and settings come to give other
// bytes, so that what an older version made is made again.
const dataVersion = 1

// A state is what a stage made, and from what, as digests. It is written as
// state/<stage>/_MANIFEST.json when all of that stands, and not before.
type state struct {
	Stage    string            `json:"stage"`
	Code     string            `json:"code"`     // version of what the stage does to data
	Settings map[string]string `json:"settings"` // that the outputs depend on, by key of the configuration
	Inputs   map[string]string `json:"inputs"`   // digest by name

	Rows  map[string]int `json:"rows"`  // that the stage wrote, by table
	Files []manifestFile `json:"files"` // parts of its tables, or the report
}

func stateFolder(stage string) string { return "state/" + stage + "/" }

func stateName(stage string) string { return stateFolder(stage) + "_MANIFEST.json" }

// readState returns the state of a stage, nil where it has not ended.
func readState(ctx context.Context, root store.Store, stage string) (*state, error) {
	data, err := store.ReadAll(ctx, root, stateName(stage))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the state of stage %s: %w", stage, err)
	}
	var s state
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("reading the state of stage %s: %w: run it with --force", stage, err)
	}
	return &s, nil
}

func (s state) write(ctx context.Context, root store.Store) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the state of stage %s: %w", s.Stage, err)
	}
	return store.WriteAll(ctx, root, stateName(s.Stage), append(data, '\n'))
}

// basis is the digest of what the stage does, whatever its inputs, but for the
// settings that choose among its units.
func (s state) basis(choosing ...string) string {
	settings := maps.Clone(s.Settings)
	for _, key := range choosing {
		delete(settings, key)
	}
	return digestOf(s.Stage, s.Code, settings)
}

// digest is that of all that the outputs depend on.
func (s state) digest() string { return digestOf(s.Stage, s.Code, s.Settings, s.Inputs) }

func digestOf(values ...any) string {
	text, err := json.Marshal(values) // maps are sorted
	if err != nil {
		panic("pipelines: a state that is no JSON: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// changes says in words what has changed since the state was written.
func (s state) changes(now state) []string {
	var found []string
	if s.Code != now.Code {
		found = append(found, fmt.Sprintf("what ctcohort does (version %s, now %s)", s.Code, now.Code))
	}
	for _, key := range keysOf(s.Settings, now.Settings) {
		was, is := s.Settings[key], now.Settings[key]
		switch {
		case was == is:
		case len(was)+len(is) > 100 || isDigest(was) || isDigest(is):
			found = append(found, key)
		default:
			found = append(found, fmt.Sprintf("%s (was %s, is %s)", key, orDash(was), orDash(is)))
		}
	}
	for _, key := range keysOf(s.Inputs, now.Inputs) {
		if s.Inputs[key] != now.Inputs[key] {
			found = append(found, key)
		}
	}
	return found
}

func isDigest(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) >= 32
}

func keysOf(a, b map[string]string) []string {
	all := maps.Clone(b)
	maps.Copy(all, a)
	return slices.Sorted(maps.Keys(all))
}

// settings flattens parts of the configuration, given by their keys, into single
// keys and values.
func settings(parts map[string]any) map[string]string {
	flat := map[string]string{}
	var walk func(key string, value any)
	walk = func(key string, value any) {
		if tree, ok := value.(map[string]any); ok {
			for name, below := range tree {
				walk(strings.TrimPrefix(key+"."+name, "."), below)
			}
			return
		}
		flat[key] = fmt.Sprint(value)
	}
	text, err := yaml.Marshal(parts)
	var tree map[string]any
	if err == nil {
		err = yaml.Unmarshal(text, &tree)
	}
	if err != nil {
		panic("pipelines: settings that are no YAML: " + err.Error())
	}
	walk("", tree)
	return flat
}
