package progress

import "time"

// States of a run and of its stages.
const (
	Waiting     = "waiting" // of a stage: not begun
	Running     = "running"
	Done        = "done"
	Failed      = "failed"
	Interrupted = "interrupted"
)

// Status is the state of a run, as its status file tells it to a monitor. It
// holds no identity: names of stages, reason codes, numbers and times.
type Status struct {
	Version     int           `json:"version"` // of this form: 1
	Command     string        `json:"command"`
	CodeVersion string        `json:"code_version"`
	Process     int           `json:"process"` // ID on its machine
	State       string        `json:"state"`
	Started     time.Time     `json:"started"`
	Updated     time.Time     `json:"updated"` // no older than a few seconds while the run lives
	Ended       *time.Time    `json:"ended"`
	ExitStatus  *int          `json:"exit_status"` // null while it runs
	Message     string        `json:"message"`     // of a run that failed: the line that it ended with
	Stage       string        `json:"stage"`       // that runs, or was the last to
	Rejects     int64         `json:"rejects"`     // of all stages
	Stages      []StageStatus `json:"stages"`
}

// StageStatus is the state of one stage of a run.
type StageStatus struct {
	Name          string           `json:"name"`
	State         string           `json:"state"`
	Started       *time.Time       `json:"started"`
	Ended         *time.Time       `json:"ended"`
	Found         int64            `json:"found"` // items, so far: a stage may still be looking
	Done          int64            `json:"done"`
	DoneBefore    int64            `json:"done_before"`  // of them, by an earlier run
	PerSecond     float64          `json:"per_second"`   // items done by this run, since the stage began
	SecondsLeft   *float64         `json:"seconds_left"` // at that rate; null where nothing can be said
	Rejects       int64            `json:"rejects"`
	RejectsByCode map[string]int64 `json:"rejects_by_code"`
}

// count takes the stage's counters over.
func (s *StageStatus) count(now time.Time) {
	c := Stage(s.Name)
	s.Found, s.Done, s.Rejects = c.Snapshot()
	s.DoneBefore = c.AllRecalled()
	if codes := c.Codes(); codes != nil {
		s.RejectsByCode = codes
	}
	if seconds := now.Sub(*s.Started).Seconds(); seconds > 0 {
		s.PerSecond = float64(s.Done-s.DoneBefore) / seconds
	}
	s.SecondsLeft = nil
	if s.Found >= s.Done && s.PerSecond > 0 {
		left := float64(s.Found-s.Done) / s.PerSecond
		s.SecondsLeft = &left
	}
}
