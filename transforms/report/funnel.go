package report

import (
	"fmt"

	"ctcohort/schemas"
)

// step is a number on the way from files to measured volumes.
type step struct {
	Count  int
	What   string
	Detail string
}

func funnel(d Data) []step {
	status := map[string]int{}
	for _, r := range d.Instances {
		status[r.Status]++
	}
	withLabel := 0
	for _, s := range d.Series {
		if s.LabelURI != "" {
			withLabel++
		}
	}
	measured := map[string]bool{}
	for _, m := range d.Metrics {
		if m.Metric == "dice" && m.Reason != "no_reference" {
			measured[m.SeriesUID] = true
		}
	}
	segmented := count(d.Predictions, func(p schemas.Prediction) string { return p.SeriesUID })
	found := count(d.Instances, func(r schemas.Instance) string { return r.SeriesUID })
	steps := []step{
		{len(d.Instances), "files", fmt.Sprintf("%d rejected", status["rejected"])},
		{status["ok"], "de-identified", fmt.Sprintf("%d came twice", status["duplicate"])},
		{found, "series", "of all kinds"},
		{len(d.Series), "CT volumes", fmt.Sprintf("%d with reference", withLabel)},
		{len(d.Patients), "patients", fmt.Sprintf("in %d cohorts", len(d.cohorts()))},
		{segmented, "segmented", fmt.Sprintf("by %d models", count(d.Predictions, func(p schemas.Prediction) string { return p.ModelSHA256 }))},
		{len(measured), "measured", "against a reference"},
	}
	return steps
}

// rejectGroup is why some things were not processed.
type rejectGroup struct {
	Cohort, Stage, Reason, Detail string
	Count                         int
}

// rejects groups by cohort, stage and reason, and keeps the first detail. The
// data is sorted.
func rejects(rows []schemas.Reject) (groups []rejectGroup) {
	at := map[[3]string]int{}
	for _, r := range rows {
		k := [3]string{r.Cohort, r.Stage, r.ReasonCode}
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k] = i
			groups = append(groups, rejectGroup{Cohort: r.Cohort, Stage: r.Stage, Reason: r.ReasonCode, Detail: r.Detail})
		}
		groups[i].Count++
	}
	return groups
}
