package transforms

import (
	"runtime"
	"testing"
)

func TestGarbageIsCollectedOnceThereIsMuch(t *testing.T) {
	leftover.Store(0)
	collections := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	before := collections()
	letGo(collectAfter - 1)
	if n := collections(); n != before {
		t.Errorf("%d bytes are collected, want it from %d on", collectAfter-1, collectAfter)
	}
	letGo(1)
	if n := collections(); n != before+1 {
		t.Errorf("%d collections of %d bytes, want one", n-before, collectAfter)
	}
}
