package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/pipelines"
)

// settings collects what the flags of one command say. Each flag sets a key of
// the configuration, after the file is loaded: a flag wins.
type settings struct {
	flags   *pflag.FlagSet
	sets    []func(*configs.Config)
	config  string // URI of the configuration file
	in, out string
	library string
	force   bool
}

func newSettings(flags *pflag.FlagSet) *settings {
	s := &settings{flags: flags}
	flags.StringVar(&s.config, "config", "", "YAML `file` with everything that flags can set; a flag wins")
	return s
}

func (s *settings) set(name, usage string, parse func(value string) (func(*configs.Config), error)) {
	s.flags.Func(name, usage, func(value string) error {
		set, err := parse(value)
		if err == nil {
			s.sets = append(s.sets, set)
		}
		return err
	})
}

func (s *settings) text(name, usage string, key func(*configs.Config) *string) {
	s.set(name, usage, func(value string) (func(*configs.Config), error) {
		return func(c *configs.Config) { *key(c) = value }, nil
	})
}

// list adds a flag that may be given again; the first on the command line
// replaces the configuration's list.
func (s *settings) list(name, usage string, key func(*configs.Config) *[]string) {
	first := true
	s.set(name, usage, func(value string) (func(*configs.Config), error) {
		replace := first
		first = false
		return func(c *configs.Config) {
			if replace {
				*key(c) = nil
			}
			*key(c) = append(*key(c), value)
		}, nil
	})
}

func (s *settings) integer(name, usage string, key func(*configs.Config) *int) {
	s.set(name, usage, func(value string) (func(*configs.Config), error) {
		n, err := strconv.Atoi(value)
		if err != nil {
			return nil, fmt.Errorf("%q is not a whole number", value)
		}
		return func(c *configs.Config) { *key(c) = n }, nil
	})
}

// yesNo adds a flag that is given alone or as --name=false.
func (s *settings) yesNo(name, usage string, key func(*configs.Config) *bool) {
	s.flags.BoolFunc(name, usage, func(value string) error {
		yes, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		s.sets = append(s.sets, func(c *configs.Config) { *key(c) = yes })
		return nil
	})
}

func (s *settings) seed(name, usage string, key func(*configs.Config) *int64) {
	s.set(name, usage, func(value string) (func(*configs.Config), error) {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a whole number", value)
		}
		return func(c *configs.Config) { *key(c) = n }, nil
	})
}

func (s *settings) number(name, usage string, key func(*configs.Config) *float64) {
	s.set(name, usage, func(value string) (func(*configs.Config), error) {
		x, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", value)
		}
		return func(c *configs.Config) { *key(c) = x }, nil
	})
}

// sides adds the flags for how many patients are where. Numbers win over the
// configuration's fractions, and fractions over its numbers; that both are on
// the command line is a fault of the configuration that they make.
func (s *settings) sides() {
	s.sets = append(s.sets, func(c *configs.Config) {
		if s.flags.Changed("train") || s.flags.Changed("test") {
			c.Split.TrainFraction, c.Split.TestFraction = 0, 0
		}
		if s.flags.Changed("train-fraction") || s.flags.Changed("test-fraction") {
			c.Split.Train, c.Split.Test = 0, 0
		}
	})
	s.integer("train", "`N` patients to train (default 731)", func(c *configs.Config) *int { return &c.Split.Train })
	s.integer("test", "`N` patients to test (default 130)", func(c *configs.Config) *int { return &c.Split.Test })
	s.number("train-fraction", "`share` of the patients to train, in place of numbers", func(c *configs.Config) *float64 { return &c.Split.TrainFraction })
	s.number("test-fraction", "`share` of the patients to test, in place of numbers", func(c *configs.Config) *float64 { return &c.Split.TestFraction })
}

func (s *settings) spacing() {
	s.set("spacing", "spacing `X,Y,Z` of the volumes in mm (default 1,1,1)", func(value string) (func(*configs.Config), error) {
		var mm [3]float64
		err := triple(value, func(i int, text string) (err error) {
			mm[i], err = strconv.ParseFloat(text, 64)
			return err
		})
		return func(c *configs.Config) { c.Volume.SpacingMM = mm }, err
	})
}

func (s *settings) size() {
	s.set("size", "size `X,Y,Z` of a patch in voxels (default 128,128,64)", func(value string) (func(*configs.Config), error) {
		var voxels [3]int
		err := triple(value, func(i int, text string) (err error) {
			voxels[i], err = strconv.Atoi(text)
			return err
		})
		return func(c *configs.Config) { c.Tile.SizeVoxels = voxels }, err
	})
}

// triple parses three values along x, y and z.
func triple(value string, parse func(i int, text string) error) error {
	parts := strings.Split(value, ",")
	if len(parts) != 3 {
		return fmt.Errorf("%q is not three numbers X,Y,Z", value)
	}
	for i, part := range parts {
		if parse(i, strings.TrimSpace(part)) != nil {
			return fmt.Errorf("%q in %q is not a number", part, value)
		}
	}
	return nil
}

func (s *settings) root() {
	s.flags.StringVar(&s.in, "in", "", "`URI` of the output root of the stage before")
	s.flags.StringVar(&s.out, "out", "", "`URI` of the root to write to (default: the same as --in)")
}

func (s *settings) workers() {
	s.integer("workers", "`N` heavy elements at a time in a process (default: one a core)", func(c *configs.Config) *int { return &c.Workers })
}

func (s *settings) again() {
	s.flags.BoolVar(&s.force, "force", false, "do everything anew, also what stands and has not changed")
}

// masks adds the flags for what is written beside each mask on its volume's grid.
func (s *settings) masks() {
	s.yesNo("source-masks", "write each mask on the grid of its source too (default true)", func(c *configs.Config) *bool { return &c.Inference.SourceMasks })
	s.yesNo("dicom-seg", "write each mask as DICOM SEG too (default true)", func(c *configs.Config) *bool { return &c.Inference.DICOMSeg })
}

func (s *settings) runtime() {
	s.flags.StringVar(&s.library, "onnxruntime", "", "ONNX Runtime's shared `library` (default: beside the binary, or what CTCOHORT_ONNXRUNTIME names)")
}

// load returns the configuration of the file with the flags applied, not yet validated as a whole.
func (s *settings) load(ctx context.Context) (configs.Config, error) {
	cfg := configs.Default()
	if s.config != "" {
		data, err := store.ReadURI(ctx, s.config)
		if err != nil {
			return cfg, usageError{fmt.Errorf("reading the configuration: %w", err)}
		}
		if cfg, err = configs.Load(s.config, data); err != nil {
			return cfg, usageError{fmt.Errorf("the configuration has faults:\n%w", err)}
		}
	}
	for _, set := range s.sets {
		set(&cfg)
	}
	return cfg, nil
}

// job returns the job of a stage after the first: it works on one root.
func (s *settings) job(ctx context.Context) (pipelines.Job, error) {
	cfg, err := s.load(ctx)
	if err != nil {
		return pipelines.Job{}, err
	}
	in := s.in
	if in == "" {
		in = cfg.Output
	}
	if in == "" {
		return pipelines.Job{}, usageError{fmt.Errorf("--in is missing: the output root of the stage before (or `output` in --config)")}
	}
	cfg.Output = in
	if s.out != "" {
		cfg.Output = s.out
	}
	if err := cfg.Validate(); err != nil {
		return pipelines.Job{}, usageError{err}
	}
	return pipelines.Job{Config: cfg, In: in, Out: cfg.Output, Library: s.library, Force: s.force}, nil
}
