package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ctcohort/configs"
)

// offline is a machine without credentials and without a network, whose
// environment holds what must not travel.
var offline = []string{"NO_GCE_CHECK=true", "GOOGLE_APPLICATION_CREDENTIALS=", "HOME=/nowhere/ROENTGEN^WILHELM", "CLOUDSDK_CONFIG=/nowhere", "PSEUDONYM_KEY=" + goodKey}

const dataflowConfig = `
name: China 2020
output: gs://results/china
deidentification: {key: "gcp-secret:projects/imaging/secrets/pseudonyms/versions/3"}
cohorts: [{name: china, archive: "gs://originals/china"}, {name: germany, archive: "gs://originals/germany", external: true}]
inference: {models: ["gs://results/models/covid_segnet.onnx"], provider: cuda}
runner:
  flags:
    runner: dataflow
    project: imaging
    region: europe-west3
    staging_location: gs://results/staging
    temp_location: gs://results/tmp
    service_account_email: worker@imaging.iam.gserviceaccount.com
    sdk_container_image: images/ctcohort:cpu
    worker_machine_type: n2-standard-4
    max_num_workers: 50
    no_use_public_ips: true
    labels: '{"team": "radiology"}'
  stages:
    infer:
      sdk_container_image: images/ctcohort:gpu
      worker_machine_type: g2-standard-8
      dataflow_service_options: worker_accelerator=type:nvidia-l4;count:1;install-nvidia-driver
      max_num_workers: 8
`

// A dataflowJob is what the tests look at in a job.
type dataflowJob struct {
	Name, ProjectID, Type string
	Labels                map[string]string
	Environment           struct {
		ServiceAccountEmail, TempStoragePrefix string
		ServiceOptions                         []string
		SdkPipelineOptions                     struct {
			Options struct{ PipelineURL, Region, TempLocation string }
			Go      struct{ Options map[string]string } `json:"beam:option:go_options:v1"`
		}
		WorkerPools []struct {
			MachineType, WorkerHarnessContainerImage, IPConfiguration string
			AutoscalingSettings                                       struct{ MaxNumWorkers int }
			SdkHarnessContainerImages                                 []struct{ ContainerImage string }
			Packages                                                  []struct{ Location string }
		}
	}
}

// dryRun returns the jobs of a dry run, and their text.
func dryRun(t *testing.T, args ...string) (jobs []dataflowJob, text string) {
	t.Helper()
	status, stdout, stderr := process(t, offline, append(args, "--dry_run")...)
	if status != exitDone {
		t.Fatalf("%v --dry_run: exit status %d\n%s", args, status, stderr)
	}
	if err := json.Unmarshal(stdout, &jobs); err != nil {
		t.Fatalf("%v --dry_run printed no list of jobs: %v", args, err)
	}
	return jobs, string(stdout)
}

// Every stage's job is built without a network, as the configuration says.
func TestDataflowJobs(t *testing.T) {
	config := write(t, "run.yaml", dataflowConfig, 0o600)
	jobs, text := dryRun(t, "run", "--config", config)
	if len(jobs) != len(configs.RunnerStages) {
		t.Fatalf("%d jobs; want one for each of %v", len(jobs), configs.RunnerStages)
	}
	for i, stage := range configs.RunnerStages {
		job := jobs[i]
		env := job.Environment
		pool := env.WorkerPools[0]
		image, machine, workers, service := "images/ctcohort:cpu", "n2-standard-4", 50, []string(nil)
		if stage == "infer" {
			image, machine, workers, service = "images/ctcohort:gpu", "g2-standard-8", 8, []string{"worker_accelerator=type:nvidia-l4;count:1;install-nvidia-driver"}
		}
		for _, tt := range []struct{ what, got, want string }{
			{"name", job.Name, "china-2020-" + stage},
			{"type", job.Type, "JOB_TYPE_BATCH"},
			{"project", job.ProjectID, "imaging"},
			{"labels", fmt.Sprint(job.Labels), fmt.Sprint(map[string]string{"team": "radiology", "ctcohort-stage": stage})},
			{"service account", env.ServiceAccountEmail, "worker@imaging.iam.gserviceaccount.com"},
			{"region", env.SdkPipelineOptions.Options.Region, "europe-west3"},
			{"temporary files", env.TempStoragePrefix + " " + env.SdkPipelineOptions.Options.TempLocation, "gs://results/tmp gs://results/tmp"},
			{"machine", pool.MachineType, machine},
			{"image", pool.WorkerHarnessContainerImage, image},
			{"image of the SDK", pool.SdkHarnessContainerImages[0].ContainerImage, image},
			{"workers", fmt.Sprint(pool.AutoscalingSettings.MaxNumWorkers), fmt.Sprint(workers)},
			{"addresses", pool.IPConfiguration, "WORKER_IP_PRIVATE"},
			{"service options", fmt.Sprint(env.ServiceOptions), fmt.Sprint(service)},
			{"service options of the SDK", env.SdkPipelineOptions.Go.Options["dataflow_service_options"], strings.Join(service, "")},
		} {
			if tt.got != tt.want {
				t.Errorf("%s: %s is %q; want %q", stage, tt.what, tt.got, tt.want)
			}
		}
		if staged := env.SdkPipelineOptions.Options.PipelineURL; !strings.HasPrefix(staged, "gs://results/staging/") || !strings.HasPrefix(pool.Packages[0].Location, "gs://results/staging/") {
			t.Errorf("%s: graph at %s and program at %s; want them at the staging location", stage, staged, pool.Packages[0].Location)
		}
	}
	if found := secretsIn([]byte(text)); len(found) > 0 {
		t.Errorf("the jobs hold %q", found)
	}
}

// The command line wins over the configuration, of a stage too.
func TestDataflowFlagsWin(t *testing.T) {
	config := write(t, "run.yaml", dataflowConfig, 0o600)
	jobs, _ := dryRun(t, "infer", "--config", config, "--worker_machine_type=a2-highgpu-1g", "--job_name=Trial", "--use_public_ips", "--no_use_public_ips=false")
	if len(jobs) != 1 {
		t.Fatalf("%d jobs of one stage", len(jobs))
	}
	pool := jobs[0].Environment.WorkerPools[0]
	if pool.MachineType != "a2-highgpu-1g" || pool.WorkerHarnessContainerImage != "images/ctcohort:gpu" || jobs[0].Name != "trial-infer" || pool.IPConfiguration != "WORKER_IP_UNSPECIFIED" {
		t.Errorf("job %s on %s from %s, addresses %s; want trial-infer on a2-highgpu-1g from images/ctcohort:gpu, WORKER_IP_UNSPECIFIED",
			jobs[0].Name, pool.MachineType, pool.WorkerHarnessContainerImage, pool.IPConfiguration)
	}
}

// A parameter of the flex template is a flag of command template.
func TestTemplateTakesItsParameters(t *testing.T) {
	config := write(t, "run.yaml", dataflowConfig, 0o600)
	jobs, _ := dryRun(t, "template", "--stage=resample", "--config="+config, "--name=trial", "--volume_spacing_mm=2,2,2", "--series_use=best")
	if len(jobs) != 1 || jobs[0].Name != "trial-resample" {
		t.Errorf("jobs %+v; want trial-resample alone", jobs)
	}
	for _, args := range [][]string{{"--stage=report"}, {"--stage=resample", "--volume_spacing_mm=2,2"}, {"--stage=resample", "--series_use=worst"}} {
		if status, _, stderr := process(t, offline, append([]string{"template", "--config=" + config, "--dry_run"}, args...)...); status != exitUsage {
			t.Errorf("template %v: exit status %d, want %d: %s", args, status, exitUsage, stderr)
		}
	}
	if shared := slices.Collect(maps.Keys(sharedWithBeam())); len(shared) > 0 {
		t.Errorf("parameters %v are flags of Beam's runners too", shared)
	}
}

func TestRunnerRefuses(t *testing.T) {
	changed := func(pairs ...string) string {
		return write(t, "run.yaml", strings.NewReplacer(pairs...).Replace(dataflowConfig), 0o600)
	}
	for _, tt := range []struct {
		name, config string
		args         []string
		want         string
	}{
		{"output on a disk", changed("gs://results/china", "out"), nil, "output is out: workers on Dataflow see no disk but their own"},
		{"archive on a disk", changed("gs://originals/germany", "/archive"), nil, "the archive of cohort germany is /archive"},
		{"model on a disk", changed("gs://results/models/", ""), nil, "model is covid_segnet.onnx"},
		{"key in a file", changed("gcp-secret:projects/imaging/secrets/pseudonyms/versions/3", "file:key"), nil, "deidentification.key must be gcp-secret:"},
		{"no such flag", changed("region:", "regio:"), nil, "runner.flags.regio is no flag of Beam's runners"},
		{"no such flag of a stage", changed("      max_num_workers: 8", "      max_workers: 8"), nil, "runner.stages.infer.max_workers is no flag"},
		{"no such stage", changed("    infer:\n", "    report:\n"), nil, `runner.stages has "report"; it must be one of anonymise`},
		{"a bad value", changed("max_num_workers: 50", "max_num_workers: many"), nil, "runner.flags.max_num_workers"},
		{"labels that are none", changed(`'{"team": "radiology"}'`, "team"), nil, "--labels"},
		{"not waited for", changed(), []string{"--async"}, "--async cannot be"},
		{"a dry run elsewhere", changed(), []string{"--runner=prism"}, "--dry_run is for --runner=dataflow"},
	} {
		status, _, stderr := process(t, offline, append([]string{"run", "--dry_run", "--config", tt.config}, tt.args...)...)
		if status == exitDone || !strings.Contains(string(stderr), tt.want) {
			t.Errorf("%s: exit status %d and\n%swant %q", tt.name, status, stderr, tt.want)
		}
	}
}
