package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"ctcohort/io/niftiio"
	"ctcohort/io/store"
	"ctcohort/model/volume"
	"ctcohort/transforms"
	"ctcohort/transforms/metrics"
)

// gridToleranceMM is how far the corners of two label maps may lie apart and
// still be one grid; NIfTI keeps geometry in single precision.
const gridToleranceMM = 0.01

// A Compared is a prediction that was measured against its reference.
type Compared struct {
	Case string        `json:"case"` // the file's name within both folders; empty for a pair of files
	Rows []metrics.Row `json:"rows"`
}

// CompareLabels measures one label map against another.
func CompareLabels(ctx context.Context, prediction, reference string) ([]metrics.Row, error) {
	p, err := labelsAt(ctx, prediction)
	if err != nil {
		return nil, fmt.Errorf("reading the prediction: %w", err)
	}
	r, err := labelsAt(ctx, reference)
	if err != nil {
		return nil, fmt.Errorf("reading the reference: %w", err)
	}
	if !p.Near(r.Grid, gridToleranceMM) {
		return nil, fmt.Errorf("the prediction (%v voxels of %v mm) and the reference (%v voxels of %v mm) are not on one grid; resample one onto the other first",
			p.Size, p.SpacingMM, r.Size, r.SpacingMM)
	}
	return metrics.Compute(p, r, nil), nil
}

// CompareFolders measures each NIfTI file of one folder against the file of the
// same name, its ending aside, in another. A file without a partner and a pair
// that cannot be compared are faults; the other pairs are measured nevertheless.
func CompareFolders(ctx context.Context, predictions, references string) (all []Compared, faults []error) {
	p, err := labelFiles(ctx, predictions)
	if err != nil {
		return nil, []error{fmt.Errorf("listing the predictions: %w", err)}
	}
	r, err := labelFiles(ctx, references)
	if err != nil {
		return nil, []error{fmt.Errorf("listing the references: %w", err)}
	}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if p[name] == "" {
			faults = append(faults, fmt.Errorf("%s has a reference and no prediction", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if r[name] == "" {
			faults = append(faults, fmt.Errorf("%s has a prediction and no reference", name))
			continue
		}
		rows, err := CompareLabels(ctx, join(predictions, p[name]), join(references, r[name]))
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			continue
		}
		all = append(all, Compared{name, rows})
	}
	if len(p) == 0 && len(r) == 0 {
		faults = append(faults, errors.New("neither folder holds a .nii or .nii.gz file"))
	}
	return all, faults
}

func join(folder, name string) string { return strings.TrimSuffix(folder, "/") + "/" + name }

// IsLabelFile says whether a URI names a label map rather than a folder of them.
func IsLabelFile(uri string) bool { return labelCase(uri) != uri }

// labelCase is a name without the ending of a NIfTI file.
func labelCase(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".nii")
}

// labelFiles returns the NIfTI files of a folder by their names without endings.
func labelFiles(ctx context.Context, folder string) (map[string]string, error) {
	root, err := store.Open(ctx, folder)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for object, err := range root.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		if IsLabelFile(object.Name) {
			files[labelCase(object.Name)] = object.Name
		}
	}
	return files, nil
}

// PrintCompared writes a line a label and measure, with the case where there is one.
func PrintCompared(w io.Writer, all []Compared) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	cases := slices.ContainsFunc(all, func(c Compared) bool { return c.Case != "" })
	line := func(name string, cells ...string) {
		if cases {
			cells = slices.Insert(cells, 0, name)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	line("case", "label", "metric", "value", "unit", "reason")
	for _, c := range all {
		for _, row := range c.Rows {
			value := "–"
			if row.Value != nil {
				value = fmt.Sprintf("%.6g", *row.Value)
			}
			line(c.Case, row.Label, row.Metric, value, row.Unit, row.Reason)
		}
	}
	return table.Flush()
}

func labelsAt(ctx context.Context, uri string) (*volume.Volume[uint8], error) {
	data, err := store.ReadURI(ctx, uri)
	if err != nil {
		return nil, err
	}
	return niftiio.ReadLabels(bytes.NewReader(data), transforms.MaxVoxels)
}
