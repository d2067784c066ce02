package deid

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestShiftDates(t *testing.T) {
	for _, c := range []struct {
		text, vr    string
		days        int
		want, days2 string // days2: the days that were given, by commas
	}{
		{"20200301", "DA", -1, "20200229", "20200229"},
		{"2020.03.01", "DA", -1, "20200229", "20200229"},
		{"20200229", "DA", -365, "20190301", "20190301"},
		{"20000229", "DA", -36524, "19000301", "19000301"},
		{`20200101\20200102`, "DA", -1, `20191231\20200101`, "20191231,20200101"},
		{`20200101\\20200102`, "DA", -1, `20191231\\20200101`, "20191231,20200101"},
		{"20200101-20200301", "DA", -1, "20191231-20200229", "20191231,20200229"},
		{"-20200301", "DA", -1, "-20200229", "20200229"},
		{"20200301-", "DA", -1, "20200229-", "20200229"},
		{"20200301101112", "DA", -1, "20200229", "20200229"},
		{"20200301101112.5+0900", "DT", -2, "20200228101112.5+0900", "20200228"},
		{"20200301000000.000000-1200", "DT", -1, "20200229000000.000000-1200", "20200229"},
		{`20200301\20200301235960`, "DT", -1, `20200229\20200229235960`, "20200229,20200229"},
		{"2020", "DT", -2, "", ""},
		{"202003", "DT", -2, "", ""},
		{"20201345", "DA", -2, "", ""},
		{"20190229", "DA", -2, "", ""},
		{"Musterfrau", "DA", -2, "", ""},
		{"20200301 Muster", "DA", -2, "", ""},
		{"20200301 Muster", "DT", -2, "", ""},
		{"-", "DA", -2, "", ""},
		{"00010101", "DA", -2, "", ""},
		{"", "DA", -2, "", ""},
	} {
		got, given := shiftDates(c.text, c.vr, c.days)
		if got != c.want || strings.Join(given, ",") != c.days2 {
			t.Errorf("shiftDates(%q, %s, %d) = %q, %v; want %q, %s", c.text, c.vr, c.days, got, given, c.want, c.days2)
		}
	}
}

// TestShiftKeepsIntervals: days between any two dates of a patient stay, over
// leap days, centuries and the calendar's whole span.
func TestShiftKeepsIntervals(t *testing.T) {
	d, elsewhere := newDeidentifier(t, "research"), withOptions(t, "basic", "retain_modified_dates")
	random := rand.New(rand.NewPCG(1, 2))
	first := time.Date(1870, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 20000 {
		id := strconv.Itoa(random.IntN(1000))
		who := d.patientOf(id, "")
		if again := elsewhere.patientOf(id, ""); again.shiftDays != who.shiftDays {
			t.Fatalf("offsets of %d and %d days for one patient", who.shiftDays, again.shiftDays)
		}
		if who.shiftDays >= 0 {
			t.Fatalf("an offset of %d days: dates must go into the past", who.shiftDays)
		}
		day := func() time.Time { return first.AddDate(0, 0, random.IntN(80000)) }
		a, b := day(), day()
		shifted := func(of time.Time) time.Time {
			text, _ := shiftDates(of.Format(dicomDate), "DA", who.shiftDays)
			out, err := time.Parse(dicomDate, text)
			if err != nil {
				t.Fatalf("shiftDates(%s) = %q", of.Format(dicomDate), text)
			}
			return out
		}
		if got, want := shifted(b).Sub(shifted(a)), b.Sub(a); got != want || !shifted(a).Before(a) {
			t.Fatalf("from %v to %v: %v after shifting by %d, want %v", a, b, got, who.shiftDays, want)
		}
	}
}

func TestDatesOf(t *testing.T) {
	for _, c := range []struct {
		text, vr string
		want     string
		ok       bool
	}{
		{"20200301", "DA", "20200301", true}, {"2020.03.01", "DA", "20200301", true}, {`20200301\20200302 `, "DA", "20200301,20200302", true}, {"", "DA", "", true},
		{"20200230", "DA", "", false}, {"2020", "DA", "", false}, {"20200301-20200302", "DA", "", false}, {"20200301Muster", "DA", "", false}, {`20200301\Muster`, "DA", "", false},
		{"20200301101112.5+0100", "DT", "20200301", true}, {"2020", "DT", "", true}, {"202012+0100", "DT", "", true}, {"202013", "DT", "", false}, {"20200301 Muster", "DT", "", false},
	} {
		days, ok := datesOf(c.text, c.vr)
		if strings.Join(days, ",") != c.want || ok != c.ok {
			t.Errorf("datesOf(%q, %s) = %v, %v; want %s, %v", c.text, c.vr, days, ok, c.want, c.ok)
		}
	}
}
