package pipelines

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"

	"ctcohort/configs"
)

// runner is the name of the Beam runner; prism, the embedded one, is the default.
func runner() string {
	if *runners.Runner == "" {
		return "prism"
	}
	return *runners.Runner
}

// embedded tells whether the pipelines run in this process alone.
func embedded() bool { return runner() == "prism" }

// OnDataflow tells whether the workers are Dataflow's, which see no disk but their own.
func OnDataflow() bool { return runner() == "dataflow" || runner() == "DataflowRunner" }

// workersElsewhere tells whether the workers may be on other machines.
func workersElsewhere() bool { return !embedded() && !jobopts.IsLoopback() }

// UseRunner sets the runner flags of the configuration that the command line
// left alone; what that gives, it takes out of the configuration's stages too.
// The error names those that are not to be had, and places that workers could
// not reach.
func UseRunner(c configs.Config) error {
	errs := unknownFlags("runner.flags", c.Runner.Flags)
	for _, stage := range slices.Sorted(maps.Keys(c.Runner.Stages)) {
		errs = append(errs, unknownFlags("runner.stages."+stage, c.Runner.Stages[stage])...)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) {
		given[f.Name] = true
		for _, flags := range c.Runner.Stages {
			delete(flags, f.Name)
		}
	})
	for _, name := range slices.Sorted(maps.Keys(c.Runner.Flags)) {
		if given[name] {
			continue
		}
		if err := flag.Set(name, c.Runner.Flags[name]); err != nil {
			return fmt.Errorf("runner.flags.%s: %w", name, err)
		}
	}
	return fitRunner(c)
}

func unknownFlags(path string, flags map[string]string) (errs []error) {
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		if flag.Lookup(name) == nil || name == "worker" {
			errs = append(errs, fmt.Errorf("%s.%s is no flag of Beam's runners: `ctcohort help runner` lists them", path, name))
		}
	}
	return errs
}

// fitRunner refuses what cannot work with the runner.
func fitRunner(c configs.Config) error {
	if *jobopts.Async {
		return errors.New("--async cannot be: a stage reads what the one before wrote, and is complete when its job has ended")
	}
	if DryRun() && !OnDataflow() {
		return errors.New("--dry_run is for --runner=dataflow; `ctcohort plan` says what would run elsewhere")
	}
	if workersElsewhere() && *jobopts.WorkerBinary == "" {
		if runtime.GOOS+"/"+runtime.GOARCH != "linux/amd64" {
			return errors.New("workers run linux/amd64: name a ctcohort built for it by --worker_binary")
		}
		binary, err := os.Executable() // Beam would compile one, without cgo
		if err != nil {
			return fmt.Errorf("finding this program, for the workers: %w", err)
		}
		if err := flag.Set("worker_binary", binary); err != nil {
			return err
		}
	}
	if OnDataflow() {
		return unreachable(c)
	}
	return nil
}

// unreachable names what a worker on Dataflow could not open.
func unreachable(c configs.Config) error {
	var errs []error
	in := func(place, uri string) {
		if uri != "" && !strings.HasPrefix(uri, "gs://") {
			errs = append(errs, fmt.Errorf("%s is %s: workers on Dataflow see no disk but their own; it must be gs://…", place, uri))
		}
	}
	in("output", c.Output)
	for _, cohort := range c.Cohorts {
		in("the archive of cohort "+cohort.Name, cohort.Archive)
		in("the place of the labels of cohort "+cohort.Name, cohort.Labels)
	}
	in("deidentification.links", c.Deidentification.Links)
	in("deidentification.crosswalk.output", c.Deidentification.Crosswalk.Output)
	for _, model := range c.Inference.Models {
		in("model", model)
	}
	if key := c.Deidentification.Key; key != "" && !strings.HasPrefix(key, "gcp-secret:") && !strings.HasPrefix(key, "file:gs://") {
		errs = append(errs, errors.New("deidentification.key must be gcp-secret:projects/P/secrets/S/versions/N on Dataflow, or file:gs://…: its workers see neither files nor variables of this machine"))
	}
	return errors.Join(errs...)
}

// setFlags sets what is one stage's own: its name and its label on the job, and
// the flags that the configuration gives it. restore puts back what was.
func setFlags(c configs.Config, stage string) (restore func(), err error) {
	own := map[string]string{}
	maps.Copy(own, c.Runner.Stages[stage])
	own["job_name"] = jobName(c.Name, stage)
	if OnDataflow() {
		if own["labels"], err = stageLabels(own["labels"], stage); err != nil {
			return nil, err
		}
	}
	before, hints := map[string]string{}, slices.Clone(jobopts.ResourceHints)
	restore = func() {
		for name, value := range before {
			_ = flag.Set(name, value) // it was so before
		}
		jobopts.ResourceHints = hints // setting that flag adds to it
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if name != "resource_hints" {
			before[name] = flag.Lookup(name).Value.String()
		}
		if err := flag.Set(name, own[name]); err != nil {
			restore()
			return nil, fmt.Errorf("runner.stages.%s.%s: %w", stage, name, err)
		}
	}
	for name := range beam.PipelineOptions.Export().Options {
		beam.PipelineOptions.Set(name, "") // Beam fills in flags once, and leaves another stage's there
	}
	return restore, nil
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// jobName is --job_name, or else the configuration's name, with the stage's, in
// the alphabet of Dataflow's names.
func jobName(config, stage string) string {
	name := *jobopts.JobName
	if name == "" {
		name = config
	}
	name = strings.Trim(notInName.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if name == "" || name[0] < 'a' {
		name = strings.TrimSuffix("ctcohort-"+name, "-")
	}
	return name + "-" + stage
}

// stageLabels adds the stage to the labels of a job, by which its cost is told apart.
func stageLabels(own, stage string) (string, error) {
	if own == "" {
		own = flag.Lookup("labels").Value.String()
	}
	labels := map[string]string{}
	if own != "" {
		if err := json.Unmarshal([]byte(own), &labels); err != nil {
			return "", fmt.Errorf(`--labels is %q: it must be a JSON object of texts, as {"team": "imaging"}: %w`, own, err)
		}
	}
	labels["ctcohort-stage"] = stage
	text, err := json.Marshal(labels)
	return string(text), err
}
