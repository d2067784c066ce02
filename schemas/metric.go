package schemas

// Metric is one measure of one label in one volume as one model segmented it.
type Metric struct {
	Cohort      string   `col:"cohort" doc:"Cohort of the configuration"`
	Split       string   `col:"split" doc:"train, test or unused"`
	PatientID   string   `col:"patient_id" doc:"Pseudonym of the patient"`
	SeriesUID   string   `col:"series_uid" doc:"New Series Instance UID"`
	ModelName   string   `col:"model_name" doc:"Name of the model in its metadata"`
	ModelSHA256 string   `col:"model_sha256" doc:"SHA-256 of the model file"`
	Provider    string   `col:"provider" doc:"Execution provider that ran the network"`
	Label       string   `col:"label" doc:"lung: labels 1 and 2; infection: label 2"`
	Metric      string   `col:"metric" doc:"Name of the measure, as in the list of measures"`
	Value       *float64 `col:"value" doc:"Value in the unit beside it; null where undefined; +inf for a distance to an empty mask"`
	Unit        string   `col:"unit" doc:"Unit of the value: 1, %, mm, ml, HU, lesion"`
	Defined     bool     `col:"defined" doc:"Whether the measure is defined for this volume"`
	Reason      string   `col:"reason" doc:"both_empty, pred_empty, ref_empty, no_reference, no_image, not_separable (the lungs, left from right), or empty"`
}

// Table implements Record.
func (Metric) Table() string { return "metrics" }

// Partition implements Record.
func (r Metric) Partition() string { return r.Cohort }

// Key implements Record.
func (r Metric) Key() string {
	return key(r.Cohort, r.PatientID, r.SeriesUID, r.ModelSHA256, r.Label, r.Metric)
}
