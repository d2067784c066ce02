package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	ort "github.com/yalue/onnxruntime_go"
)

// Execution providers, as Options name them.
const (
	Auto     = "auto"
	CPU      = "cpu"
	CUDA     = "cuda"
	TensorRT = "tensorrt"
	OpenVINO = "openvino"
)

// Providers are what Options.Provider may be.
var Providers = []string{Auto, CPU, CUDA, TensorRT, OpenVINO}

// autoOrder is what auto tries, the fastest first. TensorRT compiles a model
// for minutes before its first window, so it is taken only by name.
var autoOrder = []string{CUDA, OpenVINO, CPU}

// ErrProvider occurs when a provider asked for by name cannot be used here.
var ErrProvider = errors.New("execution provider not available")

// CheckProvider returns an error that lists the providers unless name is one,
// or "".
func CheckProvider(name string) error {
	if name != "" && !slices.Contains(Providers, name) {
		return fmt.Errorf("provider is %q; it wants one of %s", name, strings.Join(Providers, ", "))
	}
	return nil
}

// wheelOf names what holds a provider's libraries.
var wheelOf = map[string]string{CUDA: "onnxruntime-gpu", TensorRT: "onnxruntime-gpu", OpenVINO: "onnxruntime-openvino"}

// unavailable returns the one line that says why provider is not to be had.
func unavailable(provider string, cause error) error {
	return fmt.Errorf("%w: %s: %s. Name the library of the wheel %s in %s on a machine that has what it needs, or take provider cpu or auto",
		ErrProvider, provider, oneLine(cause), wheelOf[provider], LibraryEnv)
}

// sessionOptions returns the options of a session on one provider; the caller
// destroys them. An error of the provider is ErrProvider.
func sessionOptions(provider string, o Options) (*ort.SessionOptions, error) {
	so, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(
		so.SetLogSeverityLevel(ort.LoggingLevelFatal),
		so.SetIntraOpNumThreads(o.perRun()),
		so.SetInterOpNumThreads(1),
		so.SetExecutionMode(ort.ExecutionModeSequential),
	); err != nil {
		return nil, errors.Join(err, so.Destroy())
	}
	if err := appendProvider(so, provider, o); err != nil {
		return nil, errors.Join(unavailable(provider, err), so.Destroy())
	}
	return so, nil
}

// appendProvider puts a provider in front of the CPU's, which is always there.
func appendProvider(so *ort.SessionOptions, provider string, o Options) error {
	device := map[string]string{"device_id": strconv.Itoa(o.Device)}
	switch provider {
	case CUDA:
		c, err := ort.NewCUDAProviderOptions()
		if err != nil {
			return err
		}
		defer c.Destroy()
		if err := c.Update(device); err != nil {
			return err
		}
		return so.AppendExecutionProviderCUDA(c)
	case TensorRT:
		t, err := ort.NewTensorRTProviderOptions()
		if err != nil {
			return err
		}
		defer t.Destroy()
		if err := t.Update(device); err != nil {
			return err
		}
		return so.AppendExecutionProviderTensorRT(t)
	case OpenVINO:
		return so.AppendExecutionProviderOpenVINO(map[string]string{
			"device_type":    "CPU",
			"precision":      "ACCURACY", // the model's own; some CPUs would compute in bfloat16
			"num_of_threads": strconv.Itoa(o.Threads),
			"num_streams":    strconv.Itoa(o.Runs),
		})
	}
	return nil
}
