package schemas

// Run is the provenance of one stage's run. It is the only table with clocks in it.
type Run struct {
	RunID          string `col:"run_id" doc:"Random name of the run"`
	Stage          string `col:"stage" doc:"Stage that ran"`
	CodeVersion    string `col:"code_version" doc:"Version of ctcohort"`
	ConfigSHA256   string `col:"config_sha256" doc:"SHA-256 of the configuration as used"`
	ModelSHA256    string `col:"model_sha256" doc:"SHA-256 of the models, separated by spaces; empty where none was used"`
	GoVersion      string `col:"go_version" doc:"Version of Go"`
	BeamVersion    string `col:"beam_version" doc:"Version of the Beam SDK"`
	RuntimeVersion string `col:"runtime_version" doc:"Version of ONNX Runtime; empty where it was not used"`
	Runner         string `col:"runner" doc:"Beam runner"`
	Counters       string `col:"counters" doc:"Counters of the stage as a JSON object"`
	Start          string `col:"start" doc:"Start, RFC 3339, UTC"`
	End            string `col:"end" doc:"End, RFC 3339, UTC"`
}

// Table implements Record.
func (Run) Table() string { return "runs" }

// Partition implements Record: a run may span cohorts.
func (Run) Partition() string { return "all" }

// Key implements Record.
func (r Run) Key() string { return key(r.Start, r.RunID) }
