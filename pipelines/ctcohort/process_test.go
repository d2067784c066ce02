package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// TestMain lets this test program be ctcohort, for what must not share the
// runner's flags with other tests.
func TestMain(m *testing.M) {
	if os.Getenv("CTCOHORT_TEST_AS_COMMAND") != "" {
		main()
	}
	os.Exit(m.Run())
}

// process runs ctcohort in a process of its own, with env in its environment.
func process(t *testing.T, env []string, args ...string) (status int, stdout, stderr []byte) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	command := exec.CommandContext(t.Context(), self, args...)
	command.Env = append(append(os.Environ(), "CTCOHORT_TEST_AS_COMMAND=1"), env...)
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.Bytes(), errs.Bytes()
}
