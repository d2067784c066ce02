package dicomio

import (
	"testing"

	"ctcohort/io/openjpeg"
)

func needOpenJPEG(t testing.TB) {
	t.Helper()
	if _, err := openjpeg.Default(); err != nil {
		t.Skipf("JPEG 2000 is not tested (%v)", err)
	}
}
