package deid

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxAgeYears is the highest bound for ages that can be asked for.
const MaxAgeYears = 120

// boundAges writes each age above a bound in years as one year more than the
// bound, which stands for all of them: with 89, HIPAA's bound (45 CFR
// 164.514(b)(2)(i)(C)), 095Y becomes 090Y.
func boundAges(text string, bound int) string {
	values := strings.Split(text, `\`)
	for i, v := range values {
		if years(trimmed(v)) > bound {
			values[i] = fmt.Sprintf("%03dY", bound+1)
		}
	}
	return strings.Join(values, `\`)
}

// years returns the whole years of an AS value such as 018M; 0 where it is none.
func years(age string) int {
	if len(age) != 4 {
		return 0
	}
	n, err := strconv.Atoi(age[:3])
	if err != nil {
		return 0
	}
	switch age[3] {
	case 'Y':
		return n
	case 'M':
		return n / 12
	case 'W':
		return n * 7 * 100 / 36525
	}
	return n * 100 / 36525 // days
}
