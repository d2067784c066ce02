// Command ctcohort runs batch pipelines over archives of chest CT: it
// de-identifies, resamples, splits, tiles, segments and reports.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Exit statuses, as every command's help lists them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitRejects     = 3
	exitInterrupted = 130
)

func main() {
	if startedAsWorker(os.Args[1:]) {
		flag.Parse()
		beam.Init() // serves the runner and does not return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// startedAsWorker tells a start by a Beam runner, which carries no command,
// from a person's.
func startedAsWorker(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		name, value, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return strings.HasPrefix(arg, "-") && name == "worker" && value != "false"
	})
}

// run executes one command and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	status := exitStatus(ctx, err)
	switch status {
	case exitInterrupted:
		fmt.Fprintln(stderr, "ctcohort: interrupted; what was committed stays, and the same command goes on from there")
	case exitFailed, exitUsage:
		fmt.Fprintf(stderr, "ctcohort: %v\n", err)
	}
	return status
}

// exitStatus is how a command ends that returned err.
func exitStatus(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.Is(err, errRejects):
		return exitRejects
	case errors.As(err, new(usageError)) || strings.HasPrefix(err.Error(), "unknown command"):
		return exitUsage
	}
	return exitFailed
}

// errRejects tells that the work is done and that some input was rejected.
var errRejects = errors.New("done with rejects")

// A usageError is a wrong command line or configuration.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }
