package configs

import (
	"fmt"
	"strings"

	"filippo.io/age"
)

// crosswalkFaults returns every bad value of what holds originals: the link
// table and the crosswalk. No fault repeats a recipient, which may be a secret
// key by mistake.
func (c Config) crosswalkFaults() []fault {
	var faults []fault
	add := func(path, problem string, args ...any) {
		faults = append(faults, fault{Path: "deidentification." + path, Problem: fmt.Sprintf("deidentification."+path+" "+problem, args...)})
	}
	if inside(c.Deidentification.Links, c.Output) {
		add("links", "lies within the output, which is handed on; put the table elsewhere, for it holds original IDs")
	}
	crosswalk := c.Deidentification.Crosswalk
	if crosswalk.Output == "" && len(crosswalk.Recipients) == 0 {
		return faults
	}
	if crosswalk.Output == "" {
		add("crosswalk.output", "is missing: the URI of a folder apart from the archives and the output")
	}
	if overlap(crosswalk.Output, c.Output) {
		add("crosswalk.output", "and output lie one within the other; the crosswalk must be apart from what is handed on")
	}
	for _, cohort := range c.Cohorts {
		for _, originals := range []string{cohort.Archive, cohort.Labels} {
			if overlap(crosswalk.Output, originals) {
				add("crosswalk.output", "and the files of cohort %q lie one within the other; give the crosswalk a place of its own", cohort.Name)
				break
			}
		}
	}
	if len(crosswalk.Recipients) == 0 {
		add("crosswalk.recipients", "is missing: who may read the crosswalk, age1… each, as `ctcohort crosswalk --new-identity FILE` prints")
	}
	for i, r := range crosswalk.Recipients {
		if _, err := age.ParseX25519Recipient(r); err == nil {
			continue
		}
		problem := "is no age recipient (age1 and 58 more characters), as `ctcohort crosswalk --new-identity FILE` prints"
		if strings.HasPrefix(strings.ToUpper(r), "AGE-SECRET-KEY-") {
			problem = "is a secret key, which now stands in the open: make a new identity, and give its recipient (age1…)"
		}
		add(fmt.Sprintf("crosswalk.recipients.%d", i), "%s", problem)
	}
	return faults
}
