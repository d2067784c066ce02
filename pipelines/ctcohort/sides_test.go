package main

import (
	"reflect"
	"testing"

	"github.com/spf13/pflag"

	"ctcohort/configs"
)

// A flag wins over the configuration: numbers over its fractions, and fractions
// over its numbers. Both on one command line remain, for validation to refuse.
func TestSidesOnTheCommandLine(t *testing.T) {
	numbers := write(t, "numbers.yaml", "output: o\nsplit: {train: 7, test: 3}\n", 0o600)
	fractions := write(t, "fractions.yaml", "output: o\nsplit: {train_fraction: 0.7, test_fraction: 0.3}\n", 0o600)
	for _, tt := range []struct {
		args []string
		want configs.Split
	}{
		{nil, configs.Split{Train: 731, Test: 130}},
		{[]string{"--train", "5"}, configs.Split{Train: 5, Test: 130}},
		{[]string{"--train-fraction", "0.5"}, configs.Split{TrainFraction: 0.5}},
		{[]string{"--config", numbers, "--test", "2"}, configs.Split{Train: 7, Test: 2}},
		{[]string{"--config", numbers, "--test-fraction", "0.2"}, configs.Split{TestFraction: 0.2}},
		{[]string{"--config", fractions, "--test-fraction", "0.2"}, configs.Split{TrainFraction: 0.7, TestFraction: 0.2}},
		{[]string{"--config", fractions, "--train", "5"}, configs.Split{Train: 5}},
		{[]string{"--train-fraction", "0.5", "--train", "5"}, configs.Split{Train: 5, TrainFraction: 0.5}},
	} {
		flags := pflag.NewFlagSet("split", pflag.ContinueOnError)
		s := newSettings(flags)
		s.sides()
		if err := flags.Parse(tt.args); err != nil {
			t.Fatal(err)
		}
		cfg, err := s.load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tt.want.StratifyBy, tt.want.Seed = "none", 1
		if !reflect.DeepEqual(cfg.Split, tt.want) {
			t.Errorf("split %v: %+v; want %+v", tt.args, cfg.Split, tt.want)
		}
	}
}
