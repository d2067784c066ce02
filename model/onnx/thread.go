package onnx

import (
	"runtime"
	"sync"
)

// onThread calls f on a thread that does nothing else, and waits. OpenVINO's
// CPU plugin gives the thread that loads it another stack for signals, and frees
// that stack with the last session: on another thread that would leave the first one
// without a stack for Go's own signals, and the process would end.
func onThread(f func()) {
	done := make(chan struct{})
	thread() <- func() {
		defer close(done)
		f()
	}
	<-done
}

var thread = sync.OnceValue(func() chan<- func() {
	calls := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range calls {
			f()
		}
	}()
	return calls
})
