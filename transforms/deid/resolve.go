package deid

import "strings"

// resolve chooses the action of an attribute by its type in the IOD (PS3.15
// Table E.1-1a): of a compound the least that keeps the object conformant, X where
// it may be absent (type 3), Z where it may be empty (type 2), D where it needs a
// value (type 1). X and Z by themselves give way in the same manner, for the
// de-identifier is to keep the IOD's integrity (section E.1.1, 2); at type 2, X/D
// leaves D alone to choose. X/Z/U* keeps references with new UIDs at every type,
// so that a label still finds its images.
func resolve(a Action, t iodType) Action {
	offers := func(letter string) bool { return strings.Contains(string(a), letter) }
	switch {
	case offers("U"):
		return "U"
	case offers("K"), offers("C"):
		return a
	case t == 3 && offers("X"):
		return "X"
	case t != 1 && (offers("Z") || a == "X"):
		return "Z"
	}
	return "D"
}
