package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"ctcohort/pipelines"
	"ctcohort/transforms/progress"
)

const (
	barInterval  = 200 * time.Millisecond
	lineInterval = 10 * time.Second
)

// A watch shows what a stage has done while it runs: a bar on a terminal,
// plain lines elsewhere.
type watch struct {
	quit, gone chan struct{}
}

// watchProgress starts to show the progress of a stage on w.
func watchProgress(stage string, w io.Writer) *watch {
	progress.Stage(stage).Reset()
	watch := &watch{quit: make(chan struct{}), gone: make(chan struct{})}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		go watch.bar(stage, w)
	} else {
		go watch.lines(stage, w)
	}
	return watch
}

// stop ends the display and leaves its last state behind.
func (w *watch) stop() {
	close(w.quit)
	<-w.gone
}

func (w *watch) bar(stage string, out io.Writer) {
	defer close(w.gone)
	bar := progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(stage), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("items"), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(barInterval/2),
	)
	show := func() {
		found, done, rejects := progress.Stage(stage).Snapshot()
		if found > 0 && found != bar.GetMax64() {
			bar.ChangeMax64(found)
		}
		if rejects > 0 {
			bar.Describe(fmt.Sprintf("%s (%d rejects)", stage, rejects))
		}
		if done < found || found == 0 {
			_ = bar.Set64(done) // a terminal that went away must not stop the run
		}
	}
	w.every(barInterval, show)
	_ = bar.Finish()
}

func (w *watch) lines(stage string, out io.Writer) {
	defer close(w.gone)
	start := time.Now()
	w.every(lineInterval, func() {
		found, done, rejects := progress.Stage(stage).Snapshot()
		if done == 0 {
			return
		}
		rate := float64(done) / time.Since(start).Seconds()
		left := "?"
		if found >= done {
			left = time.Duration(float64(found-done) / rate * float64(time.Second)).Round(time.Second).String()
		}
		fmt.Fprintf(out, "%s: %d of %d items, %.1f/s, %s left, %d rejects\n", stage, done, found, rate, left, rejects)
	})
}

func (w *watch) every(interval time.Duration, show func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			show()
		case <-w.quit:
			return
		}
	}
}

// summaryLine says in one line what a stage did.
func summaryLine(s pipelines.Summary) string {
	var parts []string
	for _, row := range s.Rows {
		if row.Count > 0 || row.Table != "rejects" {
			parts = append(parts, fmt.Sprintf("%d %s", row.Count, row.Table))
		}
	}
	if s.Unchanged {
		return fmt.Sprintf("%-10s stands, nothing to do: %s", s.Stage, strings.Join(append(parts, s.Notes...), ", "))
	}
	return fmt.Sprintf("%-10s done in %s: %s", s.Stage, s.Took.Round(100*time.Millisecond), strings.Join(append(parts, s.Notes...), ", "))
}
