package progress

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// file is the status file of a test.
type file struct {
	mutex sync.Mutex
	data  []byte
	err   error
	n     int // commits
}

func (f *file) commit(data []byte) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.n++
	if f.err == nil {
		f.data = data
	}
	return f.err
}

func (f *file) read(t *testing.T) (s Status) {
	t.Helper()
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := json.Unmarshal(f.data, &s); err != nil {
		t.Fatalf("the status is no JSON: %v\n%s", err, f.data)
	}
	return s
}

func TestRecorderTellsARun(t *testing.T) {
	var f file
	r, err := Record("run", "1.0", []string{"one", "two"}, time.Hour, f.commit)
	if err != nil {
		t.Fatal(err)
	}
	if s := f.read(t); s.State != Running || s.Stage != "" || s.Stages[0].State != Waiting || s.ExitStatus != nil || s.Ended != nil {
		t.Errorf("before a stage: %+v; want a run without a stage", s)
	}
	Stage("one").Reset()
	r.Begin("one")
	Stage("one").Found(6)
	for range 3 {
		Stage("one").Done()
	}
	Stage("one").Recalled(2)
	Stage("one").Rejected("truncated")
	Stage("one").Rejected("truncated")
	Stage("one").Rejected("not_dicom")
	time.Sleep(20 * time.Millisecond)
	r.write()
	s := f.read(t)
	one := s.Stages[0]
	if s.Stage != "one" || one.State != Running || one.Found != 6 || one.Done != 3 || one.DoneBefore != 2 || s.Rejects != 3 ||
		!reflect.DeepEqual(one.RejectsByCode, map[string]int64{"truncated": 2, "not_dicom": 1}) {
		t.Errorf("in a stage: %+v", s)
	}
	if one.PerSecond <= 0 || one.PerSecond > 1/0.02 || one.SecondsLeft == nil || *one.SecondsLeft*one.PerSecond < 2.99 || *one.SecondsLeft*one.PerSecond > 3.01 {
		t.Errorf("%v a second, %v s left; want the time of three items, at the rate of the one that was done now", one.PerSecond, one.SecondsLeft)
	}
	r.End("one", 5)
	r.Begin("two")
	s = f.read(t)
	if s.Stage != "two" || s.Stages[0].State != Done || s.Stages[0].Rejects != 5 || s.Rejects != 5 || s.Stages[1].SecondsLeft != nil {
		t.Errorf("after a stage: %+v; want it done, with the rejects of its table", s)
	}
	if err := r.Close(Failed, 1, "the disk is full"); err != nil {
		t.Fatal(err)
	}
	s = f.read(t)
	if s.State != Failed || *s.ExitStatus != 1 || s.Message != "the disk is full" || s.Stages[1].State != Failed || s.Ended == nil || s.Stages[1].Ended == nil {
		t.Errorf("at the end: %+v; want run and stage failed", s)
	}
}

func TestRecorderKeepsWriting(t *testing.T) {
	var f file
	r, err := Record("run", "1.0", nil, time.Millisecond, f.commit)
	if err != nil {
		t.Fatal(err)
	}
	first := f.read(t).Updated
	for deadline := time.Now().Add(10 * time.Second); !f.read(t).Updated.After(first); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the status is not kept up to date")
		}
	}
	r.Close(Done, 0, "")
	f.mutex.Lock()
	n := f.n
	f.mutex.Unlock()
	time.Sleep(10 * time.Millisecond)
	if f.mutex.Lock(); f.n != n {
		t.Error("the status is written after its end")
	}
	f.mutex.Unlock()
}

// A status that cannot be written from the start is told; one that breaks later must not stop the run.
func TestRecorderFaults(t *testing.T) {
	full := errors.New("no space")
	if _, err := Record("run", "1.0", nil, time.Hour, (&file{err: full}).commit); !errors.Is(err, full) || !strings.Contains(err.Error(), "writing the status") {
		t.Errorf("Record = %v; want that the status cannot be written", err)
	}
	var f file
	r, err := Record("run", "1.0", []string{"one"}, time.Hour, f.commit)
	if err != nil {
		t.Fatal(err)
	}
	f.err = full
	r.Begin("one")
	if err := r.Close(Done, 0, ""); !errors.Is(err, full) {
		t.Errorf("Close = %v; want that the end could not be written", err)
	}
	var none *Recorder
	none.Begin("one")
	none.End("one", 0)
	if err := none.Close(Done, 0, ""); err != nil {
		t.Errorf("no recorder: %v", err)
	}
}

func TestResetForgetsCodes(t *testing.T) {
	c := new(Counter)
	c.Rejected("a")
	c.Reset()
	if _, _, n := c.Snapshot(); n != 0 || len(c.Codes()) != 0 {
		t.Errorf("after Reset: %d rejects, %v", n, c.Codes())
	}
}
