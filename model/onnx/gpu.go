package onnx

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// A GPU is an NVIDIA device as its driver tells of it.
type GPU struct {
	ID        string // GPU-…
	Name      string
	MemoryMiB int // in all
	FreeMiB   int // now
}

// errNoGPU occurs where the driver shows this process no device.
var errNoGPU = errors.New("no GPU is visible here")

// GPUs returns the devices that this process may use, in the order of their
// indices: those of the driver's tool nvidia-smi, narrowed by CUDA_VISIBLE_DEVICES
// as CUDA does it (an entry that names no device ends the list). The error says
// why there is none.
func GPUs() ([]GPU, error) {
	out, err := exec.Command("nvidia-smi", "--query-gpu=uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits").Output()
	if err != nil {
		return nil, fmt.Errorf("%w: nvidia-smi: %w", errNoGPU, err)
	}
	gpus, err := parseGPUs(string(out))
	if err != nil {
		return nil, err
	}
	if visible, set := os.LookupEnv("CUDA_VISIBLE_DEVICES"); set {
		gpus = visibleGPUs(gpus, visible)
	}
	if len(gpus) == 0 {
		return nil, errNoGPU
	}
	return gpus, nil
}

// parseGPUs reads nvidia-smi's lines "uuid, name, MiB, MiB".
func parseGPUs(csv string) (gpus []GPU, err error) {
	for line := range strings.Lines(csv) {
		parts := strings.Split(strings.TrimSpace(line), ", ")
		if len(parts) != 4 {
			return nil, fmt.Errorf("nvidia-smi says %q; it owes uuid, name, memory and free memory", strings.TrimSpace(line))
		}
		total, totalErr := strconv.Atoi(parts[2])
		free, freeErr := strconv.Atoi(parts[3])
		if err := errors.Join(totalErr, freeErr); err != nil {
			return nil, fmt.Errorf("nvidia-smi says %q of a device's memory in MiB", strings.Join(parts[2:], ", "))
		}
		gpus = append(gpus, GPU{ID: parts[0], Name: parts[1], MemoryMiB: total, FreeMiB: free})
	}
	return gpus, nil
}

// visibleGPUs applies CUDA_VISIBLE_DEVICES: indices, or beginnings of IDs.
func visibleGPUs(gpus []GPU, visible string) (out []GPU) {
	for entry := range strings.SplitSeq(visible, ",") {
		entry = strings.TrimSpace(entry)
		at, err := strconv.Atoi(entry)
		if err != nil {
			at = slices.IndexFunc(gpus, func(g GPU) bool { return entry != "" && strings.HasPrefix(g.ID, entry) })
		}
		if at < 0 || at >= len(gpus) {
			return out
		}
		out = append(out, gpus[at])
	}
	return out
}
