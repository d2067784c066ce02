package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ctcohort/io/duckdb"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms/views"
)

// Views returns the SQL of DuckDB views over the complete tables under the
// job's root.
func Views(ctx context.Context, j Job) (string, error) {
	tables, _, err := queried(ctx, j)
	if err != nil {
		return "", err
	}
	return views.SQL(strings.TrimSuffix(j.In, "/"), tables), nil
}

// Query runs SQL over the complete tables under the job's root and writes the
// result in one of duckdb.Formats. The tables of a bucket, without the patches,
// are copied to a folder for temporary files first.
func Query(ctx context.Context, j Job, sql, format string, w io.Writer) error {
	program, err := duckdb.Find()
	if err != nil {
		return err
	}
	tables, files, err := queried(ctx, j)
	if err != nil {
		return err
	}
	root := strings.TrimSuffix(j.In, "/")
	if strings.HasPrefix(root, "gs://") {
		tables = slices.DeleteFunc(tables, func(table string) bool { return table == patchesName })
		if root, err = os.MkdirTemp("", "ctcohort-query-"); err != nil {
			return fmt.Errorf("making a folder for the tables: %w", err)
		}
		defer os.RemoveAll(root)
		if err := fetch(ctx, j.In, root, files); err != nil {
			return err
		}
	} else if root, err = filepath.Abs(root); err != nil { // what begins with a word and a colon would be read as a URI
		return fmt.Errorf("finding the root: %w", err)
	}
	err = duckdb.Query(ctx, program, views.SQL(root, tables), sql, format, w)
	if fault := (duckdb.Error{}); errors.As(err, &fault) {
		if found := absent.FindStringSubmatch(fault.Text); found != nil {
			if table, ok := views.TableOf(found[1]); ok {
				return incompleteError{table}
			}
		}
		if found := older.FindStringSubmatch(fault.Text); found != nil {
			return fmt.Errorf("table %s has no column %s: another version of ctcohort wrote it; run its stage again, or query with that version", found[1], found[2])
		}
	}
	return err
}

// What DuckDB says of a view that is not there, and of a column that the
// comments on a view name and its table lacks.
var (
	absent = regexp.MustCompile(`^Catalog Error: Table with name (\w+) does not exist`)
	older  = regexp.MustCompile(`^Binder Error: View "(\w+)" does not have a column with name "(\w+)"`)
)

// queried returns the complete tables, and the files of those that are not
// patches. Patches count only where they are Parquet, which is what DuckDB reads.
func queried(ctx context.Context, j Job) (tables, files []string, err error) {
	root, err := store.Open(ctx, j.In)
	if err != nil {
		return nil, nil, err
	}
	for _, table := range schemas.Tables() {
		m, err := readManifest(ctx, root, table.Name)
		if errors.As(err, &incompleteError{}) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		readable := slices.DeleteFunc(m.Files, func(f manifestFile) bool { return path.Ext(f.Name) != ".parquet" })
		if len(readable) == 0 {
			continue
		}
		tables = append(tables, table.Name)
		for _, f := range readable {
			if table.Name != patchesName {
				files = append(files, f.Name)
			}
		}
	}
	if len(tables) == 0 {
		return nil, nil, errors.New("no complete table is under the root: check the path, or run the stages first")
	}
	return tables, files, nil
}

// fetch copies files of a root into a folder.
func fetch(ctx context.Context, uri, folder string, files []string) error {
	from, err := store.Open(ctx, uri)
	if err != nil {
		return err
	}
	to, err := store.Open(ctx, folder)
	if err != nil {
		return err
	}
	for _, name := range files {
		data, err := store.ReadAll(ctx, from, name)
		if err != nil {
			return fmt.Errorf("fetching %s: %w", name, err)
		}
		if err := store.WriteAll(ctx, to, name, data); err != nil {
			return fmt.Errorf("copying %s: %w", name, err)
		}
	}
	return nil
}
