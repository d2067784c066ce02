package main

import (
	"fmt"
	"strconv"
	"strings"

	"ctcohort/configs"
)

// windows adds the flags for which windows of a volume are asked, and how.
func (s *settings) windows() {
	s.number("overlap", "`share` by which windows overlap (default 0.25)", func(c *configs.Config) *float64 { return &c.Inference.Overlap })
	s.yesNo("lung-box", "leave out windows that are not near a lung (default false)", func(c *configs.Config) *bool { return &c.Inference.LungBox })
	s.list("flip", "`axis`, x, y or z, along which mirror images are averaged; may be given again, each doubles the work", func(c *configs.Config) *[]string { return &c.Inference.Flips })
}

// hardware adds the flags for what networks run on.
func (s *settings) hardware() {
	s.text("provider", "execution `provider`: auto, cpu, cuda, tensorrt or openvino (default auto)", func(c *configs.Config) *string { return &c.Inference.Provider })
	s.text("precision", "`precision`: auto takes NAME_fp16.onnx beside NAME.onnx on a GPU; fp32 or fp16 takes that one (default auto)", func(c *configs.Config) *string { return &c.Inference.Precision })
	s.set("devices", "`indices` of the GPUs to use, as 0,1 (default: all that are visible)", func(value string) (func(*configs.Config), error) {
		var devices []int
		for text := range strings.SplitSeq(value, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil {
				return nil, fmt.Errorf("%q in %q is not a whole number", text, value)
			}
			devices = append(devices, n)
		}
		return func(c *configs.Config) { c.Inference.Devices = devices }, nil
	})
	s.integer("batch", "`N` windows in a call (default: as many as fit a GPU, 1 on a CPU)", func(c *configs.Config) *int { return &c.Inference.Batch })
	s.runtime()
}
