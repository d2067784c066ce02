package report

import (
	"bytes"
	"strings"
	"testing"
)

func TestPatientTable(t *testing.T) {
	var got bytes.Buffer
	if err := PatientTable(&got, synthetic(9, 3).Metrics); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + got.String())
	for _, want := range []string{"infection missed", "no infection in either mask", "no reference", "∞", "failed 1"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("the table lacks %q", want)
		}
	}
}
