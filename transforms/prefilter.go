package transforms

import (
	"strings"

	"ctcohort/model/volume"
)

// prefilter smooths a volume in place, where the configuration says so, along
// the axes that get much coarser, and says which those are.
func (r Resampling) prefilter(v *volume.Volume[int16]) string {
	if r.Prefilter != "gaussian" {
		return ""
	}
	var axes []string
	for c, smoothed := range volume.AntiAlias(v, r.SpacingMM, 1) {
		if smoothed {
			axes = append(axes, "xyz"[c:c+1])
		}
	}
	return strings.Join(axes, ", ")
}
