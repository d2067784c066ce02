package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// CompareLabels measures one label map against another and writes a row a
// label and measure to w, as text or as JSON.
func CompareLabels(ctx context.Context, prediction, reference string, asJSON bool, w io.Writer) error {
	p, err := labelsAt(ctx, prediction)
	if err != nil {
		return fmt.Errorf("reading the prediction: %w", err)
	}
	r, err := labelsAt(ctx, reference)
	if err != nil {
		return fmt.Errorf("reading the reference: %w", err)
	}
	if !p.Near(r.Grid, gridToleranceMM) {
		return fmt.Errorf("the prediction (%v voxels of %v mm) and the reference (%v voxels of %v mm) are not on one grid; resample one onto the other first",
			p.Size, p.SpacingMM, r.Size, r.SpacingMM)
	}
	rows := metrics.Compute(p, r, nil)
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "label\tmetric\tvalue\tunit\treason")
	for _, row := range rows {
		value := "–"
		if row.Value != nil {
			value = fmt.Sprintf("%.6g", *row.Value)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", row.Label, row.Metric, value, row.Unit, row.Reason)
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
