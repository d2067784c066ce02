package schemas

// A Reason is a reason code of table rejects.
type Reason struct {
	Code    string
	Meaning string
	ToDo    string // for who wants the thing processed
}

// Reasons are all reason codes.
var Reasons = []Reason{
	{"not_dicom", "The file is no DICOM file.", "Nothing, where the archive holds other files too."},
	{"dicomdir", "A directory of other files (DICOMDIR), which names patients.", "Nothing: the files themselves are read."},
	{"unreadable", "The file could not be opened or read.", "Check its permissions and the storage."},
	{"truncated", "The file ends too early.", "Copy or export it again."},
	{"unparseable", "Lengths that lie, broken structure, nesting or sizes beyond bounds.", "Export it again; report it if other software reads it."},
	{"unsupported_syntax", "A transfer syntax that is not known, or pixel data by URL.", "Convert it to a standard transfer syntax."},
	{"unsupported_iod", "An object of a class that is not processed, or only with an option that the detail names.", "Choose the option, or leave it out."},
	{"invalid_iod", "An attribute without which the object cannot be used is missing or contradicts its data.", "Export it again."},
	{"charset", "A Patient ID or its issuer in a character set that is not known: one patient could become two.", "Correct Specific Character Set (0008,0005)."},
	{"no_patient_id", "No Patient ID, from which the pseudonym would derive.", "Give the file an ID in the archive."},
	{"no_sop_instance_uid", "No SOP Instance UID, from which the file's name would derive.", "Export it again."},
	{"burned_in_risk", "The pixels may show an identity.", "Give a blanking rule for such images in the configuration."},
	{"face_risk", "The head is imaged, from which a face can be reconstructed.", "Set `faces: allow` where that is permitted."},
	{"residual_identifier", "An identifier of the patient was found in the de-identified bytes.", "Look at the original where the detail says; report what should have been cleaned."},
	{"uid_collision", "Several files with different contents claim one SOP Instance UID, or are one volume by their names; none is written.", "Find out which is true, and take the others out of the archive."},
	{"internal_error", "A defect of ctcohort.", "Report it with the stage and the version."},

	{"name_unmatched", "A file of an archive of volumes whose name has the form of neither images nor labels.", "Nothing, where the archive holds other files too, as data files of detached headers; else correct the cohort's `volumes`."},
	{"volume_unreadable", "A volume, NIfTI or NRRD, that cannot be read.", "See the detail."},
	{"label_name", "A NIfTI or NRRD label that is not named by its series.", "Name it <SeriesInstanceUID>.nii.gz, .nii, .nrrd or .nhdr."},
	{"label_unreadable", "A label file that cannot be read.", "See the detail."},
	{"label_unmatched", "A label whose series is not in the archive, or is not usable.", "Look for the series in table rejects."},
	{"label_ambiguous", "Several volumes that may be the label's, or several labels of one thing on one series; none is taken.", "Take the wrong ones out of the archive, or set `labels.several`."},
	{"label_geometry", "A label on planes that are not parallel to the volume's.", "Resample the label onto its series."},
	{"label_outside", "A label of which some planes, or most, lie outside the volume; the detail says what became of the rest.", "Check that it belongs to the series, and that the series is complete."},
	{"label_names", "A segmentation or structure set without a segment or region of lung or infection.", "Map its names in the configuration (`labels.names`)."},
	{"label_contours", "A structure set whose regions of lung and infection enclose nothing, or are beyond bounds.", "Draw them as closed contours."},
	{"label_values", "A label map with values that stand for nothing.", "Map them in the configuration (`label_values`)."},
	{"label_stored_as_image", "A label that is stored as CT images.", "Export it as DICOM SEG, RTSTRUCT or NIfTI."},
	{"label_unusable", "A label that cannot be used.", "See the detail."},
	{"not_segmentation", "An object that is no segmentation where one was expected.", "Report it."},
	{"not_structure_set", "An object that is no structure set where one was expected.", "Report it."},
	{"bad_contours", "A structure set whose contours lack points, a type or a region, or have points that are none.", "Export it again."},

	{"wrong_modality", "Not a CT image, by modality or SOP class.", "Nothing, where the archive holds other images too."},
	{"localizer", "A scout.", "Nothing."},
	{"derived", "A reformation, projection or map, not a reconstruction.", "Nothing, where the reconstruction is in the archive."},
	{"not_hu", "Values that are not HU: rescaled to something else, shifted, or rendered to grey levels.", "Export the reconstruction in HU."},
	{"missing_geometry", "No usable position, orientation or spacing.", "Export it again."},
	{"too_few_slices", "Fewer slices that fit together than make a volume.", "Complete the series."},
	{"inconsistent_geometry", "Positions on no straight, evenly sampled line.", "Export it again."},
	{"slice_gap", "A gap too wide to interpolate across.", "Complete the series."},
	{"slices_lost", "Slices that cannot be decoded, at an end of the series, or too many.", "Export those files again, or take them out of the archive to accept a shorter scan."},
	{"not_axial", "Slices that are not axial, which the configuration rejects.", "Set `series.oblique` to resample or keep."},
	{"duplicate_positions", "Other images where the volume already has some.", "Check which of them belong to the series."},
	{"unsupported_codec", "Compressed pixel data for which there is no decoder.", "See the detail; install the codec or decompress the files."},
	{"unsupported_pixels", "Pixels of a layout that CT does not have.", "See the detail."},
	{"bad_pixels", "Compressed pixel data that is damaged.", "Export it again."},
	{"bad_segments", "A segmentation whose frames do not say their segment.", "Export it again."},
	{"bad_matrix", "Rows, columns or frames that are missing or beyond bounds.", "Export it again."},
	{"bad_rescale", "A rescale slope or intercept that is zero or no number.", "Export it again."},
	{"no_pixels", "No image in the file.", "Export it again."},
	{"multi_frame", "Several frames where one was expected.", "Report it."},
}
