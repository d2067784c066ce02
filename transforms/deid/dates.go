package deid

import (
	"regexp"
	"strings"
	"time"
)

const dicomDate = "20060102"

var (
	dateTime = regexp.MustCompile(`^(\d{8})((?:[01]\d|2[0-3])?(?:[0-5]\d)?(?:[0-5]\d|60)?(?:\.\d{1,6})?(?:[+-]\d{4})?)$`)
	partial  = regexp.MustCompile(`^\d{4}(?:0[1-9]|1[0-2])?(?:[+-]\d{4})?$`) // a DT of a year, or a year and month
	dotted   = regexp.MustCompile(`^(\d{4})\.(\d{2})\.(\d{2})$`)             // a DA of ACR-NEMA
	span     = regexp.MustCompile(`^(\d{8})?-(\d{8})?$`)                     // a range, as queries have
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

// datesOf returns the days, YYYYMMDD, in a DA or DT value; false where one of
// its values is not well formed (PS3.5 Table 6.2-1). A DT may leave out its day.
func datesOf(text, vr string) (days []string, ok bool) {
	for _, v := range strings.Split(text, `\`) {
		v = trimmed(v)
		whole := dotted.ReplaceAllString(v, "$1$2$3")
		switch {
		case v == "", vr == "DT" && partial.MatchString(v):
			continue
		case vr == "DT" && !dateTime.MatchString(v), vr == "DA" && len(whole) != 8:
			return nil, false
		}
		if _, err := time.Parse(dicomDate, whole[:8]); err != nil {
			return nil, false
		}
		days = append(days, whole[:8])
	}
	return days, true
}

// shiftDates moves each value of a DA or DT by days; times of day and their
// offsets from UTC stay. A value without a full, valid day comes out empty. The
// second result is the new days.
func shiftDates(text, vr string, days int) (out string, given []string) {
	shift := func(day string) string {
		d, err := time.Parse(dicomDate, day)
		if d = d.AddDate(0, 0, days); err != nil || d.Year() < 1 {
			return ""
		}
		given = append(given, d.Format(dicomDate))
		return d.Format(dicomDate)
	}
	values := strings.Split(text, `\`)
	for i, v := range values {
		v = dotted.ReplaceAllString(trimmed(v), "$1$2$3")
		values[i] = ""
		if m := dateTime.FindStringSubmatch(v); m != nil {
			if day := shift(m[1]); day != "" && vr == "DT" {
				values[i] = day + m[2]
			} else {
				values[i] = day
			}
		} else if m := span.FindStringSubmatch(v); m != nil && vr == "DA" && v != "-" {
			from, to := shift(m[1]), shift(m[2])
			if from != "" || to != "" {
				values[i] = from + "-" + to
			}
		}
	}
	out = strings.Join(values, `\`)
	if strings.Trim(out, `\`) == "" {
		out = ""
	}
	return out, given
}

// timesValid reports whether each value of a TM is a time of day, or empty.
func timesValid(text string) bool {
	for _, v := range strings.Split(text, `\`) {
		if v = trimmed(v); v != "" && !clock.MatchString(v) {
			return false
		}
	}
	return true
}
