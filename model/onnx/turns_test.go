package onnx

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurnsGoToTheOldestVolume has six calls wait while the only turn is taken.
func TestTurnsGoToTheOldestVolume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := newTurns(1)
		device.take(9)
		var got []string
		var callers sync.WaitGroup
		for _, c := range []struct {
			name  string
			order int
		}{{"third, early", 3}, {"first, early", 1}, {"second", 2}, {"first, late", 1}, {"third, late", 3}} {
			callers.Go(func() {
				device.take(c.order)
				got = append(got, c.name)
				device.give()
			})
			synctest.Wait() // so that they come in this order
		}
		device.give()
		callers.Wait()
		if want := []string{"first, early", "first, late", "second", "third, early", "third, late"}; !slices.Equal(got, want) {
			t.Errorf("turns went to %q, want %q", got, want)
		}
	})
}

func TestTurnsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := newTurns(3)
		var mu sync.Mutex
		now, most := 0, 0
		var callers sync.WaitGroup
		for caller := range 20 {
			callers.Go(func() {
				device.take(caller % 2)
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(time.Second) // of the bubble
				mu.Lock()
				now--
				mu.Unlock()
				device.give()
			})
		}
		callers.Wait()
		if most != 3 {
			t.Errorf("%d calls computed at once, want 3", most)
		}
	})
}
