package schemas

// Comparison is the paired test of two models on the patients of one side of a
// cohort that both measured.
type Comparison struct {
	Cohort           string   `col:"cohort" doc:"Cohort of the configuration"`
	Split            string   `col:"split" doc:"train, test or unused"`
	Label            string   `col:"label" doc:"lung: labels 1 and 2; infection: label 2"`
	Metric           string   `col:"metric" doc:"Name of the measure, as in table metrics"`
	Unit             string   `col:"unit" doc:"Unit of the measure, and of the median difference"`
	ModelName        string   `col:"model_name" doc:"Name of the first model"`
	ModelSHA256      string   `col:"model_sha256" doc:"SHA-256 of its file"`
	OtherName        string   `col:"other_name" doc:"Name of the other model"`
	OtherSHA256      string   `col:"other_sha256" doc:"SHA-256 of its file"`
	Pairs            int32    `col:"pairs" unit:"patient" doc:"Patients with a value from both; a patient's mean where it has several volumes"`
	Unpaired         int32    `col:"unpaired" unit:"patient" doc:"Patients with a value from one only"`
	MedianDifference *float64 `col:"median_difference" doc:"Median of first less other, of errors by their size; infinite where one model failed in most pairs, null where there is none"`
	Statistic        float64  `col:"wilcoxon_w" doc:"The smaller of Wilcoxon's two rank sums"`
	P                float64  `col:"p" doc:"Two-sided p of Wilcoxon's signed-rank test"`
	PHolm            float64  `col:"p_holm" doc:"p after Holm's correction over the pairs of models of this cohort, split, label and measure"`
	Exact            bool     `col:"exact" doc:"Whether p is exact, not from the normal distribution"`
}

// Table implements Record.
func (Comparison) Table() string { return "comparisons" }

// Partition implements Record.
func (r Comparison) Partition() string { return r.Cohort }

// Key implements Record.
func (r Comparison) Key() string {
	return key(r.Cohort, r.Split, r.Label, r.Metric, r.ModelName, r.ModelSHA256, r.OtherName, r.OtherSHA256)
}
