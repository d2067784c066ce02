package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"ctcohort/io/store"
	"ctcohort/transforms/tile"
)

// A manifest lists the files of a dataset with their digests. It is written as
// _SUCCESS when the dataset is complete, and not before.
type manifest struct {
	Files []manifestFile `json:"files"`
}

type manifestFile struct {
	Name   string `json:"name"` // relative to the root
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// folder is where a dataset lies: the training patches, the report, or a table.
func folder(dataset string) string {
	if dataset == patchesName || dataset == reportName {
		return dataset + "/"
	}
	return "tables/" + dataset + "/"
}

func successName(dataset string) string { return folder(dataset) + "_SUCCESS" }

// readManifest returns the manifest of a table, or an incompleteError.
func readManifest(ctx context.Context, root store.Store, table string) (manifest, error) {
	var m manifest
	data, err := store.ReadAll(ctx, root, successName(table))
	if errors.Is(err, fs.ErrNotExist) {
		return m, incompleteError{table}
	}
	if err != nil {
		return m, fmt.Errorf("reading the manifest of table %s: %w", table, err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("reading the manifest of table %s: %w", table, err)
	}
	return m, nil
}

// writeManifest lists the parts of a dataset and marks it complete.
func writeManifest(ctx context.Context, root store.Store, dataset string) error {
	_, err := markComplete(ctx, root, dataset, nil)
	return err
}

// markComplete is writeManifest, and returns what it wrote. Parts whose digests
// are known, by name, are not read.
func markComplete(ctx context.Context, root store.Store, dataset string, known map[string]string) (manifest, error) {
	m := manifest{Files: []manifestFile{}}
	for object, err := range root.List(ctx, folder(dataset)) {
		if err != nil {
			return m, fmt.Errorf("listing the parts of %s: %w", dataset, err)
		}
		if dataset != reportName && !tile.IsShard(object.Name) {
			continue
		}
		sum := known[object.Name]
		if sum == "" {
			if sum, _, err = store.SHA256(ctx, root, object.Name); err != nil {
				return m, err
			}
		}
		m.Files = append(m.Files, manifestFile{Name: object.Name, Bytes: object.Size, SHA256: sum})
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, fmt.Errorf("encoding the manifest of %s: %w", dataset, err)
	}
	return m, store.WriteAll(ctx, root, successName(dataset), append(data, '\n'))
}
