package onnx

import (
	"fmt"
	"runtime"
)

// Options say which library and hardware a model runs on.
type Options struct {
	Library  string // ONNX Runtime's shared library; "" is where FindLibrary finds it
	Provider string // auto, cpu, cuda, tensorrt or openvino; "" is auto
	Device   int    // index of the GPU among those that are visible, for cuda and tensorrt
	Models   int    // that share the device's memory; 0 is 1
	Threads  int    // of the CPU in all; 0 is GOMAXPROCS
	Runs     int    // calls of Run that compute at once, others wait; 0 is chosen for the machine
	Batch    int    // windows in one call; 0 is chosen for the device
}

func (o Options) validate() error {
	for _, v := range []struct {
		name  string
		value int
	}{{"device", o.Device}, {"models", o.Models}, {"threads", o.Threads}, {"runs", o.Runs}, {"batch", o.Batch}} {
		if v.value < 0 {
			return fmt.Errorf("%s is %d; it wants 0 or more", v.name, v.value)
		}
	}
	return nil
}

func (o Options) threads() int {
	if o.Threads == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return o.Threads
}
