package test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"

	"ctcohort/configs"
	"ctcohort/pipelines"
)

// A run that is to be killed, or to have a world of its own, is this test binary
// started again with the configuration's file in childConfig.
const (
	childConfig = "CTCOHORT_TEST_CHILD"
	childStages = "CTCOHORT_TEST_STAGES" // names; all if empty
	childUmask  = "CTCOHORT_TEST_UMASK"  // octal
	childMiB    = "CTCOHORT_TEST_MIB"    // of memory that it may write to
)

func TestMain(m *testing.M) {
	if file := os.Getenv(childConfig); file != "" {
		if err := child(file); err != nil {
			fmt.Fprintf(os.Stderr, "ctcohort: %v\n", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child runs the stages as the command does.
func child(file string) error {
	if mask, err := strconv.ParseUint(os.Getenv(childUmask), 8, 32); err == nil {
		syscall.Umask(int(mask))
	}
	if mib, err := strconv.ParseUint(os.Getenv(childMiB), 10, 32); err == nil {
		if err := unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: mib << 20, Max: mib << 20}); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	cfg, err := configs.Load("run.yaml", text)
	if err != nil {
		return err
	}
	beam.Init()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	job := pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output, Say: func(line string) { fmt.Fprintln(os.Stderr, line) }}
	for _, st := range pipelines.Stages {
		if only := os.Getenv(childStages); only != "" && !strings.Contains(only, st.Name) {
			continue
		}
		summary, err := st.Run(context.Background(), job)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%+v\n", summary)
	}
	return nil
}

// A process is a child with what it says.
type process struct {
	*exec.Cmd
	said *bytes.Buffer
}

// start prepares a child; before stands before it on its command line.
func start(t *testing.T, cfg configs.Config, env []string, before ...string) process {
	t.Helper()
	text, err := yaml.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "run.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	line := append(before, exe)
	p := process{exec.Command(line[0], line[1:]...), new(bytes.Buffer)}
	p.Env = append(append(os.Environ(), childConfig+"="+file), env...)
	p.Stdout, p.Stderr = p.said, p.said
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return p
}

// succeeds runs a child to its end, and returns what it said.
func (p process) succeeds(t *testing.T) string {
	t.Helper()
	if err := p.Run(); err != nil {
		t.Fatalf("the run: %v\n%s", err, p.said)
	}
	return p.said.String()
}
