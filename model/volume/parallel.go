package volume

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls work(i) once for each i below n from at most workers goroutines.
// Each of them has its own start, which returns work and may hold scratch space.
func parallel(n, workers int, start func() (work func(i int))) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, n)
	if workers == 1 {
		work := start()
		for i := range n {
			work(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			work := start()
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				work(int(i))
			}
		})
	}
	wg.Wait()
}

// cut divides n into pieces of at most size.
func cut(n, size int) []span {
	var out []span
	for from := 0; from < n; from += size {
		out = append(out, span{from, min(n, from+size)})
	}
	return out
}
