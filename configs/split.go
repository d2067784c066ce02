package configs

import (
	"fmt"
	"slices"
	"strings"
)

// Strata are the values of split.stratify_by.
var Strata = []string{"none", "site"}

func (s Split) faults() []fault {
	var faults []fault
	check := func(ok bool, path, problem string, args ...any) {
		if !ok {
			faults = append(faults, fault{Path: path, Problem: fmt.Sprintf(problem, args...)})
		}
	}
	check(s.Train >= 0, "split.train", "split.train is %d patients; it must not be negative", s.Train)
	check(s.Test >= 0, "split.test", "split.test is %d patients; it must not be negative", s.Test)
	inRange := func(x float64) bool { return x >= 0 && x <= 1 }
	check(inRange(s.TrainFraction), "split.train_fraction", "split.train_fraction is %g; it must lie in 0 to 1", s.TrainFraction)
	check(inRange(s.TestFraction), "split.test_fraction", "split.test_fraction is %g; it must lie in 0 to 1", s.TestFraction)

	at := "split.train_fraction"
	if s.TrainFraction == 0 {
		at = "split.test_fraction"
	}
	check(!inRange(s.TrainFraction) || !inRange(s.TestFraction) || s.TrainFraction+s.TestFraction <= 1+1e-9, at,
		"split.train_fraction %g and split.test_fraction %g are together more than 1", s.TrainFraction, s.TestFraction)
	check(!s.ByFraction() || s.Train == 0 && s.Test == 0, at,
		"split has both numbers (train %d, test %d) and fractions (train_fraction %g, test_fraction %g); give one or the other", s.Train, s.Test, s.TrainFraction, s.TestFraction)
	check(slices.Contains(Strata, s.StratifyBy), "split.stratify_by", "split.stratify_by is %q; it must be one of %s", s.StratifyBy, strings.Join(Strata, ", "))
	check(!s.ByFraction() || s.StratifyBy != "site", "split.stratify_by",
		"split.stratify_by is site, which needs numbers, not fractions: by fraction a patient's side must not depend on others")
	for i, name := range s.External {
		path := fmt.Sprintf("split.external.%d", i)
		check(cohortName.MatchString(name), path, "split.external has %q, which is no name of a cohort", name)
		check(!slices.Contains(s.External[:i], name), path, "split.external has %s twice", name)
	}
	return faults
}

// references returns what a file says of split and its cohorts that does not
// fit together. A command that takes its cohort from flags does not need it to.
func (c Config) references() []fault {
	var faults []fault
	external := func(cohort Cohort) bool { return cohort.External || slices.Contains(c.Split.External, cohort.Name) }
	for i, name := range c.Split.External {
		if len(c.Cohorts) > 0 && !slices.ContainsFunc(c.Cohorts, func(cohort Cohort) bool { return cohort.Name == name }) {
			faults = append(faults, fault{Path: fmt.Sprintf("split.external.%d", i), Problem: fmt.Sprintf("split.external has %q, which is none of the cohorts", name)})
		}
	}
	for i, cohort := range c.Cohorts {
		if c.Split.StratifyBy == "site" && cohort.Site == "" && !external(cohort) {
			faults = append(faults, fault{Path: fmt.Sprintf("cohorts.%d", i), Problem: fmt.Sprintf("cohort %q has no site, but split.stratify_by is site", cohort.Name)})
		}
	}
	return faults
}
