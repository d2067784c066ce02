package deid

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestKnownAnswers: what testdata/derive.py derives with Python's hmac. These
// values never change: they are in archives that were handed out.
func TestKnownAnswers(t *testing.T) {
	data, err := os.ReadFile("testdata/known.txt")
	if err != nil {
		t.Fatal(err)
	}
	links := &Links{persons: map[linkedID]string{}}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for _, line := range lines {
		fields := strings.Split(line, "|")
		want := fields[len(fields)-2:]
		var got patient
		switch d := (&Deidentifier{key: testKey, links: links}); fields[0] {
		case "patient":
			d.site = fields[1]
			got = d.patientOf(fields[3], fields[2])
		case "person":
			links.persons[linkedID{id: "any"}] = fields[1]
			got = d.patientOf("any", "")
		case "uid":
			if uid := d.UID(fields[1]); uid != fields[2] {
				t.Errorf("UID(%s) = %s, want %s", fields[1], uid, fields[2])
			}
			continue
		}
		if days := strconv.Itoa(got.shiftDays); got.pseudonym != want[0] || days != want[1] {
			t.Errorf("%s: pseudonym %s, %s days, want %s", line, got.pseudonym, days, want)
		}
	}
	if len(lines) != 10 {
		t.Errorf("%d known answers, want 10", len(lines))
	}
}
