package onnx

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"ctcohort/model"
)

// What one window in a network holds at its peak, as a multiple of one layer of
// the network's width in the window's size: measured with COVID-SegNet, 7.6 to 8.1.
const layersPerWindow = 8

// Of memory that is free, the part that a device or this machine gives to
// networks, and how much more than its layers a call on a GPU takes (cuDNN's workspace).
const (
	deviceShare  = 0.9
	machineShare = 0.5
	workspace    = 1.5
	mostBatch    = 8 // windows in a call: more make it no faster and wait longer
)

// windowMiB estimates what one window of a network takes, in MiB.
func windowMiB(spec model.Spec) float64 {
	bytes := 4.0
	if spec.Precision == "fp16" {
		bytes = 2
	}
	voxels := spec.PatchSize[0] * spec.PatchSize[1] * spec.PatchSize[2]
	return layersPerWindow * float64(spec.Width) * float64(voxels) * bytes / (1 << 20)
}

// fitGPU returns how many windows a call may hold and how much memory a session
// may take on a device that so many models share. A device that is too small for one
// window is an error.
func fitGPU(g GPU, spec model.Spec, models int) (batch, limitMiB int, err error) {
	limit := deviceShare * float64(g.FreeMiB) / float64(max(1, models))
	need := workspace * windowMiB(spec)
	if limit < need {
		return 0, 0, fmt.Errorf("a window of %s takes about %.0f MiB, and of the %d MiB of %s %d are free, for %d models",
			spec.Name, need, g.MemoryMiB, g.Name, g.FreeMiB, max(1, models))
	}
	return min(mostBatch, int(limit/need)), int(limit), nil
}

// fitCPU returns how many of at most threads runs fit beside each other into the
// free memory, one at least.
func fitCPU(freeMiB float64, spec model.Spec, threads int) int {
	return max(1, int(min(float64(threads), machineShare*freeMiB/windowMiB(spec))))
}

// freeMemoryMiB returns what this process may still take: what Linux calls
// available, within the control group's limit; infinite where neither is told.
func freeMemoryMiB() float64 {
	free := math.Inf(1)
	if meminfo, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(meminfo)) {
			if words := strings.Fields(line); len(words) == 3 && words[0] == "MemAvailable:" {
				if kib, err := strconv.ParseFloat(words[1], 64); err == nil {
					free = kib / (1 << 10)
				}
			}
		}
	}
	limit, limited := groupMiB("memory.max")
	used, known := groupMiB("memory.current")
	if limited && known {
		free = min(free, max(0, limit-used))
	}
	return free
}

// groupMiB reads a figure of the control group (cgroup v2), which is "max" where there is no limit.
func groupMiB(name string) (float64, bool) {
	text, err := os.ReadFile("/sys/fs/cgroup/" + name)
	if err != nil {
		return 0, false
	}
	bytes, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	return bytes / (1 << 20), err == nil
}
