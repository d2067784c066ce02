package transforms

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"ctcohort/io/store"
	"ctcohort/model"
	"ctcohort/model/onnx"
)

// A device is every model of a run, open on one GPU or on the CPU.
type device []*onnx.Session

// loaded are the models of the process: a bundle, and there may be many, loads
// none that is there already.
var loaded struct {
	sync.Mutex
	devices map[string][]device
}

func sharedDevices(ctx context.Context, inf Inference) ([]device, error) {
	loaded.Lock()
	defer loaded.Unlock()
	key := fmt.Sprintf("%q %q %q %q %v %d", inf.Models, inf.Library, inf.Provider, inf.Precision, inf.Devices, inf.Batch)
	if found := loaded.devices[key]; found != nil {
		return found, nil
	}
	devices, err := openDevices(ctx, inf)
	if err != nil {
		return nil, err
	}
	if loaded.devices == nil {
		loaded.devices = map[string][]device{}
	}
	loaded.devices[key] = devices
	return devices, nil
}

// openDevices opens every model on every device of the run: the GPUs that are
// named, or all that are visible where the first model came to a GPU, or the CPU.
func openDevices(ctx context.Context, inf Inference) ([]device, error) {
	first, err := openDevice(ctx, inf, inf.FirstDevice())
	if err != nil {
		return nil, err
	}
	devices := []device{first}
	for _, index := range inf.otherDevices(first[0].Provider()) {
		next, err := openDevice(ctx, inf, index)
		if err != nil {
			return nil, errors.Join(err, closeAll(devices))
		}
		devices = append(devices, next)
	}
	return devices, nil
}

// FirstDevice returns the index of the GPU that models are opened on first.
func (inf Inference) FirstDevice() int {
	if len(inf.Devices) > 0 {
		return inf.Devices[0]
	}
	return 0
}

// otherDevices returns the GPUs to use beside the first, given the provider of
// that one.
func (inf Inference) otherDevices(provider string) []int {
	if !onGPU(provider) {
		return nil
	}
	if len(inf.Devices) > 0 {
		return inf.Devices[1:]
	}
	gpus, _ := onnx.GPUs() // where they cannot be listed, there is the one in use
	var others []int
	for i := 1; i < len(gpus); i++ {
		others = append(others, i)
	}
	return others
}

// openDevice opens every model on one device, where they share the turns at computing.
func openDevice(ctx context.Context, inf Inference, index int) (device, error) {
	var d device
	for _, uri := range inf.Models {
		m, err := OpenModel(ctx, uri, inf, index)
		if err != nil {
			return nil, errors.Join(err, closeAll([]device{d}))
		}
		if len(d) > 0 {
			m.ShareTurns(d[0])
		}
		d = append(d, m)
	}
	return d, nil
}

func closeAll(devices []device) error {
	var errs []error
	for _, m := range slices.Concat(devices...) {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}

// OpenModel opens the ONNX model at a URI as the inference says, on a device. In
// half precision it is the file NAME_fp16.onnx beside NAME.onnx, as train/export.py
// writes it.
func OpenModel(ctx context.Context, uri string, inf Inference, index int) (*onnx.Session, error) {
	session, err := openPrecision(ctx, uri, inf, onnx.Options{
		Library: inf.Library, Provider: inf.Provider, Device: index, Models: len(inf.Models), Batch: inf.Batch,
	})
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", uri, err)
	}
	return session, nil
}

func openPrecision(ctx context.Context, uri string, inf Inference, o onnx.Options) (*onnx.Session, error) {
	half := halfOf(uri)
	preferred := half != "" && (inf.Precision == "fp16" || inf.Precision == "auto" && onGPU(inf.Provider))
	if preferred {
		session, err := openHalf(ctx, uri, half, o)
		if inf.Precision == "fp16" || !errors.Is(err, fs.ErrNotExist) {
			return session, err
		}
	}
	session, err := openFile(ctx, uri, o)
	if err != nil || preferred || half == "" || inf.Precision != "auto" || !onGPU(session.Provider()) {
		return session, err
	}
	faster, err := openHalf(ctx, uri, half, o) // for the provider auto came to a GPU
	if errors.Is(err, fs.ErrNotExist) {
		return session, nil
	}
	return faster, errors.Join(err, session.Close())
}

func onGPU(provider string) bool { return provider == onnx.CUDA || provider == onnx.TensorRT }

// halfOf returns the name of a model's file in half precision, and "" for one
// that is no ONNX file or is that itself.
func halfOf(uri string) string {
	name, ok := strings.CutSuffix(uri, ".onnx")
	if !ok || strings.HasSuffix(name, "_fp16") {
		return ""
	}
	return name + "_fp16.onnx"
}

// openHalf opens a model's file in half precision, which must be of the same network.
func openHalf(ctx context.Context, uri, half string, o onnx.Options) (*onnx.Session, error) {
	spec, _, err := ReadModel(ctx, uri)
	if err != nil {
		return nil, err
	}
	session, err := openFile(ctx, half, o)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there beside it: export the model with --precision fp16, or take precision fp32: %w", path.Base(half), err)
	}
	if err != nil {
		return nil, err
	}
	if other := session.Spec(); !other.SameNetwork(spec) {
		return nil, errors.Join(fmt.Errorf("%s beside it is another network, %s of width %d: export it anew, or take precision fp32", path.Base(half), other.Network, other.Width), session.Close())
	}
	return session, nil
}

// ReadModel returns the ONNX model at a URI and what it says of itself, without
// opening it.
func ReadModel(ctx context.Context, uri string) (spec model.Spec, onnxModel []byte, err error) {
	if onnxModel, err = store.ReadURI(ctx, uri); err == nil {
		spec, err = model.ReadSpec(bytes.NewReader(onnxModel))
	}
	return spec, onnxModel, err
}

func openFile(ctx context.Context, uri string, o onnx.Options) (*onnx.Session, error) {
	data, err := store.ReadURI(ctx, uri)
	if err != nil {
		return nil, fmt.Errorf("reading model %s: %w", uri, err)
	}
	return onnx.Open(data, o)
}
