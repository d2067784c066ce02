package transforms

import (
	"strings"

	"ctcohort/model/volume"
)

// prefilter smooths a volume in place, where the configuration says so, along
// the axes that get much coarser, and says in words which those are.
func (r Resampling) prefilter(v *volume.Volume[int16]) (note string) {
	if r.Prefilter != "gaussian" {
		return ""
	}
	var axes []string
	for c, smoothed := range volume.AntiAlias(v, r.SpacingMM, 1) {
		if smoothed {
			axes = append(axes, "xyz"[c:c+1])
		}
	}
	if len(axes) == 0 {
		return ""
	}
	return "smoothed along " + strings.Join(axes, ", ") + " before resampling"
}

// notes joins what is noted.
func notes(all ...string) string {
	var said []string
	for _, note := range all {
		if note != "" {
			said = append(said, note)
		}
	}
	return strings.Join(said, "; ")
}
