package schemas

// Prediction is what one model made of one volume.
type Prediction struct {
	Cohort           string  `col:"cohort" doc:"Cohort of the configuration"`
	PatientID        string  `col:"patient_id" doc:"Pseudonym of the patient"`
	SeriesUID        string  `col:"series_uid" doc:"New Series Instance UID"`
	MaskURI          string  `col:"mask_uri" doc:"Predicted label map on the resampled grid, relative to the output root"`
	MaskSHA256       string  `col:"mask_sha256" doc:"SHA-256 of the mask file"`
	SourceMaskURI    *string `col:"source_mask_uri" doc:"The same on the grid of the source; null where none was written"`
	SourceMaskSHA256 *string `col:"source_mask_sha256" doc:"SHA-256 of that file"`
	SegURI           *string `col:"seg_uri" doc:"The same as DICOM SEG on the images of the series; null where none was written, as for a volume that was no DICOM"`
	SegSHA256        *string `col:"seg_sha256" doc:"SHA-256 of that file"`
	ModelName        string  `col:"model_name" doc:"Name of the model in its metadata"`
	ModelSHA256      string  `col:"model_sha256" doc:"SHA-256 of the model file"`
	Provider         string  `col:"provider" doc:"Execution provider that ran the network"`
	Windows          int32   `col:"windows" unit:"window" doc:"Windows that the network ran on"`
	Skipped          int32   `col:"windows_skipped" unit:"window" doc:"Windows skipped, for they hold air only"`
}

// Table implements Record.
func (Prediction) Table() string { return "predictions" }

// Partition implements Record.
func (r Prediction) Partition() string { return r.Cohort }

// Key implements Record.
func (r Prediction) Key() string { return key(r.Cohort, r.PatientID, r.SeriesUID, r.ModelSHA256) }
