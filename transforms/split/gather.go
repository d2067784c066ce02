package split

import (
	"iter"
	"slices"

	"ctcohort/schemas"
)

// Gather returns the patients of the series, in the order in which they come.
// sites is the site of each cohort; external are the cohorts that are wholly
// for testing.
func Gather(series iter.Seq[schemas.Series], sites map[string]string, external []string) []Patient {
	var patients []Patient
	found := map[[2]string]int{}
	for row := range series {
		key := [2]string{row.Cohort, row.PatientID}
		at, ok := found[key]
		if !ok {
			at = len(patients)
			found[key] = at
			patients = append(patients, Patient{
				ID: row.PatientID, Cohort: row.Cohort, Site: sites[row.Cohort], External: slices.Contains(external, row.Cohort),
			})
		}
		p := &patients[at]
		p.Series++
		p.Studies = appendNew(p.Studies, row.StudyUID)
		p.Frames = appendNew(p.Frames, row.FrameOfReference)
		p.Volumes = appendNew(p.Volumes, row.VolumeSHA256)
	}
	return patients
}

// appendNew appends a name that is not empty and not yet there.
func appendNew(names []string, name string) []string {
	if name == "" || slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}
