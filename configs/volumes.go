package configs

import (
	"fmt"

	"ctcohort/configs/naming"
)

// Volumes says how the files of an archive of volumes, NIfTI or NRRD, are named:
// docs/sources.md.
type Volumes struct {
	Images string `yaml:"images"` // such as "{patient}/{series}_ct.nii.gz"
	Labels string `yaml:"labels"` // of reference labels, where there are any; those of the archive unless the cohort has `labels`
}

// People names whose patients the IDs of a cohort are: its site, and without one,
// where IDs are no more than names of files, the cohort itself.
func (c Cohort) People() string {
	if c.Site == "" && c.Volumes != nil {
		return c.Name
	}
	return c.Site
}

// volumeFaults returns what cannot be meant in how a cohort's volumes are named.
func (c Cohort) volumeFaults(at string) []fault {
	if c.Volumes == nil {
		return nil
	}
	var faults []fault
	add := func(key, problem string, args ...any) {
		faults = append(faults, fault{Path: at + key, Problem: fmt.Sprintf(at+key+" "+problem, args...)})
	}
	images, err := naming.Parse(c.Volumes.Images)
	if err != nil {
		add(".volumes.images", "is %q: %v", c.Volumes.Images, err)
	}
	if c.Volumes.Labels == "" {
		if c.Labels != "" {
			add(".labels", "is set, but not volumes.labels, which says how its files are named")
		}
		return faults
	}
	labels, bad := naming.Parse(c.Volumes.Labels)
	switch {
	case bad != nil:
		add(".volumes.labels", "is %q: %v", c.Volumes.Labels, bad)
	case err == nil && labels.HasSeries() != images.HasSeries():
		add(".volumes.labels", "and volumes.images must both hold {series}, or neither: a label belongs to the image of its names")
	case c.Labels == "" && c.Volumes.Labels == c.Volumes.Images:
		add(".volumes.labels", "is the pattern of the images too; set `labels` where labels lie in a folder of their own")
	}
	return faults
}
