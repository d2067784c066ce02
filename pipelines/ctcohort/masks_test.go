package main

import (
	"testing"

	"github.com/spf13/pflag"
)

// What is written beside masks is both, one, or neither; a flag wins over the configuration.
func TestMasksOnTheCommandLine(t *testing.T) {
	neither := write(t, "neither.yaml", "output: o\ninference: {source_masks: false, dicom_seg: false}\n", 0o600)
	for _, tt := range []struct {
		args        []string
		source, seg bool
	}{
		{nil, true, true},
		{[]string{"--dicom-seg=false"}, true, false},
		{[]string{"--source-masks=false", "--dicom-seg=false"}, false, false},
		{[]string{"--config", neither}, false, false},
		{[]string{"--config", neither, "--dicom-seg"}, false, true},
	} {
		flags := pflag.NewFlagSet("infer", pflag.ContinueOnError)
		s := newSettings(flags)
		s.masks()
		if err := flags.Parse(tt.args); err != nil {
			t.Fatal(err)
		}
		cfg, err := s.load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Inference.SourceMasks != tt.source || cfg.Inference.DICOMSeg != tt.seg {
			t.Errorf("infer %v: source masks %v, DICOM SEG %v; want %v, %v", tt.args, cfg.Inference.SourceMasks, cfg.Inference.DICOMSeg, tt.source, tt.seg)
		}
	}
}
