package schemas

// Instance is one input file of an archive and what de-identification made of
// it. Of a rejected file it says no more than which file, what rules, and why.
type Instance struct {
	InputHMAC      string `col:"input_hmac" doc:"Keyed digest of the input file's name within its archive: the same file has the same value in every run with the same key"`
	Cohort         string `col:"cohort" doc:"Cohort of the configuration"`
	PatientID      string `col:"patient_id" doc:"Pseudonym of the patient"`
	StudyUID       string `col:"study_uid" doc:"New Study Instance UID (0020,000D)"`
	SeriesUID      string `col:"series_uid" doc:"New Series Instance UID (0020,000E)"`
	SOPUID         string `col:"sop_uid" doc:"New SOP Instance UID (0008,0018)"`
	Format         string `col:"format" doc:"What the input is: dicom, or nifti or nrrd, a volume or a label map that is written anew as NIfTI"`
	SOPClass       string `col:"sop_class" doc:"SOP Class UID (0008,0016); empty where the input is not DICOM"`
	Modality       string `col:"modality" doc:"Modality (0008,0060); CT for a volume, NIFTI for a label map that is not DICOM"`
	TransferSyntax string `col:"transfer_syntax" doc:"Transfer Syntax UID (0002,0010), unchanged"`
	Rows           int32  `col:"rows" unit:"pixel" doc:"Rows (0028,0010)"`
	Columns        int32  `col:"columns" unit:"pixel" doc:"Columns (0028,0011)"`
	Kept           int32  `col:"kept" unit:"elements" doc:"Elements copied byte for byte"`
	Removed        int32  `col:"removed" unit:"elements" doc:"Elements removed (action X)"`
	Emptied        int32  `col:"emptied" unit:"elements" doc:"Elements given an empty value (action Z)"`
	Replaced       int32  `col:"replaced" unit:"elements" doc:"Elements given a dummy value or a pseudonym (action D)"`
	Cleaned        int32  `col:"cleaned" unit:"elements" doc:"Elements whose value was cleaned or shifted (action C)"`
	Mapped         int32  `col:"mapped" unit:"elements" doc:"UIDs replaced by derived ones (action U)"`
	Profile        string `col:"profile" doc:"De-identification profile, basic or research, and the options added to it, joined by +"`
	RulesVersion   string `col:"rules_version" doc:"Edition of PS3.15 and version of the rules that were applied"`
	PixelBefore    string `col:"pixel_xxh128_before" doc:"XXH3-128 (xxhsum -H2) of the Pixel Data value as stored in the input; empty where there is none"`
	PixelAfter     string `col:"pixel_xxh128_after" doc:"XXH3-128 of the Pixel Data value as written: equal to the one before, unless regions were blanked"`
	References     string `col:"references" doc:"New UIDs of the series that a segmentation or label map refers to, separated by spaces"`
	Classes        string `col:"classes" doc:"Of a label map whose segments have names: which of lung and infection are among them; its voxels are then 1 and 2. Empty otherwise"`
	URI            string `col:"uri" doc:"De-identified file, relative to the output root"`
	Bytes          int64  `col:"bytes" unit:"byte" doc:"Size of the de-identified file"`
	SHA256         string `col:"sha256" doc:"SHA-256 of the de-identified file"`
	Status         string `col:"status" doc:"ok; duplicate: the same object came in another file too, and is written once; or rejected: nothing was written"`
	ReasonCode     string `col:"reason_code" doc:"Why the file was rejected, as in table rejects; empty otherwise"`
}

// Table implements Record.
func (Instance) Table() string { return "instances" }

// Partition implements Record.
func (r Instance) Partition() string { return r.Cohort }

// Key implements Record.
func (r Instance) Key() string { return key(r.Cohort, r.PatientID, r.SeriesUID, r.SOPUID, r.InputHMAC) }
