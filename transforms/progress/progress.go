// Package progress counts what the stages of this process have done, for the
// bar or the lines that a person watches and the status file that a monitor
// reads. Workers in other processes count for themselves; Beam's metrics are the
// figures of record.
package progress

import (
	"maps"
	"sync"
	"sync/atomic"
)

// A Counter counts the items of one stage. Its methods may be called at once
// from many goroutines.
type Counter struct {
	found, done, rejected, recalled atomic.Int64

	mutex sync.Mutex
	codes map[string]int64 // rejects by reason code
}

var counters sync.Map // stage → *Counter

// Stage returns the process's counter of that stage.
func Stage(name string) *Counter {
	c, _ := counters.LoadOrStore(name, new(Counter))
	return c.(*Counter)
}

// Found adds items that the stage will have to do.
func (c *Counter) Found(n int) { c.found.Add(int64(n)) }

// Done counts one item as done.
func (c *Counter) Done() { c.done.Add(1) }

// Recalled adds items, done, that an earlier run did.
func (c *Counter) Recalled(n int) { c.recalled.Add(int64(n)) }

// AllRecalled returns how many of the items done an earlier run did.
func (c *Counter) AllRecalled() int64 { return c.recalled.Load() }

// Rejected counts a reject of the given reason code.
func (c *Counter) Rejected(code string) {
	c.rejected.Add(1)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.codes == nil {
		c.codes = map[string]int64{}
	}
	c.codes[code]++
}

// Reset starts the counter anew, as a stage does when it runs again.
func (c *Counter) Reset() {
	c.found.Store(0)
	c.done.Store(0)
	c.rejected.Store(0)
	c.recalled.Store(0)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.codes = nil
}

// Snapshot returns the items found, done and rejected so far.
func (c *Counter) Snapshot() (found, done, rejected int64) {
	return c.found.Load(), c.done.Load(), c.rejected.Load()
}

// Codes returns the rejects so far by their reason codes.
func (c *Counter) Codes() map[string]int64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return maps.Clone(c.codes)
}
