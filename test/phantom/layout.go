package phantom

import (
	"fmt"
	"path"
	"strings"
)

// folder returns where series n of the patient lies below the archive's root,
// in one of the layouts that hospitals export.
func (p *identity) folder(cohort string, k, n int, description string) string {
	safe := func(s string) string { return strings.NewReplacer("/", "-", "^", " ", "=", " ").Replace(s) }
	series := fmt.Sprintf("Series %03d %s", n, description)
	switch {
	case k%3 == 0:
		return path.Join(p.institution, p.studyDate, safe(p.id+"_"+p.folderName+"_"+p.birthDate), p.accession, safe(series))
	case k%3 == 1 || cohort == Germany:
		return path.Join(p.institution, safe(p.name), p.studyUID(), p.seriesUID(n))
	default:
		return path.Join(p.institution, safe(p.folderName+" "+p.birthDate), p.accession+"_"+p.studyDate, fmt.Sprintf("S%02d", n))
	}
}

// fileName returns the name of instance number of series n.
func (p *identity) fileName(k, n, number int) string {
	switch k % 3 {
	case 0:
		return fmt.Sprintf("IM_%04d.dcm", number)
	case 1:
		return p.instanceUID(n, number) + ".dcm"
	default:
		return fmt.Sprintf("%s_%05d", p.id, number)
	}
}
