package phantom

import "ctcohort/model/volume"

// Manifest is the truth about an archive.
type Manifest struct {
	Cohort   string    `json:"cohort"`
	Seed     int64     `json:"seed"`
	Size     int       `json:"size"`
	Patients []Patient `json:"patients"`
	BadFiles []BadFile `json:"bad_files"`
}

// Patient is one patient of the archive.
type Patient struct {
	Index        int          `json:"index"`
	PatientID    string       `json:"patient_id"`
	Manufacturer string       `json:"manufacturer"`
	Implicit     bool         `json:"implicit"` // implicit VR little endian, else explicit
	Infected     bool         `json:"infected"` // the reference holds infected voxels
	ArmPose      string       `json:"arm_pose"` // up, down or absent
	Identifiers  []Identifier `json:"identifiers"`
	Series       []Series     `json:"series"`
}

// Series is one CT series with its reference.
type Series struct {
	SeriesUID   string      `json:"series_uid"`
	StudyUID    string      `json:"study_uid"`
	FrameUID    string      `json:"frame_uid"`
	Folder      string      `json:"folder"` // below Out, slash-separated
	Grid        volume.Grid `json:"grid"`   // as assembled: z ascending, LPS
	ThicknessMM float64     `json:"thickness_mm"`
	Kernel      string      `json:"kernel"`
	Intercept   int         `json:"intercept"`
	PaddingHU   *float64    `json:"padding_hu"` // outside the circular field of view; absent without one
	LabelKind   string      `json:"label_kind"` // seg, nifti or none
	LabelPath   string      `json:"label_path"` // below Out
	LungML      float64     `json:"lung_ml"`    // of the reference, infection included
	InfectionML float64     `json:"infection_ml"`
	Lesions     int         `json:"lesions"` // drawn; they may touch
}

// Identifier is a planted string that no output may hold.
type Identifier struct {
	Text  string `json:"text"`
	Bytes []byte `json:"bytes"` // as in the file, in its character set
	Kind  string `json:"kind"`
	Where string `json:"where"` // tags, or "path", "preamble", "private blob"
	// Searchable is false for values that are too short or too common for a
	// byte search to mean anything, such as dates: compare those by attribute.
	Searchable bool `json:"searchable"`
}

// BadFile is a file that a pipeline must set aside.
type BadFile struct {
	Path    string `json:"path"` // below Out, slash-separated
	Patient int    `json:"patient"`
	Reason  string `json:"reason"` // one of the Bad constants
}

// Why a file is bad.
const (
	BadText        = "not_dicom_text"
	BadEmpty       = "not_dicom_empty"
	BadTruncated   = "truncated_pixel_data"
	BadLocalizer   = "localizer"
	BadModality    = "wrong_modality_mr"
	BadCapture     = "secondary_capture"
	BadNoSOPUID    = "no_sop_instance_uid"
	BadNoPatientID = "no_patient_id"
)
