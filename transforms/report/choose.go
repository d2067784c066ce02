package report

import (
	"fmt"
	"slices"
	"strings"
)

// Shown is a volume to be shown, with what each model made of it, the worst first.
type Shown []Case

// Of says whether the volume is one of the patients'.
func (s Shown) Of(patients []string) bool { return slices.Contains(patients, s[0].PatientID) }

// Choose returns the volumes in the order in which they are to be shown: those of
// the named patients, then all others, the worst first. A patient without a
// segmented volume is an error.
func Choose(cases []Case, patients []string) ([]Shown, error) {
	at := map[string]int{}
	var all []Shown
	for _, c := range cases {
		key := c.Cohort + "/" + c.SeriesUID
		i, ok := at[key]
		if !ok {
			i = len(all)
			at[key] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], c)
	}
	var unknown []string
	for _, p := range patients {
		if !slices.ContainsFunc(cases, func(c Case) bool { return c.PatientID == p }) {
			unknown = append(unknown, p)
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("no segmented volume is of patient %s, which report.patients names: take pseudonyms from the report's table", strings.Join(unknown, ", "))
	}
	slices.SortStableFunc(all, func(a, b Shown) int {
		switch {
		case a.Of(patients) == b.Of(patients):
			return 0
		case a.Of(patients):
			return -1
		}
		return 1
	})
	return all, nil
}
