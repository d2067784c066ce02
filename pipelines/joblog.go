package pipelines

import (
	"context"
	"regexp"
	"strings"
	"sync"

	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
)

// A jobLog takes what Beam logs about one job on a runner elsewhere: its ID,
// where to look at it, and its states. Nothing else tells them, nor that a job
// was cancelled: to Beam (2.77) that is no error.
type jobLog struct {
	beamlog.Structural

	say func(text string)

	mu        sync.Mutex
	job       string // ID
	state     string
	cancelled bool
}

var (
	submitted = regexp.MustCompile(`^Submitted job: (\S+)$`)
	console   = regexp.MustCompile(`^Console: (\S+)$`)
	states    = []*regexp.Regexp{
		regexp.MustCompile(`^Job\[\S+\] state: (\w+)$`),                           // Flink, Spark
		regexp.MustCompile(`^Job state: JOB_STATE_(\w+) \.\.\.$`),                 // Dataflow
		regexp.MustCompile(`^Job (?:\S+ )?(succeeded|cancelled|drained|updated)`), // Dataflow, at the end
		regexp.MustCompile(`^Job still (running) \.\.\.$`),                        // Dataflow
	}
)

// Log implements Beam's Logger.
func (l *jobLog) Log(ctx context.Context, severity beamlog.Severity, depth int, message string) {
	l.Structural.Log(ctx, severity, depth+1, message)
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := submitted.FindStringSubmatch(message); m != nil && m[1] != l.job {
		l.job = m[1]
		l.say("job " + l.job)
	}
	if m := console.FindStringSubmatch(message); m != nil {
		l.say("see " + m[1])
	}
	for _, form := range states {
		if m := form.FindStringSubmatch(message); m != nil {
			l.enter(strings.ToLower(m[1]))
		}
	}
}

// enter notes a state, and says it once.
func (l *jobLog) enter(state string) {
	if state == l.state {
		return
	}
	l.state = state
	l.say(state)
	switch state {
	case "cancelled", "drained", "updated":
		l.cancelled = true
	}
}

func (l *jobLog) id() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.job
}
