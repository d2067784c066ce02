package schemas

// Summary sums one measure of one label up over the volumes of one side of a
// cohort, as one model segmented them.
type Summary struct {
	Cohort      string   `col:"cohort" doc:"Cohort of the configuration"`
	Split       string   `col:"split" doc:"train, test or unused"`
	Label       string   `col:"label" doc:"lung: labels 1 and 2; infection: label 2"`
	Metric      string   `col:"metric" doc:"Name of the measure, as in table metrics"`
	Unit        string   `col:"unit" doc:"Unit of the measure, and of all figures from mean on"`
	ModelName   string   `col:"model_name" doc:"Name of the model in its metadata"`
	ModelSHA256 string   `col:"model_sha256" doc:"SHA-256 of the model file"`
	Patients    int32    `col:"patients" unit:"patient" doc:"Patients of the volumes counted in n"`
	N           int32    `col:"n" unit:"volume" doc:"Volumes; those without a reference are left out where the measure needs one"`
	Defined     int32    `col:"defined" unit:"volume" doc:"Volumes whose value is defined"`
	Failed      int32    `col:"failed" unit:"volume" doc:"Volumes where one mask is empty and the other is not: a missed or an invented structure. Overlap is 0 there and counts; a distance is infinite"`
	Averaged    int32    `col:"averaged" unit:"volume" doc:"Volumes with a finite value: those that mean, SD and interval are of"`
	Omitted     int32    `col:"omitted" unit:"volume" doc:"Failed volumes that are not among them"`
	Mean        *float64 `col:"mean" doc:"Mean of the finite values; null of none"`
	SD          *float64 `col:"sd" doc:"Standard deviation of the sample; null of fewer than two"`
	CILow       *float64 `col:"ci95_low" doc:"Lower end of the 95 % interval of the mean, by bootstrap over patients; null of fewer than two"`
	CIHigh      *float64 `col:"ci95_high" doc:"Upper end"`
	Median      *float64 `col:"median" doc:"Median of all defined values, infinite distances ranking last; +inf is possible"`
	Q1          *float64 `col:"q1" doc:"First quartile, likewise"`
	Q3          *float64 `col:"q3" doc:"Third quartile, likewise"`
	Minimum     *float64 `col:"minimum" doc:"Least of the defined values"`
	Maximum     *float64 `col:"maximum" doc:"Largest of the defined values"`
}

// Table implements Record.
func (Summary) Table() string { return "summaries" }

// Partition implements Record.
func (r Summary) Partition() string { return r.Cohort }

// Key implements Record.
func (r Summary) Key() string {
	return key(r.Cohort, r.Split, r.Label, r.Metric, r.ModelName, r.ModelSHA256)
}
