package schemas

// Reject is something that a stage did not process, and why.
type Reject struct {
	Cohort     string `col:"cohort" doc:"Cohort of the configuration"`
	Stage      string `col:"stage" doc:"Stage that rejected it: anonymise, resample, split, tile or infer"`
	Subject    string `col:"subject" doc:"What was rejected: input_hmac of a file, or a new UID or pseudonym"`
	ReasonCode string `col:"reason_code" doc:"Why, as a code"`
	Detail     string `col:"detail" doc:"Why, in words; never holds an identifier"`
}

// Table implements Record.
func (Reject) Table() string { return "rejects" }

// Partition implements Record.
func (r Reject) Partition() string { return r.Cohort }

// Key implements Record.
func (r Reject) Key() string { return key(r.Cohort, r.Stage, r.Subject, r.ReasonCode, r.Detail) }

// Passing tells whether another try may go otherwise: the file may be readable
// then, or the defect mended.
func (r Reject) Passing() bool {
	return r.ReasonCode == "unreadable" || r.ReasonCode == "internal_error"
}
