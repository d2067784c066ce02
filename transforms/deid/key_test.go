package deid

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestUID(t *testing.T) {
	d := newDeidentifier(t, "research")
	valid := regexp.MustCompile(`^2\.25\.(0|[1-9]\d{0,38})$`)
	seen := map[string]bool{}
	for i := range 2000 {
		uid := d.UID("1.2.3." + strconv.Itoa(i))
		if !valid.MatchString(uid) || seen[uid] {
			t.Fatalf("UID(1.2.3.%d) = %q: not a UUID-derived UID, or a second time", i, uid)
		}
		seen[uid] = true
	}
	for uid, stays := range map[string]bool{
		"1.2.840.10008.5.1.4.1.1.2": true, "1.2.840.10008.1.2.4.70": true, "1.2.840.10008.1.4.1.1": true, "1.2.840.113619.2.55": false,
		"1.2.840.10008.5.1.4.1.1.2.20200309101112": false, "1.2.840.10008": false, "1.2.840.100080.1": false,
	} {
		if got := d.UID(uid) == uid; got != stays {
			t.Errorf("UID(%s) stays: %v, want %v", uid, got, stays)
		}
	}
}

// TestPatientOf: patients, issuers and sites are kept apart, and offsets are spread over their range.
func TestPatientOf(t *testing.T) {
	d := newDeidentifier(t, "research")
	names, days := map[string]bool{}, map[int]int{}
	const n = 20000
	for i := range n {
		p := d.patientOf(strconv.Itoa(i), "")
		names[p.pseudonym] = true
		days[p.shiftDays]++
		if p.shiftDays > -minShiftDays || p.shiftDays < -maxShiftDays {
			t.Fatalf("shiftDays = %d", p.shiftDays)
		}
	}
	if len(names) != n {
		t.Errorf("%d pseudonyms for %d patients", len(names), n)
	}
	// 3,621 offsets with 5.5 patients each: fewer than 0.5 % of them stay unused.
	if len(days) < 3500 {
		t.Errorf("%d offsets in use, want nearly all of 3621", len(days))
	}
	if d.patientOf("ab", "c").pseudonym == d.patientOf("b", "ca").pseudonym || d.patientOf("a", "").pseudonym == d.patientOf("", "a").pseudonym {
		t.Error("ID and issuer run together")
	}
}

func TestLoadKey(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct{ path, want string }{
		{write("good", "0123456789abcdef\n", 0o600), ""},
		{write("short", "0123456789abcde\n\n", 0o600), "at least 16"},
		{write("empty", "", 0o600), "at least 16"},
		{write("open", "0123456789abcdef", 0o640), "chmod 600"},
		{filepath.Join(dir, "missing"), "make one"},
	} {
		key, err := LoadKey(c.path)
		if c.want == "" {
			if err != nil || string(key) != "0123456789abcdef" {
				t.Errorf("LoadKey(good) = %q, %v; want the key without its line end", key, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("LoadKey(%s) = %v, want an error with %q", filepath.Base(c.path), err, c.want)
		}
	}
	for _, o := range []Options{{Profile: "none", Key: testKey}, {Profile: "basic", Key: []byte("short")}} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%s, %d bytes) = nil, want an error", o.Profile, len(o.Key))
		}
	}
}
