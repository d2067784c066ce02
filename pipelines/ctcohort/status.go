package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/pipelines"
	"ctcohort/transforms/progress"
)

// statusInterval is how old a status file is at most while its run lives.
const statusInterval = 2 * time.Second

func (s *settings) status() {
	s.text("status", "JSON `file`, or its URI, that tells a monitor the state of the run (docs/monitoring.md)", func(c *configs.Config) *string { return &c.Status })
}

// withStatus runs work, and keeps the status file that the job asks for, over
// those stages, until it ends. Without one, the recorder is nil.
func withStatus(cmd *cobra.Command, job pipelines.Job, stages []string, work func(*progress.Recorder) error) error {
	uri := job.Config.Status
	if uri == "" {
		return work(nil)
	}
	folder, name := ".", uri
	if at := strings.LastIndex(uri, "/"); at >= 0 {
		folder, name = uri[:at+1], uri[at+1:]
	}
	root, err := store.Open(cmd.Context(), folder)
	if err != nil {
		return fmt.Errorf("opening the folder of the status file: %w", err)
	}
	ctx := context.WithoutCancel(cmd.Context()) // how an interrupted run ended is told too
	recorder, err := progress.Record(cmd.Name(), pipelines.Version(), stages, statusInterval, func(data []byte) error {
		return store.WriteAll(ctx, root, name, data)
	})
	if err != nil {
		return err
	}
	err = work(recorder)
	exit := exitStatus(cmd.Context(), err)
	state, message := progress.Done, ""
	switch exit {
	case exitInterrupted:
		state = progress.Interrupted
	case exitFailed, exitUsage:
		state, message = progress.Failed, err.Error()
	}
	return errors.Join(err, recorder.Close(state, exit, message))
}
