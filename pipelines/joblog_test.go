package pipelines

import (
	"slices"
	"strings"
	"testing"

	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
)

// The messages are those of runnerlib and dataflowlib, Beam 2.77.
func TestJobLog(t *testing.T) {
	for _, tt := range []struct {
		name     string
		messages []string
		said     []string
		stopped  bool
	}{
		{"Flink, to the end", []string{"Prepared job with id: a and staging token: b", "Submitted job: go0job_7", "Job[go0job_7] state: STARTING", "Job[go0job_7] state: RUNNING", "Job[go0job_7] state: DONE"},
			[]string{"job go0job_7", "starting", "running", "done"}, false},
		{"Flink, cancelled: no error to Beam", []string{"Submitted job: go0job_7", "Job[go0job_7] state: CANCELLED"}, []string{"job go0job_7", "cancelled"}, true},
		{"Dataflow, polled", []string{"Submitted job: 2026-11-24_1", "Console: https://console.example/2026-11-24_1", "Job state: JOB_STATE_QUEUED ...", "Job still running ...", "Job still running ...", "Job 2026-11-24_1 succeeded!"},
			[]string{"job 2026-11-24_1", "see https://console.example/2026-11-24_1", "queued", "running", "succeeded"}, false},
		{"Dataflow, cancelled: no error to Beam", []string{"Submitted job: 2026-11-24_1", "Job 2026-11-24_1 cancelled"}, []string{"job 2026-11-24_1", "cancelled"}, true},
		{"Dataflow, drained", []string{"Submitted job: 2026-11-24_1", "Job 2026-11-24_1 drained"}, []string{"job 2026-11-24_1", "drained"}, true},
		{"what others log", []string{"Job is well", "a Submitted job: x"}, nil, false},
	} {
		var said []string
		log := &jobLog{say: func(text string) { said = append(said, text) }}
		for _, m := range tt.messages {
			log.Log(t.Context(), beamlog.SevDebug, 0, m)
		}
		if err := log.stopped(); !slices.Equal(said, tt.said) || (err != nil) != tt.stopped || (err != nil && !strings.Contains(err.Error(), log.id())) {
			t.Errorf("%s: said %q and stopped() = %v; want %q and an error: %t", tt.name, said, err, tt.said, tt.stopped)
		}
	}
}
