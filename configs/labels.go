package configs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Labels says how reference labels become lung and infection: docs/labels.md.
type Labels struct {
	Names               LabelNames     `yaml:"names"`                // of segments and regions
	Values              map[int]string `yaml:"values"`               // of NIfTI labels; without it, 1 is lung and 2 infection
	FractionalThreshold float64        `yaml:"fractional_threshold"` // from which share on a voxel of a fractional SEG is inside
	Several             string         `yaml:"several"`              // labels of one thing on one series: reject, union or newest
	MissingInfection    string         `yaml:"missing_infection"`    // what a reference of lung alone says of infection: unknown, or none that there is none
}

// LabelNames are names of segments and regions, whole, with * and ?, whatever the
// case, or codes as SCHEME:VALUE. They come before the names that are built in.
type LabelNames struct {
	Lung      []string `yaml:"lung"`
	Infection []string `yaml:"infection"`
	Neither   []string `yaml:"neither"`
	Only      bool     `yaml:"only"` // the names that are built in do not count
}

// The values that label keys may have.
var (
	LabelClasses        = []string{"background", "lung", "infection"}
	SeveralLabels       = []string{"reject", "union", "newest"}
	MissingInfections   = []string{"unknown", "none"}
	LabelInterpolations = []string{"nearest", "linear"}
)

// LabelsOf returns how the labels of a cohort are read.
func (c Config) LabelsOf(cohort string) Labels {
	labels := c.Labels
	for _, o := range c.Cohorts {
		if o.Name != cohort {
			continue
		}
		if o.LabelNames != nil {
			labels.Names = *o.LabelNames
		}
		if o.LabelValues != nil {
			labels.Values = o.LabelValues
		}
	}
	return labels
}

// labelFaults returns every bad value of what concerns labels.
func (c Config) labelFaults() []fault {
	var faults []fault
	check := func(ok bool, path, problem string, args ...any) {
		if !ok {
			faults = append(faults, fault{Path: path, Problem: path + " " + fmt.Sprintf(problem, args...)})
		}
	}
	share := c.Labels.FractionalThreshold
	check(share > 0 && share <= 1, "labels.fractional_threshold", "is %g; it must lie above 0 and not above 1", share)
	check(slices.Contains(SeveralLabels, c.Labels.Several), "labels.several", "is %q; it must be one of %s", c.Labels.Several, strings.Join(SeveralLabels, ", "))
	missing := c.Labels.MissingInfection
	check(slices.Contains(MissingInfections, missing), "labels.missing_infection", "is %q; it must be one of %s", missing, strings.Join(MissingInfections, ", "))
	how := c.Volume.LabelInterpolation
	check(slices.Contains(LabelInterpolations, how), "volume.label_interpolation", "is %q; it must be one of %s", how, strings.Join(LabelInterpolations, ", "))
	faults = append(faults, c.Labels.Names.faults("labels.names")...)
	faults = append(faults, valueFaults(c.Labels.Values, "labels.values")...)
	for i, cohort := range c.Cohorts {
		at := fmt.Sprintf("cohorts.%d.", i)
		if cohort.LabelNames != nil {
			faults = append(faults, cohort.LabelNames.faults(at+"label_names")...)
		}
		faults = append(faults, valueFaults(cohort.LabelValues, at+"label_values")...)
	}
	return faults
}

func (n LabelNames) faults(path string) []fault {
	var faults []fault
	add := func(at, problem string, args ...any) {
		faults = append(faults, fault{Path: at, Problem: at + " " + fmt.Sprintf(problem, args...)})
	}
	stands := map[string]string{}
	for _, list := range []struct {
		key   string
		names []string
	}{{"lung", n.Lung}, {"infection", n.Infection}, {"neither", n.Neither}} {
		for i, name := range list.names {
			at := fmt.Sprintf("%s.%s.%d", path, list.key, i)
			plain := strings.ToLower(strings.TrimSpace(name))
			switch other, twice := stands[plain]; {
			case plain == "":
				add(at, "is empty; give a name such as \"left lung\" or \"covid*\", or a code such as SCT:39607008")
			case twice:
				add(at, "is %q, which stands in %s too", name, other)
			}
			stands[plain] = path + "." + list.key
		}
	}
	if n.Only && len(n.Lung)+len(n.Infection) == 0 {
		add(path+".only", "is true, but no name stands for lung or infection")
	}
	return faults
}

func valueFaults(values map[int]string, path string) []fault {
	var faults []fault
	for _, v := range slices.Sorted(maps.Keys(values)) {
		at := fmt.Sprintf("%s.%d", path, v)
		if v < 0 || v > 255 {
			faults = append(faults, fault{Path: at, Problem: at + " is no value of a label; they lie in 0 to 255"})
		}
		if !slices.Contains(LabelClasses, values[v]) {
			faults = append(faults, fault{Path: at, Problem: fmt.Sprintf("%s is %q; it must be one of %s", at, values[v], strings.Join(LabelClasses, ", "))})
		}
	}
	return faults
}
