package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
	"ctcohort/transforms/report"
)

// reportName is the dataset and the folder of the report.
const reportName = "report"

// Report makes the page and the cohort tables from the tables of the run:
//
//	tables/, volumes/, masks/ → tables/summaries, tables/comparisons,
//	report/index.html, report/cohorts.{csv,md,tex}, report/comparisons.csv, report/figures/
//
// It needs no Beam: what it reads is small but for the volumes of its figures.
func Report(ctx context.Context, j Job) (Summary, error) {
	start := time.Now()
	inputs, err := inputsOf(ctx, j, "instances", "series", "patients", "predictions", "metrics", "histograms", "rejects", "runs")
	if err != nil {
		return Summary{Stage: "report"}, err
	}
	st := stage{
		name: "report", tables: []output{outputOf[schemas.Summary]("part"), outputOf[schemas.Comparison]("part")},
		settings: map[string]any{"report": j.Config.Report, "window_hu": j.Config.Volume.WindowHU}, inputs: inputs, pages: folder(reportName),
	}
	a, summary, err := st.begin(ctx, j)
	if err != nil || a == nil {
		return summary, err
	}
	in, err := store.Open(ctx, j.In)
	if err != nil {
		return summary, err
	}
	data, err := reportData(ctx, j, in)
	if err != nil {
		return summary, err
	}
	cases := report.Cases(data.Metrics)
	if data.Figures, err = newExhibitor(in, a.root, data, j.Config.Report).figures(ctx, cases, j.Config.Workers); err != nil {
		return summary, err
	}
	data.ModelWindow = volume.Window{LowHU: j.Config.Volume.WindowHU[0], HighHU: j.Config.Volume.WindowHU[1]}
	data.Pictures = report.Pictures(j.Config.Report.PreviewBytes())
	summaries := metrics.Summarise(data.Metrics, metrics.DefaultSummary)
	comparisons := metrics.Compare(data.Metrics)
	summed, tested := metrics.SummaryRecords(summaries), metrics.ComparisonRecords(comparisons)
	summarised, err := commitTable(ctx, a, cohortsOf(data.Patients), summed)
	if err != nil {
		return summary, err
	}
	compared, err := commitTable(ctx, a, cohortsOf(data.Patients), tested)
	if err != nil {
		return summary, err
	}
	summary.Rows = []TableRows{summarised, compared}
	for _, page := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"report/index.html", func(w io.Writer) error { return report.Render(w, data) }},
		{"report/cohorts.csv", func(w io.Writer) error { return schemas.WriteCSV(w, summed) }},
		{"report/cohorts.md", func(w io.Writer) error { return metrics.WriteMarkdown(w, summaries, comparisons) }},
		{"report/cohorts.tex", func(w io.Writer) error { return metrics.WriteLaTeX(w, summaries) }},
		{"report/comparisons.csv", func(w io.Writer) error { return schemas.WriteCSV(w, tested) }},
	} {
		var text bytes.Buffer
		if err := page.write(&text); err != nil {
			return summary, fmt.Errorf("making %s: %w", page.name, err)
		}
		if err := store.WriteAll(ctx, a.root, page.name, text.Bytes()); err != nil {
			return summary, fmt.Errorf("writing %s: %w", page.name, err)
		}
	}
	for _, c := range report.Charts(data) {
		if err := store.WriteAll(ctx, a.root, c.Name, c.SVG); err != nil {
			return summary, fmt.Errorf("writing %s: %w", c.Name, err)
		}
	}
	if err := writeManifest(ctx, a.root, reportName); err != nil {
		return summary, err
	}
	summary.Notes = []string{fmt.Sprintf("%d figures", len(data.Figures))}
	err = a.finish(ctx, &summary)
	summary.Took = time.Since(start)
	return summary, err
}

func reportData(ctx context.Context, j Job, in store.Store) (report.Data, error) {
	var data report.Data
	var errs [5]error
	data.Series, errs[0] = usedSeries(ctx, j)
	data.Patients, errs[1] = table[schemas.Patient](ctx, j)
	data.Predictions, errs[2] = table[schemas.Prediction](ctx, j)
	data.Metrics, errs[3] = table[schemas.Metric](ctx, j)
	data.Instances, errs[4] = table[schemas.Instance](ctx, j)
	if err := errors.Join(errs[:]...); err != nil {
		return data, err
	}
	var err error
	if data.Rejects, err = parquetio.ReadTable[schemas.Reject](ctx, in, "rejects"); err != nil {
		return data, err
	}
	data.Runs, err = parquetio.ReadTable[schemas.Run](ctx, in, "runs")
	return data, err
}

// PrintOutcome prints the per-patient metrics table of a finished run, and
// where the report lies.
func PrintOutcome(ctx context.Context, j Job, w io.Writer) error {
	rows, err := table[schemas.Metric](ctx, Job{In: j.out()})
	if err != nil {
		return err
	}
	if err := report.PatientTable(w, rows); err != nil {
		return fmt.Errorf("printing the metrics: %w", err)
	}
	_, err = fmt.Fprintf(w, "\nreport: %s/report/index.html\n", strings.TrimSuffix(j.out(), "/"))
	return err
}
