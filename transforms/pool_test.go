package transforms

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"ctcohort/schemas"
)

func TestPoolEmitsEveryOutcomeFromOneGoroutine(t *testing.T) {
	p := newPool[int]("test", 4)
	var sum, rejects int
	keep := func(n int) { sum += n } // a data race here would fail under -race
	reject := func(schemas.Reject) { rejects++ }
	for i := range 100 {
		err := p.do(t.Context(), schemas.Reject{}, func() outcome[int] {
			if i%10 == 0 {
				return rejected[int](schemas.Reject{ReasonCode: "tenth"})
			}
			return outcome[int]{rows: []int{i}}
		}, keep, reject)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := p.finish(t.Context(), keep, reject); err != nil {
		t.Fatal(err)
	}
	if want := 4950 - 450; sum != want || rejects != 10 {
		t.Errorf("sum %d, rejects %d; want %d, 10", sum, rejects, want)
	}
}

func TestPoolBoundsTheWorkOfAProcess(t *testing.T) {
	var running, most atomic.Int32
	work := func() outcome[int] {
		n := running.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(time.Millisecond)
		running.Add(-1)
		return outcome[int]{}
	}
	keep, reject := func(int) {}, func(schemas.Reject) {}
	done := make(chan error)
	for range 3 { // three bundles at once share the slots
		go func() {
			p := newPool[int]("test", 3)
			for range 20 {
				_ = p.do(t.Context(), schemas.Reject{}, work, keep, reject)
			}
			done <- p.finish(t.Context(), keep, reject)
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if most.Load() > 3 {
		t.Errorf("%d elements at once; want at most 3", most.Load())
	}
}

func TestPoolStopsAtAnError(t *testing.T) {
	p := newPool[int]("test", 2)
	broken := errors.New("disk full")
	keep, reject := func(int) {}, func(schemas.Reject) {}
	_ = p.do(t.Context(), schemas.Reject{}, func() outcome[int] { return outcome[int]{err: broken} }, keep, reject)
	if err := p.finish(t.Context(), keep, reject); !errors.Is(err, broken) {
		t.Errorf("finish = %v; want %v", err, broken)
	}
}

func TestPoolTurnsAPanicIntoAReject(t *testing.T) {
	p := newPool[int]("test", runtime.GOMAXPROCS(0))
	var got []schemas.Reject
	_ = p.do(t.Context(), schemas.Reject{Stage: "test", Subject: "s1"}, func() outcome[int] { panic("Meier^Hans") }, func(int) {}, func(r schemas.Reject) { got = append(got, r) })
	if err := p.finish(t.Context(), func(int) {}, func(r schemas.Reject) { got = append(got, r) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Subject != "s1" || got[0].ReasonCode != "internal_error" {
		t.Fatalf("rejects = %+v; want one internal_error of s1", got)
	}
	if want := "a defect in ctcohort (string); please report it with the stage and the version"; got[0].Detail != want {
		t.Errorf("detail = %q; want %q: a panic's text may hold an identifier", got[0].Detail, want)
	}
}
