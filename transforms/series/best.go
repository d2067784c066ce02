package series

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// covers is the share of the longest volume's extent that another needs to be
// its equal.
const covers = 0.8

// Best returns which of a patient's volumes to use where only one is wanted, and
// why: of those with a reference, where any has one, and axial slices, where any
// has them, that reach over nearly as much of the patient as the longest, the one
// with the thinnest slices, then a smooth kernel, then the most slices, then the
// lowest UID and part. It panics without volumes.
func Best(volumes []Info, referenced []bool) (index int, reason string) {
	left := make([]int, len(volumes))
	for i := range left {
		left[i] = i
	}
	left = prefer(left, func(i int) bool { return referenced[i] })
	left = prefer(left, func(i int) bool { return volumes[i].Orientation == "axial" })
	var longest float64
	for _, i := range left {
		longest = max(longest, extentMM(volumes[i]))
	}
	left = prefer(left, func(i int) bool { return extentMM(volumes[i]) >= covers*longest })
	best := slices.MinFunc(left, func(i, j int) int {
		a, b := volumes[i], volumes[j]
		return cmp.Or(
			cmp.Compare(thickness(a), thickness(b)), cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Slices, a.Slices),
			cmp.Compare(a.SeriesUID, b.SeriesUID), cmp.Compare(a.Part, b.Part))
	})
	return best, fmt.Sprintf("best of %d volumes: %s", len(volumes), merits(volumes[best], referenced[best]))
}

// prefer keeps those that are wanted, or all where none is.
func prefer(all []int, wanted func(i int) bool) []int {
	kept := slices.DeleteFunc(slices.Clone(all), func(i int) bool { return !wanted(i) })
	if len(kept) == 0 {
		return all
	}
	return kept
}

// merits says what a volume is chosen by.
func merits(v Info, referenced bool) string {
	kernel, reference := "smooth", ""
	if sharp(v.Kernel) {
		kernel = "sharp"
	}
	if referenced {
		reference = ", with a reference"
	}
	return fmt.Sprintf("%.4g mm slices, %s kernel, %.0f mm long%s", thickness(v), kernel, extentMM(v), reference)
}

func extentMM(v Info) float64 { return v.SpacingMM[2] * float64(v.Size[2]) }

// thickness is the slices' own, or their distance where they do not say.
func thickness(v Info) float64 {
	if v.ThicknessMM > 0 {
		return v.ThicknessMM
	}
	return v.StepMM
}

func rank(v Info) int {
	if sharp(v.Kernel) {
		return 1
	}
	return 0
}

// sharp says whether a convolution kernel enhances edges, by the names that
// vendors give: GE's LUNG, BONE and EDGE, Siemens' and Toshiba's numbers, and
// Philips' letters.
func sharp(kernel string) bool {
	k := strings.ToUpper(strings.TrimSpace(kernel))
	for _, word := range []string{"LUNG", "BONE", "EDGE", "SHARP", "YA", "YB", "YC", "YD"} {
		if strings.Contains(k, word) {
			return true
		}
	}
	letters := strings.TrimLeft(k, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	digits := letters[:len(letters)-len(strings.TrimLeft(letters, "0123456789"))]
	n, err := strconv.Atoi(digits)
	if err != nil {
		return len(k) == 1 && k >= "D" && k <= "L" // Philips
	}
	if strings.HasPrefix(k, "FC") { // Toshiba: 30 to 39 bone, 50 to 59 and from 80 on lung
		return n >= 30 && n < 40 || n >= 50 && n < 60 || n >= 80
	}
	return n >= 50 // Siemens: B50f, Br54, I70f
}
