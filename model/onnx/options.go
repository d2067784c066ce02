package onnx

import (
	"fmt"
	"runtime"
)

// Options say which library and hardware a model runs on.
type Options struct {
	Library  string // ONNX Runtime's shared library; "" is where FindLibrary finds it
	Provider string // auto, cpu, cuda, tensorrt or openvino; "" is auto
	Device   int    // index of the GPU, for cuda and tensorrt
	Threads  int    // of the CPU in all; 0 is GOMAXPROCS
	Runs     int    // calls of Run that compute at once, others wait; 0 is Threads on the CPU and 1 on a GPU
}

func (o Options) validate() error {
	for _, v := range []struct {
		name  string
		value int
	}{{"device", o.Device}, {"threads", o.Threads}, {"runs", o.Runs}} {
		if v.value < 0 {
			return fmt.Errorf("%s is %d; it wants 0 or more", v.name, v.value)
		}
	}
	return nil
}

// settled returns o with the defaults of a provider filled in. Each run takes
// one thread of the CPU: windows side by side are 1.15 to 1.45 times as fast as
// one window on as many threads, and a window's result does not depend on the
// number of threads. Each run in progress also holds its own activations, so
// fewer Runs need less memory; the threads left over then work inside the runs.
func (o Options) settled(provider string) Options {
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Runs == 0 {
		o.Runs = o.Threads
		if provider == CUDA || provider == TensorRT {
			o.Runs = 1
		}
	}
	return o
}

// perRun returns the size of the runtime's thread pool: the callers of Run work
// too, so that all together are Threads.
func (o Options) perRun() int { return max(1, o.Threads-o.Runs+1) }
