package progress

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// A Recorder keeps the status of a run in a file that can be read at any
// moment. A nil Recorder keeps none. Its methods are for one goroutine.
type Recorder struct {
	commit func(data []byte) error // replaces the file as a whole

	mutex  sync.Mutex
	status Status

	quit, gone chan struct{}
}

// Record writes the status of a run that begins, and from then on every
// interval. That it cannot be written is an error here, and only here.
func Record(command, version string, stages []string, interval time.Duration, commit func(data []byte) error) (*Recorder, error) {
	r := &Recorder{commit: commit, quit: make(chan struct{}), gone: make(chan struct{})}
	r.status = Status{Version: 1, Command: command, CodeVersion: version, Process: os.Getpid(), State: Running, Started: now()}
	for _, name := range stages {
		r.status.Stages = append(r.status.Stages, StageStatus{Name: name, State: Waiting, RejectsByCode: map[string]int64{}})
	}
	if err := r.write(); err != nil {
		return nil, err
	}
	go r.keep(interval)
	return r, nil
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func (r *Recorder) keep(interval time.Duration) {
	defer close(r.gone)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.write() // a fault may pass, and must not stop the run
		case <-r.quit:
			return
		}
	}
}

// write counts and commits.
func (r *Recorder) write() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	s := &r.status
	s.Updated, s.Rejects = now(), 0
	for i := range s.Stages {
		if stage := &s.Stages[i]; stage.State == Running {
			stage.count(s.Updated)
		}
		s.Rejects += s.Stages[i].Rejects
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = r.commit(append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	return nil
}

// Begin says that a stage begins.
func (r *Recorder) Begin(stage string) {
	r.change(stage, func(s *StageStatus) {
		started := now()
		s.State, s.Started = Running, &started
	})
}

// End says that a stage is done, with so many rejects in its table.
func (r *Recorder) End(stage string, rejects int) {
	r.change(stage, func(s *StageStatus) {
		ended := now()
		s.count(ended)
		s.State, s.Ended, s.SecondsLeft, s.Rejects = Done, &ended, nil, int64(rejects)
	})
}

func (r *Recorder) change(stage string, change func(*StageStatus)) {
	if r == nil {
		return
	}
	r.mutex.Lock()
	if i := slices.IndexFunc(r.status.Stages, func(s StageStatus) bool { return s.Name == stage }); i >= 0 {
		change(&r.status.Stages[i])
	}
	r.status.Stage = stage
	r.mutex.Unlock()
	r.write()
}

// Close writes how the run ended: its state, exit status and, where it failed,
// the line that says why. A stage that still runs ends likewise. The error is
// that the status could not be written.
func (r *Recorder) Close(state string, exit int, message string) error {
	if r == nil {
		return nil
	}
	close(r.quit)
	<-r.gone
	ended := now()
	for i := range r.status.Stages {
		if s := &r.status.Stages[i]; s.State == Running {
			s.count(ended)
			s.State, s.Ended, s.SecondsLeft = state, &ended, nil
		}
	}
	r.status.State, r.status.Ended, r.status.ExitStatus, r.status.Message = state, &ended, &exit, message
	return r.write()
}
