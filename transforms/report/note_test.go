package report

import (
	"testing"

	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

func TestNoteOfPartialReferences(t *testing.T) {
	for _, test := range []struct{ lung, infection, want string }{
		{"", "", ""},
		{metrics.NoReference, metrics.NoReference, "no reference"},
		{metrics.NoReference, "", "no reference of lung"},
		{"", metrics.NoReference, "no reference of infection"},
		{metrics.NoReference, metrics.PredictionEmpty, "no reference of lung; infection missed"},
	} {
		cases := Cases([]schemas.Metric{
			{PatientID: "a", Label: metrics.Lung, Metric: "dice", Reason: test.lung},
			{PatientID: "a", Label: metrics.Infection, Metric: "dice", Reason: test.infection},
		})
		if len(cases) != 1 || cases[0].note() != test.want {
			t.Errorf("lung %q, infection %q: %d cases, %q; want %q", test.lung, test.infection, len(cases), cases[0].note(), test.want)
		}
	}
}
