package schemas

// Series is one CT series, as assembled and resampled.
type Series struct {
	Cohort           string  `col:"cohort" doc:"Cohort of the configuration"`
	PatientID        string  `col:"patient_id" doc:"Pseudonym of the patient"`
	StudyUID         string  `col:"study_uid" doc:"New Study Instance UID"`
	SeriesUID        string  `col:"series_uid" doc:"New Series Instance UID; a series that splits into several volumes has a number appended to all but the first"`
	FrameOfReference string  `col:"frame_of_reference_uid" doc:"New Frame of Reference UID"`
	Slices           int32   `col:"slices" unit:"slice" doc:"Slices used"`
	SpacingX         float64 `col:"spacing_x_mm" unit:"mm" doc:"Source voxel spacing along x"`
	SpacingY         float64 `col:"spacing_y_mm" unit:"mm" doc:"Source voxel spacing along y"`
	SpacingZ         float64 `col:"spacing_z_mm" unit:"mm" doc:"Source distance between slices: the median step along the normal"`
	SliceGapMax      float64 `col:"slice_gap_max_mm" unit:"mm" doc:"Largest step between neighbouring slices"`
	Thickness        float64 `col:"thickness_mm" unit:"mm" doc:"Slice Thickness (0018,0050); 0 where not known, as of volumes that were not DICOM"`
	Kernel           string  `col:"kernel" doc:"Convolution Kernel (0018,1210)"`
	Manufacturer     string  `col:"manufacturer" doc:"Manufacturer (0008,0070)"`
	Orientation      string  `col:"orientation" doc:"axial, coronal, sagittal or oblique"`
	SizeX            int32   `col:"size_x" unit:"voxel" doc:"Source columns"`
	SizeY            int32   `col:"size_y" unit:"voxel" doc:"Source rows"`
	SizeZ            int32   `col:"size_z" unit:"voxel" doc:"Source planes on the regular grid"`
	HUP01            float64 `col:"hu_p01" unit:"HU" doc:"1st percentile of attenuation"`
	HUP99            float64 `col:"hu_p99" unit:"HU" doc:"99th percentile of attenuation"`
	VolumeSizeX      int32   `col:"volume_size_x" unit:"voxel" doc:"Resampled volume along x"`
	VolumeSizeY      int32   `col:"volume_size_y" unit:"voxel" doc:"Resampled volume along y"`
	VolumeSizeZ      int32   `col:"volume_size_z" unit:"voxel" doc:"Resampled volume along z"`
	VolumeSpacingX   float64 `col:"volume_spacing_x_mm" unit:"mm" doc:"Resampled spacing along x"`
	VolumeSpacingY   float64 `col:"volume_spacing_y_mm" unit:"mm" doc:"Resampled spacing along y"`
	VolumeSpacingZ   float64 `col:"volume_spacing_z_mm" unit:"mm" doc:"Resampled spacing along z"`
	VolumeURI        string  `col:"volume_uri" doc:"Resampled HU volume, relative to the output root"`
	VolumeSHA256     string  `col:"volume_sha256" doc:"SHA-256 of the volume file"`
	SourceURI        string  `col:"source_uri" doc:"What the volume came from, as JSON: the grid before resampling, and the images by UID and position; relative to the output root"`
	SourceSHA256     string  `col:"source_sha256" doc:"SHA-256 of that file"`
	LabelURI         string  `col:"label_uri" doc:"Reference label map on the same grid; empty where the series has none"`
	LabelSHA256      string  `col:"label_sha256" doc:"SHA-256 of the label file; empty where there is none"`
	LabelSource      string  `col:"label_source" doc:"seg, rtstruct or nifti, several joined by +; empty where there is none"`
	LabelClasses     string  `col:"label_classes" doc:"Which of lung and infection the reference tells of, separated by a space, even where no voxel is; what it does not tell of is not measured"`
	LabelNotes       string  `col:"label_notes" doc:"What was decided about the label: segments that are neither lung nor infection, slices without it, parts outside, another grid"`
	Decisions        string  `col:"decisions" doc:"What was decided in assembly, codes separated by spaces: split, frames, blocks, duplicates, lost, gaps, uneven, tilt, turned, axial, oblique, rescale, padding, smoothed, left_out (docs/series.md says what each means); empty where nothing was"`
	Notes            string  `col:"notes" doc:"The decisions in words, with their numbers"`
	Status           string  `col:"status" doc:"ok: this volume was made; unused: another volume of the patient is better (series.use); rejected: no volume can be made of it. Only rows that are ok have a volume and take part in what follows"`
	Reason           string  `col:"reason" doc:"Why it was used or not; where it was rejected, with the reason code of table rejects"`
}

// Table implements Record.
func (Series) Table() string { return "series" }

// Partition implements Record.
func (r Series) Partition() string { return r.Cohort }

// Key implements Record.
func (r Series) Key() string { return key(r.Cohort, r.PatientID, r.SeriesUID) }

// Used tells whether the row has a volume.
func (r Series) Used() bool { return r.Status == "ok" }
