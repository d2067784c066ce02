package transforms

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctcohort/io/dicomio"
	"ctcohort/io/niftiio"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/series"
)

// A candidate is a volume that could be made: of a series or of a part of one.
type candidate struct {
	rows   []schemas.Instance // of its series
	files  *sliceFiles        // nil where the series came as a volume
	stack  *series.Stack      // of them
	info   series.Info
	labels []*patientLabel
}

// uid names the volume: the series, and its part but for the first.
func (c *candidate) uid() string {
	if c.info.Part == 0 {
		return c.rows[0].SeriesUID
	}
	return fmt.Sprintf("%s.%d", c.rows[0].SeriesUID, c.info.Part+1)
}

// source says where the candidate's volume, on its grid, came from.
func (w *patientWork) source(ctx context.Context, c *candidate, info series.Info, g volume.Grid) (series.Source, error) {
	source := info.Source(g)
	if source.Stack == nil {
		return source, nil
	}
	header, err := readRow(ctx, w.roots.in, c.rows[c.files.of[c.stack.Slices[0]]], dicomio.ReadHeader)
	if err != nil {
		return source, fmt.Errorf("reading a source image: %w", err)
	}
	source.Stack.PatientStudy = dicomio.PatientAndStudy(header)
	return source, nil
}

// candidates plans a series from its headers. What no volume can come of is a reject,
// and where no volume can come of the whole series it keeps a row.
func (w *patientWork) candidates(ctx context.Context, rows []schemas.Instance) ([]*candidate, error) {
	files, err := openSlices(ctx, w.roots.in, rows)
	if err != nil {
		return nil, err
	}
	w.files = append(w.files, files)
	stacks, rejects, err := files.plan(ctx)
	if err != nil {
		return nil, fmt.Errorf("planning a series: %w", err)
	}
	for _, r := range rejects {
		w.reject(rows[0].SeriesUID, r.Code, r.Detail)
	}
	leftOut := listed(rejects, files.bad)
	if len(stacks) == 0 && len(rejects) > 0 {
		most := slices.MaxFunc(rejects, func(a, b series.Reject) int { return cmp.Compare(a.Slices, b.Slices) })
		if most.Code != series.WrongModality {
			w.rejectedRow(&candidate{rows: rows, info: series.Info{LeftOut: leftOut}}, &most)
		}
	}
	var all []*candidate
	for _, s := range stacks {
		c := &candidate{rows: rows, files: files, stack: s, info: s.Info()}
		c.info.LeftOut = leftOut
		all = append(all, c)
	}
	return all, nil
}

// listed says how many images of a series are in none of its volumes, and why.
func listed(rejects []series.Reject, bad []badSlice) string {
	counts := map[string]int{}
	for _, r := range rejects {
		counts[r.Code] += r.Slices
	}
	for _, b := range bad {
		counts[b.why.Code]++
	}
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[code], code))
	}
	return strings.Join(parts, ", ")
}

// wholeCandidate is a series that came as a volume.
func (w *patientWork) wholeCandidate(ctx context.Context, row schemas.Instance) (*candidate, error) {
	r, err := w.roots.in.Open(ctx, row.URI)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", row.URI, err)
	}
	defer r.Close()
	grid, err := niftiio.ReadGrid(r, MaxVoxels)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", row.URI, err)
	}
	c := &candidate{rows: []schemas.Instance{row}, info: series.WholeInfo(grid)}
	c.info.PatientID, c.info.StudyUID, c.info.SeriesUID = row.PatientID, row.StudyUID, row.SeriesUID
	return c, nil
}

// build makes the candidate's volume at the spacing of the source; a reject says
// that it cannot be.
func (w *patientWork) build(ctx context.Context, c *candidate) (series.Result, *series.Reject, error) {
	var result series.Result
	if c.files == nil {
		hu, err := ReadHU(ctx, w.roots.in, c.rows[0].URI)
		if err != nil {
			return result, nil, err
		}
		result = series.Whole(hu)
		c.info.HUP01, c.info.HUP99 = result.Info.HUP01, result.Info.HUP99
		result.Info = c.info
		return result, nil, nil
	}
	result, reject, err := c.files.build(ctx, c.stack)
	if err != nil || reject != nil {
		return result, reject, err
	}
	if series.IsMask(result.Volume) {
		return result, &series.Reject{Code: series.LabelAsImage, Detail: fmt.Sprintf("%d images of two values: a label stored as images", result.Info.Slices)}, nil
	}
	result.Info.LeftOut = c.info.LeftOut
	return result, nil, nil
}
