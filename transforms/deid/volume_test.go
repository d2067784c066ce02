package deid

import (
	"bytes"
	"strings"
	"testing"
)

func TestVolumeIdentifiers(t *testing.T) {
	at := func(site string) *Deidentifier {
		d, err := New(Options{Profile: "research", Key: bytes.Repeat([]byte("k"), 32), Site: site})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	a := at("a").Volume("covid", "DOE^JANE", "scan 1")
	for _, uid := range []string{a.StudyUID, a.SeriesUID} {
		if !strings.HasPrefix(uid, "2.25.") || len(uid) > 64 {
			t.Errorf("%q is no UID of 2.25", uid)
		}
	}
	if a.StudyUID == a.SeriesUID {
		t.Error("study and series have one UID")
	}
	if a != at("a").Volume("covid", "DOE^JANE", "scan 1") {
		t.Error("the same names give other identifiers")
	}
	if dicom := at("a").patientOf("DOE^JANE", ""); a.PatientID != dicom.pseudonym {
		t.Errorf("the pseudonym is %s, that of the DICOM files %s", a.PatientID, dicom.pseudonym)
	}
	for reason, b := range map[string]VolumeIDs{
		"another series":                   at("a").Volume("covid", "DOE^JANE", "scan 2"),
		"another cohort":                   at("a").Volume("mosmed", "DOE^JANE", "scan 1"),
		"another site":                     at("b").Volume("covid", "DOE^JANE", "scan 1"),
		"names that run together the same": at("a").Volume("covid", "DOE^JANEscan", " 1"),
	} {
		if b.SeriesUID == a.SeriesUID || b.StudyUID == a.StudyUID {
			t.Errorf("%s has the same UIDs", reason)
		}
	}
	if b := at("b").Volume("covid", "DOE^JANE", "scan 1"); b.PatientID == a.PatientID {
		t.Error("the same name at another site is the same patient")
	}
}
