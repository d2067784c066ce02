package transforms

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/typex"

	"ctcohort/schemas"
)

// A runner sees one opaque value, whose bytes give the element again.
func TestElementsAreOpaqueAndComeBack(t *testing.T) {
	value, infinite := -0.25, math.Inf(1)
	for _, element := range []any{
		schemas.Histogram{Cohort: "china", LowHU: -1000, HighHU: -950, VolumeML: 2}, // what Java's row coder refuses
		schemas.Metric{Metric: "dice", Value: &value, Defined: true},
		schemas.Metric{Metric: "hd95", Value: &infinite},
		schemas.Metric{Metric: "dice", Reason: "both_empty"},
		schemas.Instance{}, schemas.Series{}, schemas.Patient{}, schemas.Prediction{}, schemas.Reject{},
		Volume{PatientID: "22ac65f7f636d454", Split: "train"},
		Batch{Archive: Archive{Cohort: "china", Images: "{patient}.nii"}, Files: []File{{Name: "a/b", Bytes: 1 << 40, Version: "7"}, {Name: "c"}}},
		Shard{},
	} {
		kind := reflect.TypeOf(element)
		if coder := beam.NewCoder(typex.New(kind)).String(); strings.HasPrefix(coder, "R[") {
			t.Errorf("%v has the row coder %s, which runners in Java decode themselves", kind, coder)
		}
		row, err := encodeElement(element)
		if err != nil {
			t.Fatalf("encodeElement(%+v): %v", element, err)
		}
		if again, err := decodeElement(kind, row); err != nil || !reflect.DeepEqual(again, element) {
			t.Errorf("decodeElement(%v) = %+v, %v; want %+v", kind, again, err, element)
		}
		if again, err := decodeElement(kind, row[:len(row)-1]); err == nil && reflect.DeepEqual(again, element) {
			t.Errorf("decodeElement(%v) of a row without its last byte gives it whole", kind)
		}
	}
}
