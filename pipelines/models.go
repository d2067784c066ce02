package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"

	"ctcohort/io/store"
	"ctcohort/model"
)

// A modelFile is an ONNX file of a folder and what it says of itself.
type modelFile struct {
	File         string          `json:"file"`
	Bytes        int64           `json:"bytes"`
	SHA256       string          `json:"sha256,omitempty"`
	Name         string          `json:"name,omitempty"`
	Network      string          `json:"network,omitempty"`
	Width        int             `json:"width,omitempty"`
	Parameters   json.Number     `json:"parameters,omitempty"` // absent where an older export left it unsaid
	Precision    string          `json:"precision,omitempty"`
	SpacingMM    []float64       `json:"spacing_mm,omitempty"`
	PatchSize    []int           `json:"patch_size,omitempty"`
	SizeMultiple int             `json:"size_multiple,omitempty"`
	Classes      []string        `json:"classes,omitempty"`
	CardFile     string          `json:"card_file,omitempty"` // beside the model
	Card         json.RawMessage `json:"card,omitempty"`      // its facts, as export wrote them
	Error        string          `json:"error,omitempty"`
}

// ListModels describes the ONNX files of a folder on w, as a table or as JSON,
// by what they say of themselves; no runtime is needed. A file that
// cannot be read, or that the pipelines could not use, has an error in its row.
func ListModels(ctx context.Context, folder string, asJSON bool, w io.Writer) error {
	files, err := models(ctx, folder)
	if err != nil {
		return fmt.Errorf("listing the models in %s: %w", folder, err)
	}
	if len(files) == 0 {
		return fmt.Errorf("listing the models in %s: no file there ends with .onnx", folder)
	}
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(files)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "file\tname\tnetwork\twidth\tparameters\tprecision\tspacing mm\tpatch\tclasses\tMB\tsha256\tcard")
	var faults []string
	for _, f := range files {
		if f.Error != "" {
			faults = append(faults, f.File+": "+f.Error)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%.1f\t%.12s\t%s\n", f.File, f.Name, f.Network, f.Width, orDash(f.Parameters.String()), orDash(f.Precision),
			times(f.SpacingMM), times(f.PatchSize), strings.Join(f.Classes, ","), float64(f.Bytes)/1e6, f.SHA256, orDash(f.CardFile))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, fault := range faults {
		if _, err := fmt.Fprintln(w, fault); err != nil {
			return err
		}
	}
	return nil
}

// models returns the ONNX files right in a folder, by name.
func models(ctx context.Context, folder string) ([]modelFile, error) {
	root, err := store.Open(ctx, folder)
	if err != nil {
		return nil, err
	}
	var files []modelFile
	cards := map[string]bool{}
	for object, err := range root.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		switch {
		case strings.Contains(object.Name, "/"):
		case path.Ext(object.Name) == ".md":
			cards[object.Name] = true
		case path.Ext(object.Name) == ".onnx":
			file := modelFile{File: object.Name, Bytes: object.Size}
			if err := file.read(ctx, root); err != nil {
				file.Error = strings.ReplaceAll(err.Error(), "\n", "; ")
			}
			files = append(files, file)
		}
	}
	for i, f := range files {
		if card := strings.TrimSuffix(f.File, ".onnx") + ".md"; cards[card] {
			files[i].CardFile = card
		}
	}
	return files, ctx.Err()
}

func (f *modelFile) read(ctx context.Context, root store.Store) error {
	r, err := root.Open(ctx, f.File)
	if err != nil {
		return err
	}
	defer r.Close()
	hash := sha256.New()
	metadata, err := model.ReadMetadata(io.TeeReader(r, hash))
	if err != nil {
		return err
	}
	f.SHA256 = hex.EncodeToString(hash.Sum(nil))
	spec, err := model.ParseSpec(metadata)
	if err != nil {
		return err
	}
	f.Name, f.Network, f.Width, f.Classes = spec.Name, spec.Network, spec.Width, spec.Classes
	f.SpacingMM, f.PatchSize, f.SizeMultiple = spec.SpacingMM[:], spec.PatchSize[:], spec.SizeMultiple
	f.Precision = metadata["ctcohort.precision"]
	if n := metadata["ctcohort.parameters"]; json.Valid([]byte(n)) {
		f.Parameters = json.Number(n)
	}
	if card := []byte(metadata["ctcohort.card"]); json.Valid(card) {
		f.Card = card
	}
	return nil
}

func times[T any](values []T) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(values), "[]"), " ", "×")
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
