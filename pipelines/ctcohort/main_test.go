package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/model/onnx"
)

// command runs ctcohort in this process and returns its exit status and output.
func command(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, &out, &err)
	return status, out.String(), err.String()
}

// write makes a file in a new folder and returns its path.
func write(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

const goodKey = "0123456789abcdef0123456789abcdef"

// archive makes a folder with one file that is no DICOM.
func archive(t *testing.T) string {
	t.Helper()
	return filepath.Dir(write(t, "notes.txt", "not DICOM", 0o600))
}

func TestMessagesAndExitStatuses(t *testing.T) {
	key := write(t, "key", goodKey, 0o600)
	empty := t.TempDir()
	out := t.TempDir()
	identity := filepath.Join(t.TempDir(), "identity")
	_, recipient, _ := command(t, "crosswalk", "--new-identity", identity)
	recipient = strings.TrimSpace(recipient)
	const links = "person,site,issuer,patient_id\nA,,,7\n"
	config := func(text string) string { return write(t, "run.yaml", text, 0o600) }
	whole := func(archive, key, model string) string {
		return config("output: " + out + "\ndeidentification: {key: 'file:" + key + "'}\ncohorts: [{name: china, archive: " + archive + "}]\ninference: {models: [" + model + "]}\n")
	}
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string // in stderr
	}{
		{"unknown command", []string{"anonymize"}, exitUsage, `unknown command "anonymize"`},
		{"unknown flag", []string{"resample", "--spacings", "1"}, exitUsage, "unknown flag: --spacings; see `ctcohort resample --help`"},
		{"an argument that is no flag", []string{"split", "out"}, exitUsage, `takes flags only, not "out"`},
		{"bad value of a flag", []string{"resample", "--in", out, "--spacing", "1,1"}, exitUsage, `"1,1" is not three numbers X,Y,Z`},
		{"an option that is none", []string{"anonymise", "--in", out, "--out", out, "--key-file", key, "--option", "retain_names"}, exitUsage, `"retain_names"; it must be one of retain_full_dates`},
		{"value out of range", []string{"resample", "--in", out, "--spacing", "0,1,1"}, exitUsage, "volume.spacing_mm along x is 0 mm"},
		{"a choice of series that is none", []string{"resample", "--in", out, "--use", "first"}, exitUsage, `series.use is "first"; it must be one of all, best`},
		{"oblique series", []string{"resample", "--in", out, "--oblique", "drop"}, exitUsage, `series.oblique is "drop"; it must be one of resample, keep, reject`},
		{"an interpolation that is none", []string{"resample", "--in", out, "--interpolation", "cubic"}, exitUsage, `volume.interpolation is "cubic"; it must be one of linear, nearest, bspline`},
		{"a prefilter that is none", []string{"resample", "--in", out, "--prefilter", "box"}, exitUsage, `volume.prefilter is "box"; it must be one of none, gaussian`},
		{"a status within the output", []string{"resample", "--in", out, "--status", filepath.Join(out, "status.json")}, exitUsage, "status lies within output"},
		{"a status that is a folder", []string{"resample", "--in", out, "--status", empty + "/"}, exitUsage, "it must be a file in one"},
		{"no input", []string{"resample"}, exitUsage, "--in is missing"},
		{"no configuration", []string{"run"}, exitUsage, "--config is missing"},
		{"configuration not there", []string{"run", "--config", filepath.Join(empty, "none.yaml")}, exitUsage, "reading the configuration"},
		{"bad configuration", []string{"run", "--config", config("output: o\nspacing: 1\nsplit: {train: -1}\n")}, exitUsage, `run.yaml:2: unknown key "spacing"`},
		{"bad configuration, all faults at once", []string{"run", "--config", config("output: o\nspacing: 1\nsplit: {train: -1}\n")}, exitUsage, "run.yaml:3: split.train is -1 patients"},
		{"nothing to run", []string{"run", "--config", config("output: o\n")}, exitUsage, "the configuration lacks cohorts"},
		{"empty archive", []string{"anonymise", "--in", empty, "--out", out, "--key-file", key}, exitFailed, "the archive of cohort cohort holds no file"},
		{"empty archive in a plan", []string{"plan", "--config", whole(empty, key, "m.onnx")}, exitUsage, "the archive of cohort china holds no file"},
		{"no key", []string{"anonymise", "--in", archive(t), "--out", out}, exitUsage, "--key-file is missing"},
		{"key not there", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", filepath.Join(empty, "none")}, exitFailed, "reading the pseudonym key"},
		{"short key", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", write(t, "key", "short", 0o600)}, exitFailed, "at least 16 are needed"},
		{"key open to others", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", write(t, "key", goodKey, 0o644)}, exitFailed, "open to others"},
		{"link table not there", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--links", filepath.Join(empty, "none")}, exitFailed, "reading the link table"},
		{"link table open to others", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--links", write(t, "links.csv", links, 0o644)}, exitFailed, "reading the link table: reading a file: the file is open to others; restrict it with: chmod 600"},
		{"faults of a link table", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--links", write(t, "links.csv", links+"A,,,\nB,,,7\n", 0o600)}, exitFailed,
			"the link table has faults:\nline 3: patient_id is empty\nline 4: the same ID is another person's in line 2"},
		{"link table in the output", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--links", filepath.Join(out, "links.csv")}, exitUsage, "links lies within the output"},
		{"crosswalk for nobody", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--crosswalk", empty}, exitUsage, "crosswalk.recipients is missing"},
		{"crosswalk nowhere", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--crosswalk-recipient", recipient}, exitUsage, "crosswalk.output is missing"},
		{"crosswalk in the output", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--crosswalk", filepath.Join(out, "c"), "--crosswalk-recipient", recipient}, exitUsage, "lie one within the other"},
		{"crosswalk that cannot be written", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--crosswalk", filepath.Join(key, "c"), "--crosswalk-recipient", recipient}, exitFailed, "opening the crosswalk: creating an object: not a directory"},
		{"crosswalk for a secret key", []string{"anonymise", "--in", archive(t), "--out", out, "--key-file", key, "--crosswalk", empty, "--crosswalk-recipient", goodKey}, exitUsage, "recipients.0 is no age recipient"},
		{"crosswalk without input", []string{"crosswalk", "--identity-file", key}, exitUsage, "--in is missing"},
		{"crosswalk without identity", []string{"crosswalk", "--in", empty}, exitUsage, "--identity-file is missing"},
		{"identity not there", []string{"crosswalk", "--in", empty, "--identity-file", filepath.Join(empty, "none")}, exitFailed, "reading the identity: reading a file: no such file"},
		{"identity open to others", []string{"crosswalk", "--in", empty, "--identity-file", write(t, "id", goodKey, 0o644)}, exitFailed, "reading the identity: reading a file: the file is open to others"},
		{"identity that is none", []string{"crosswalk", "--in", empty, "--identity-file", key}, exitFailed, "must hold lines AGE-SECRET-KEY-1"},
		{"no crosswalk there", []string{"crosswalk", "--in", empty, "--identity-file", identity}, exitFailed, "no part of a crosswalk"},
		{"new identity and more", []string{"crosswalk", "--new-identity", "x", "--in", empty}, exitUsage, "--new-identity stands alone"},
		{"new identity over a file", []string{"crosswalk", "--new-identity", identity}, exitFailed, "the file is there already"},
		{"stage before did not run", []string{"split", "--in", empty}, exitFailed, "run `ctcohort resample` first"},
		{"numbers and fractions", []string{"split", "--in", empty, "--train", "5", "--test-fraction", "0.1"}, exitUsage, "split has both numbers (train 5, test 0) and fractions (train_fraction 0, test_fraction 0.1)"},
		{"strata that are none", []string{"split", "--in", empty, "--stratify-by", "age"}, exitUsage, `split.stratify_by is "age"; it must be one of none, site`},
		{"an external cohort that cannot be one", []string{"split", "--in", empty, "--external", "-"}, exitUsage, `split.external has "-", which is no name of a cohort`},
		{"model not there", []string{"plan", "--config", whole(archive(t), key, "none.onnx")}, exitUsage, "reading model none.onnx"},
		{"phantom without a place", []string{"phantom"}, exitUsage, "--out is missing"},
		{"phantom into a full folder", []string{"phantom", "--out", archive(t)}, exitUsage, "is not empty"},
		{"metrics of one file", []string{"metrics", "--prediction", "a"}, exitUsage, "both needed"},
		{"metrics of a file and a folder", []string{"metrics", "--prediction", "a.nii", "--reference", "b"}, exitUsage, "must both be files, .nii or .nii.gz, or both folders"},
		{"metrics of empty folders", []string{"metrics", "--prediction", empty, "--reference", empty}, exitFailed, "neither folder holds a .nii or .nii.gz file"},
		{"verify without a place", []string{"verify"}, exitUsage, "--in is missing"},
		{"verify of nothing", []string{"verify", "--in", empty}, exitFailed, "no complete dataset is under the root"},
		{"masks neither yes nor no", []string{"infer", "--in", empty, "--dicom-seg=maybe"}, exitUsage, `"maybe" is neither true nor false`},
		{"no such help", []string{"help", "nothing"}, exitUsage, "no command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := command(t, tt.args...)
			if status != tt.status || !strings.Contains(stderr, tt.want) {
				t.Errorf("ctcohort %s: status %d, stderr %q; want %d and %q", strings.Join(tt.args, " "), status, stderr, tt.status, tt.want)
			}
			if stdout != "" {
				t.Errorf("ctcohort %s printed %q to stdout; want nothing", strings.Join(tt.args, " "), stdout)
			}
			if strings.Contains(stderr, goodKey) {
				t.Error("the message holds the key")
			}
		})
	}
}

func TestMissingLibrary(t *testing.T) {
	model := write(t, "model.onnx", "no model", 0o600)
	t.Setenv(onnx.LibraryEnv, filepath.Join(t.TempDir(), "libonnxruntime.so"))
	status, _, stderr := command(t, "infer", "--in", t.TempDir(), "--model", model)
	if status != exitFailed || !strings.Contains(stderr, onnx.LibraryEnv) {
		t.Errorf("infer without ONNX Runtime: status %d, stderr %q; want %d and the variable's name", status, stderr, exitFailed)
	}
}

func TestUnreadableFileIsAReject(t *testing.T) {
	in := archive(t)
	if err := os.Symlink(filepath.Join(in, "gone"), filepath.Join(in, "MEIER_HANS.dcm")); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	status, stdout, stderr := command(t, "anonymise", "--in", in, "--out", out, "--key-file", write(t, "key", goodKey, 0o600))
	if status != exitRejects || !strings.Contains(stdout, "2 rejects") {
		t.Errorf("anonymise of an unreadable file and a text: status %d, stdout %q, stderr %q; want %d and 2 rejects", status, stdout, stderr, exitRejects)
	}
	if strings.Contains(stdout+stderr, "MEIER") {
		t.Error("the output names the file, which may name a patient")
	}
}

func TestHelpOfEveryCommandHasAnExampleAndExitStatuses(t *testing.T) {
	var out bytes.Buffer
	for _, c := range newRoot(&out, &out).Commands() {
		if c.Name() == "completion" || c.Name() == "help" {
			continue
		}
		status, stdout, _ := command(t, c.Name(), "--help")
		for _, want := range []string{"Usage:", "Examples:", "ctcohort " + c.Name(), "Exit status: 0 done"} {
			if status != exitDone || !strings.Contains(stdout, want) {
				t.Errorf("ctcohort %s --help: status %d, want 0 and %q in:\n%s", c.Name(), status, want, stdout)
			}
		}
	}
}

func TestRunnerFlagsAreTaken(t *testing.T) {
	status, stdout, _ := command(t, "help", "runner")
	if status != exitDone || !strings.Contains(stdout, "--runner") || !strings.Contains(stdout, "--endpoint") {
		t.Errorf("help runner: status %d, %d bytes; want the runners' flags", status, len(stdout))
	}
	// --runner is known to every pipeline: what fails is the input that is not there.
	status, _, stderr := command(t, "split", "--in", t.TempDir(), "--runner=prism")
	if status != exitFailed || !strings.Contains(stderr, "not complete") {
		t.Errorf("split --runner=prism: status %d, stderr %q; want %d", status, stderr, exitFailed)
	}
}

func TestStartedAsWorker(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want bool
	}{
		{[]string{"--worker=true", "--id=1"}, true},
		{[]string{"-worker", "--id=1"}, true},
		{[]string{"run", "--config", "worker"}, false},
		{[]string{"run", "--worker=false"}, false},
		{[]string{"resample", "--workers", "2"}, false},
	} {
		if got := startedAsWorker(tt.args); got != tt.want {
			t.Errorf("startedAsWorker(%q) = %v; want %v", tt.args, got, tt.want)
		}
	}
}

func TestSchemaAndVersionPrint(t *testing.T) {
	for _, tt := range []struct{ command, want string }{{"schema", "## metrics"}, {"version", "ctcohort 0."}} {
		if status, stdout, _ := command(t, tt.command); status != exitDone || !strings.Contains(stdout, tt.want) {
			t.Errorf("ctcohort %s: status %d, stdout %q; want %q", tt.command, status, stdout, tt.want)
		}
	}
}
