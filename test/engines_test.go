package test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctcohort/schemas"
	"ctcohort/test/phantom"
)

// engines are Beam's job servers: their main class and what Java needs for them.
var engines = map[string][]string{
	"flink": {"org.apache.beam.runners.flink.FlinkJobServerDriver", "-Xmx1g"},
	"spark": {"org.apache.beam.runners.spark.SparkJobServerDriver", "-Xmx1g",
		"--add-exports=java.base/sun.nio.ch=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED"},
}

// The same cohort through the whole pipeline by the command, on the embedded
// runner and on each engine of CTCOHORT_ENGINES: the same bytes, the same
// counters, the same summary and the same exit status. `make engines-test`
// names the engines; their class paths lie in build/engines.
func TestEnginesGiveTheSameBytes(t *testing.T) {
	named := strings.Fields(os.Getenv("CTCOHORT_ENGINES"))
	if len(named) == 0 {
		t.Skip("no engine is named in CTCOHORT_ENGINES: run `make engines-test`")
	}
	folder := t.TempDir()
	config := engineConfig(t, folder)
	prism := filepath.Join(folder, "prism")
	summary, status := ctcohort(t, exec.Command("../build/ctcohort", "run", "--config", config, "--out", prism))
	if status != 3 {
		t.Fatalf("on the embedded runner: exit status %d, want 3 (done with rejects):\n%s", status, summary)
	}
	want, counted := outputs(t, prism), counters(t, prism, "prism")
	for _, engine := range named {
		t.Run(engine, func(t *testing.T) {
			out := filepath.Join(folder, engine)
			got, status := ctcohort(t, beside(t, engine, "../build/ctcohort", "run", "--config", config, "--out", out,
				"--runner="+engine, "--endpoint=localhost:8099", "--environment_type=LOOPBACK", "--parallelism=2"))
			if status != 3 || got != summary {
				t.Fatalf("exit status %d and\n%s\nwant 3 and\n%s", status, got, summary)
			}
			if diff := differing(want, outputs(t, out)); len(diff) > 0 {
				t.Errorf("of %d files, these differ from the embedded runner's: %v", len(want), diff)
			}
			if diff := differing(counted, counters(t, out, engine)); len(diff) > 0 {
				t.Errorf("counters of these stages differ: %v\n%v\nwant\n%v", diff, counters(t, out, engine), counted)
			}
		})
	}
}

// engineConfig makes a small cohort with bad files and a configuration of a run over it.
func engineConfig(t *testing.T, folder string) string {
	t.Helper()
	generate(t, phantom.Options{Out: filepath.Join(folder, "china"), Patients: 2, Seed: 11, Size: 64, MaxSlices: 48, Cohort: phantom.China})
	generate(t, phantom.Options{Out: filepath.Join(folder, "germany"), Patients: 1, Seed: 11, Size: 64, MaxSlices: 48, Cohort: phantom.Germany})
	key, config := filepath.Join(folder, "key"), filepath.Join(folder, "run.yaml")
	save(t, key, []byte("a key for tests, of enough bytes"))
	save(t, config, fmt.Appendf(nil, `
output: none
deidentification: {key: "file:%[1]s/key"}
cohorts:
  - {name: china, archive: "%[1]s/china"}
  - {name: germany, archive: "%[1]s/germany", external: true}
volume: {spacing_mm: [3, 3, 3]}
split: {train: 1, test: 1}
tile: {size_voxels: [64, 64, 48], patches: 3}
inference: {models: [%[2]s], provider: cpu, overlap: 0}
report: {figures: 1}
`, folder, demoModel))
	return config
}

// beside is a command beside the job server of an engine.
func beside(t *testing.T, engine string, command ...string) *exec.Cmd {
	t.Helper()
	classpath := read(t, filepath.Join("../build/engines", engine+".classpath"))
	log := filepath.Join(t.TempDir(), "server.log")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server's log:\n%s", bytes.TrimSpace(read(t, log)))
		}
	})
	args := append([]string{log, string(bytes.TrimSpace(classpath))}, engines[engine]...)
	return exec.Command("engines/beside.sh", slices.Concat(args, []string{"--"}, command)...)
}

// once is what a summary tells of one run alone: its time, and why a provider was taken.
var once = regexp.MustCompile(` done in \S+:|\(.*\)`)

// ctcohort runs a command and returns what it said of each stage in the end,
// and its exit status.
func ctcohort(t *testing.T, command *exec.Cmd) (summary string, status int) {
	t.Helper()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	command.Env = append(os.Environ(), "TMPDIR="+t.TempDir()) // Beam leaves a file a loopback job
	err := command.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, " done in ") {
			summary += once.ReplaceAllString(line, "")
		}
	}
	if strings.Count(summary, "\n") != 6 {
		t.Errorf("the summary of 6 stages is\n%s\nof\n%s", summary, &stderr)
	}
	return summary, command.ProcessState.ExitCode()
}

// outputs are the digests of all files of a root but of table runs, the page that
// shows it, and the report's list and state that have the page's digest: they tell
// of one run.
func outputs(t *testing.T, root string) map[string]string {
	t.Helper()
	all := digests(t, root, ".")
	for name := range all {
		if strings.HasPrefix(name, "tables/runs/") || name == "report/index.html" || name == "report/_SUCCESS" || name == "state/report/_MANIFEST.json" {
			delete(all, name)
		}
	}
	if len(all) < 100 {
		t.Fatalf("%d files under %s; want more than 100", len(all), root)
	}
	return all
}

// counters are the counters of each stage, of runs of the runner.
func counters(t *testing.T, root, runner string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, r := range rows[schemas.Run](t, root) {
		found[r.Stage] = r.Counters
		if r.Runner != runner {
			t.Errorf("stage %s ran on %q; want %s", r.Stage, r.Runner, runner)
		}
	}
	if !strings.Contains(found["anonymise"], `"anonymise.rejected":`) || len(found) != 5 {
		t.Errorf("counters: %v; want those of 5 stages", found)
	}
	return found
}
