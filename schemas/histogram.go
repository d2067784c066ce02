package schemas

import "fmt"

// Histogram is how much of one label, as a model segmented it, lies in one class of attenuation.
type Histogram struct {
	Cohort      string  `col:"cohort" doc:"Cohort of the configuration"`
	Split       string  `col:"split" doc:"train, test or unused"`
	PatientID   string  `col:"patient_id" doc:"Pseudonym of the patient"`
	SeriesUID   string  `col:"series_uid" doc:"New Series Instance UID"`
	ModelName   string  `col:"model_name" doc:"Name of the model in its metadata"`
	ModelSHA256 string  `col:"model_sha256" doc:"SHA-256 of the model file"`
	Label       string  `col:"label" doc:"lung: labels 1 and 2; infection: label 2"`
	LowHU       int32   `col:"low_hu" unit:"HU" doc:"Lower bound of the class, inclusive; classes are 50 HU wide, those without a voxel have no row"`
	HighHU      int32   `col:"high_hu" unit:"HU" doc:"Upper bound, exclusive"`
	VolumeML    float64 `col:"volume_ml" unit:"ml" doc:"Volume of the label within the class"`
}

// Table implements Record.
func (Histogram) Table() string { return "histograms" }

// Partition implements Record.
func (r Histogram) Partition() string { return r.Cohort }

// Key implements Record.
func (r Histogram) Key() string {
	return key(r.Cohort, r.PatientID, r.SeriesUID, r.ModelSHA256, r.Label, fmt.Sprintf("%06d", int(r.LowHU)+1<<16))
}
