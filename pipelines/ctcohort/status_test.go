package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcohort/transforms/progress"
)

func statusAt(path string) (s progress.Status, err error) {
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	return s, err
}

func TestStatusFile(t *testing.T) {
	key := write(t, "key", goodKey, 0o600)
	// anonymise runs on an archive and returns how it ended, and the status file.
	anonymise := func(ctx context.Context, in, path string) (exit int, stderr string) {
		var out, err bytes.Buffer
		exit = run(ctx, []string{"anonymise", "--in", in, "--out", t.TempDir(), "--key-file", key, "--status", path}, &out, &err)
		return exit, err.String()
	}

	t.Run("rejected, and readable at any moment", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "new", "status.json")
		ended, watched := make(chan struct{}), make(chan error)
		go func() {
			for {
				if _, err := statusAt(path); err != nil && !os.IsNotExist(err) {
					watched <- err
					return
				}
				select {
				case <-ended:
					watched <- nil
					return
				default:
				}
			}
		}()
		exit, _ := anonymise(t.Context(), archive(t), path)
		close(ended)
		if err := <-watched; err != nil {
			t.Errorf("the status could not be read while the run went on: %v", err)
		}
		s, err := statusAt(path)
		if err != nil || exit != exitRejects || s.State != progress.Done || *s.ExitStatus != exitRejects || s.Command != "anonymise" || s.Rejects != 1 {
			t.Fatalf("exit status %d, %+v, %v; want it done with a reject", exit, s, err)
		}
		stage := s.Stages[0]
		if stage.State != progress.Done || stage.Found != 1 || stage.Done != 1 || stage.RejectsByCode["not_dicom"] != 1 || len(s.Stages) != 1 {
			t.Errorf("the stage: %+v; want one file found, done, and rejected as not_dicom", s.Stages)
		}
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
			t.Errorf("beside the status lies %v", entries)
		}
	})
	t.Run("failed", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "status.json")
		exit, stderr := anonymise(t.Context(), t.TempDir(), path)
		s, err := statusAt(path)
		if err != nil || exit != exitFailed || s.State != progress.Failed || *s.ExitStatus != exitFailed || !strings.Contains(stderr, s.Message) || s.Message == "" || s.Stages[0].State != progress.Failed {
			t.Errorf("exit status %d, %+v, %v; want it failed, with the message %q", exit, s, err, stderr)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "status.json")
		ctx, interrupt := context.WithCancel(t.Context())
		interrupt()
		exit, _ := anonymise(ctx, archive(t), path)
		s, err := statusAt(path)
		if err != nil || exit != exitInterrupted || s.State != progress.Interrupted || *s.ExitStatus != exitInterrupted || s.Ended == nil {
			t.Errorf("exit status %d, %+v, %v; want it interrupted", exit, s, err)
		}
	})
	t.Run("a plan that fails", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "status.json")
		config := write(t, "run.yaml", "output: "+t.TempDir()+"\nstatus: "+path+"\ndeidentification: {key: 'file:"+key+"'}\ncohorts: [{name: china, archive: "+t.TempDir()+"}]\ninference: {models: [m.onnx]}\n", 0o600)
		exit, _, _ := command(t, "run", "--config", config)
		s, err := statusAt(path)
		if err != nil || exit != exitUsage || s.State != progress.Failed || *s.ExitStatus != exitUsage || s.Stage != "" || len(s.Stages) != 6 || s.Stages[0].State != progress.Waiting {
			t.Errorf("exit status %d, %+v, %v; want it failed before its first stage", exit, s, err)
		}
	})
	t.Run("a place that cannot be written", func(t *testing.T) {
		exit, stderr := anonymise(t.Context(), archive(t), filepath.Join(write(t, "file", "", 0o600), "status.json"))
		if exit != exitFailed || !strings.Contains(stderr, "writing the status") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("exit status %d, %s; want one line on the status", exit, stderr)
		}
	})
}
