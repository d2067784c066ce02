package deid

import (
	"regexp"
	"strings"
	"time"
)

const dicomDate = "20060102"

var (
	dateTime = regexp.MustCompile(`^(\d{8})((?:[01]\d|2[0-3])?(?:[0-5]\d)?(?:[0-5]\d|60)?(?:\.\d{1,6})?(?:[+-]\d{4})?)$`)
	clock    = regexp.MustCompile(`^(?:[01]\d|2[0-3])(?::?[0-5]\d)?(?::?(?:[0-5]\d|60))?(?:\.\d{1,6})?$`)
	zone     = regexp.MustCompile(`^[+-](?:0\d|1[0-4])[0-5]\d$`)
)

// parseDay returns the day at the start of a DA or DT value, also in the old
// form with dots; false where there is no full day.
func parseDay(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if len(text) >= 10 && text[4] == '.' && text[7] == '.' {
		text = text[:4] + text[5:7] + text[8:10]
	}
	if len(text) < 8 {
		return time.Time{}, false
	}
	day, err := time.Parse(dicomDate, text[:8])
	return day, err == nil
}

// shiftDates moves each value of a DA or DT by days. A value without a full,
// valid day comes out empty. The third result is the new days.
func shiftDates(text, vr string, days int) (out string, whole bool, given []string) {
	values := strings.Split(text, `\`)
	whole = true
	for i, v := range values {
		v = strings.Trim(v, " \x00")
		day, ok := parseDay(v)
		rest := ""
		if m := dateTime.FindStringSubmatch(v); vr == "DT" && m != nil {
			rest = m[2]
		} else if vr == "DT" {
			ok = false
		}
		day = day.AddDate(0, 0, days)
		if !ok || day.Year() < 1 {
			values[i], whole = "", whole && v == ""
			continue
		}
		values[i] = day.Format(dicomDate) + rest
		given = append(given, day.Format(dicomDate))
	}
	out = strings.Join(values, `\`)
	if strings.Trim(out, `\`) == "" {
		out = ""
	}
	return out, whole, given
}

// timesValid reports whether each value of a TM is a time of day, or empty.
func timesValid(text string) bool {
	for _, v := range strings.Split(text, `\`) {
		if v = strings.Trim(v, " \x00"); v != "" && !clock.MatchString(v) {
			return false
		}
	}
	return true
}
