package pipelines

import (
	"runtime/debug"
	"testing"
)

// TestCollectLess: the bound grows with the workers, stays under 64 MiB a worker, and goes.
func TestCollectLess(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	for workers := 1; workers <= 64; workers *= 2 {
		restore := collectLess(workers)
		if limit := debug.SetMemoryLimit(-1); limit >= int64(workers)*64<<20 || limit <= int64(workers)*workerMemory {
			t.Errorf("collectLess(%d): %d bytes, want under 64 MiB a worker", workers, limit)
		}
		restore()
	}
	if after := debug.SetMemoryLimit(-1); after != before {
		t.Errorf("the bound is %d after a stage, was %d", after, before)
	}
}
