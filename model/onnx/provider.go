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

// unavailable is an ErrProvider: the one line that says why a provider is not to
// be had, and what to do.
type unavailable struct{ provider, cause string }

func (u unavailable) Error() string {
	return fmt.Sprintf("%v: %s: %s. %s, or take provider cpu or auto", ErrProvider, u.provider, u.cause, remedy[u.provider])
}

func (u unavailable) Is(target error) bool { return target == ErrProvider }

// CheckProvider returns an error that lists the providers unless name is one,
// or "".
func CheckProvider(name string) error {
	if name != "" && !slices.Contains(Providers, name) {
		return fmt.Errorf("provider is %q; it wants one of %s", name, strings.Join(Providers, ", "))
	}
	return nil
}

// remedy says what brings a provider.
var remedy = map[string]string{
	CUDA:     "Name the library of the wheel onnxruntime-gpu in " + LibraryEnv + " on a machine with CUDA and cuDNN",
	TensorRT: "Name the library of the wheel onnxruntime-gpu in " + LibraryEnv + " on a machine with CUDA, cuDNN and TensorRT",
	OpenVINO: "Run `make openvino`, or name the library of the wheel onnxruntime-openvino in " + LibraryEnv,
}

// sessionOptions returns the options of a session on one provider; the caller
// destroys them. An error of the provider is ErrProvider. A layer that the provider
// leaves to the CPU is an error of the session, not a silent fallback.
func sessionOptions(p placement, size [3]int) (*ort.SessionOptions, error) {
	so, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(
		so.SetLogSeverityLevel(ort.LoggingLevelFatal),
		so.SetIntraOpNumThreads(p.perRun()),
		so.SetInterOpNumThreads(1),
		so.SetExecutionMode(ort.ExecutionModeSequential),
	); err != nil {
		return nil, errors.Join(err, so.Destroy())
	}
	if p.provider == CPU {
		return so, nil
	}
	if err := so.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1"); err != nil {
		return nil, errors.Join(err, so.Destroy())
	}
	if err := appendProvider(so, p, size); err != nil {
		return nil, errors.Join(unavailable{p.provider, oneLine(err)}, so.Destroy())
	}
	return so, nil
}

// appendProvider puts a provider in front of the CPU's, which is always there.
func appendProvider(so *ort.SessionOptions, p placement, size [3]int) error {
	switch p.provider {
	case CUDA:
		c, err := ort.NewCUDAProviderOptions()
		if err != nil {
			return err
		}
		defer c.Destroy()
		if err := c.Update(cudaOptions(p)); err != nil {
			return err
		}
		return so.AppendExecutionProviderCUDA(c)
	case TensorRT:
		t, err := ort.NewTensorRTProviderOptions()
		if err != nil {
			return err
		}
		defer t.Destroy()
		if err := t.Update(tensorRTOptions(p, size)); err != nil {
			return err
		}
		return so.AppendExecutionProviderTensorRT(t)
	case OpenVINO:
		return so.AppendExecutionProviderOpenVINO(openVINOOptions(p))
	}
	return fmt.Errorf("no provider is called %s", p.provider)
}

// cudaOptions keep float32 what it is (no TF32) and the arena within the limit.
func cudaOptions(p placement) map[string]string {
	options := map[string]string{
		"device_id":             strconv.Itoa(p.device),
		"use_tf32":              "0",
		"arena_extend_strategy": "kSameAsRequested",
	}
	if p.limitMiB > 0 {
		options["gpu_mem_limit"] = bytesOf(p.limitMiB)
	}
	return options
}

// tensorRTOptions have one engine for the patch's size in 1 to batch windows, so
// that none is built for a volume's last, smaller batch.
func tensorRTOptions(p placement, size [3]int) map[string]string {
	shape := func(batch int) string {
		return fmt.Sprintf("%s:%dx1x%dx%dx%d", inputName, batch, size[2], size[1], size[0])
	}
	options := map[string]string{
		"device_id":              strconv.Itoa(p.device),
		"trt_profile_min_shapes": shape(1),
		"trt_profile_opt_shapes": shape(p.batch),
		"trt_profile_max_shapes": shape(p.batch),
	}
	if p.precision == "fp16" {
		options["trt_fp16_enable"] = "1"
	}
	if p.limitMiB > 0 {
		options["trt_max_workspace_size"] = bytesOf(p.limitMiB)
	}
	return options
}

func openVINOOptions(p placement) map[string]string {
	return map[string]string{
		"device_type":    "CPU",
		"precision":      "ACCURACY", // the model's own; some CPUs would compute in bfloat16
		"num_of_threads": strconv.Itoa(p.threads),
		"num_streams":    strconv.Itoa(p.runs),
	}
}

func bytesOf(mib int) string { return strconv.FormatInt(int64(mib)<<20, 10) }
