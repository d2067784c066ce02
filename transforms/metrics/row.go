package metrics

import (
	"encoding/json"
	"math"
)

// Row is one measure of one label.
type Row struct {
	Label   string
	Metric  string
	Value   *float64 // nil where undefined; +inf for a distance to an empty mask
	Unit    string
	Defined bool
	Reason  string // set where undefined, and where one mask is empty
}

// MarshalJSON writes the columns of the metrics table. JSON has no infinity, so
// an infinite value is the string "Infinity", which Python's and JavaScript's
// conversions to a number read.
func (r Row) MarshalJSON() ([]byte, error) {
	var value any = r.Value
	if r.Value != nil && math.IsInf(*r.Value, 1) {
		value = "Infinity"
	}
	return json.Marshal(struct {
		Label   string `json:"label"`
		Metric  string `json:"metric"`
		Value   any    `json:"value"`
		Unit    string `json:"unit"`
		Defined bool   `json:"defined"`
		Reason  string `json:"reason"`
	}{r.Label, r.Metric, value, r.Unit, r.Defined, r.Reason})
}
