package onnx

import (
	"container/heap"
	"sync"
)

// turns bound how many calls compute on a device at once, whichever sessions
// they belong to. Of the calls that wait, the one of the lowest order comes next,
// and of equal ones the first come: volumes that share a device are done one
// after another, so that one is computed while the next is read and the last is
// written.
type turns struct {
	mu      sync.Mutex
	n, free int
	arrived int
	waiting queue
}

func newTurns(n int) *turns { return &turns{n: n, free: n} }

// take waits for a turn.
func (t *turns) take(order int) {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return
	}
	w := waiter{order: order, arrived: t.arrived, ready: make(chan struct{})}
	t.arrived++
	heap.Push(&t.waiting, w)
	t.mu.Unlock()
	<-w.ready
}

// give ends a turn.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.free++
		return
	}
	close(heap.Pop(&t.waiting).(waiter).ready)
}

type waiter struct {
	order, arrived int
	ready          chan struct{}
}

// queue is a heap of waiters, the next one first.
type queue []waiter

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if q[i].order != q[j].order {
		return q[i].order < q[j].order
	}
	return q[i].arrived < q[j].arrived
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *queue) Push(w any) { *q = append(*q, w.(waiter)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	*q = (*q)[:last]
	return w
}
