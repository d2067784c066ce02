package metrics

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls work(worker, i) once for each i below n, from as many
// goroutines as there are processors. worker numbers the goroutine.
func parallel(n int, work func(worker, i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(worker, i)
			}
		})
	}
	wg.Wait()
}
