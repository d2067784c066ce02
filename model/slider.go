package model

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ctcohort/model/volume"
)

// slider takes the windows of one volume through a network and sums their
// weighted probabilities, slice by slice. Its coordinates are the padded
// volume's.
type slider struct {
	net     Network
	v       *volume.Volume[int16]
	o       Options
	patch   [3]int
	classes int
	labels  []uint8 // of the classes
	size    [3]int  // of the volume, at least the patch's
	before  [3]int  // voxels of air in front of the volume's first
	windows []window
	weights []float32

	slab    []float32 // ring of patch z slices, each [class, y, x]; slice z stands at z mod patch z
	base    int       // the slab's lowest slice
	network time.Duration
	other   time.Duration
}

type window struct {
	start [3]int
	skip  bool
}

func newSlider(n Network, v *volume.Volume[int16], o Options) *slider {
	spec := n.Spec()
	s := &slider{net: n, v: v, o: o, patch: spec.PatchSize, classes: len(spec.Classes), labels: spec.Labels()}
	var starts [3][]int
	for a, p := range s.patch {
		missing := max(0, p-v.Size[a])
		s.size[a], s.before[a] = v.Size[a]+missing, missing/2
		starts[a] = scan(s.size[a], p, o.Overlap)
	}
	for _, z := range starts[2] {
		for _, y := range starts[1] {
			for _, x := range starts[0] {
				s.windows = append(s.windows, window{start: [3]int{x, y, z}})
			}
		}
	}
	s.weights = gaussian(s.patch)
	return s
}

func (s *slider) sliceLen() int { return s.classes * s.size[0] * s.size[1] }

func (s *slider) patchLen() int { return s.patch[0] * s.patch[1] * s.patch[2] }

// job is one call of the network: a run of windows, of which live are not
// skipped.
type job struct {
	windows       []window
	live          int
	probabilities []float32
	err           error
	network       time.Duration
	other         time.Duration
	done          chan struct{}
}

// jobs cuts the windows into runs with a batch of live ones each.
func (s *slider) jobs() (jobs []*job) {
	batch := max(1, s.o.Batch)
	for from := 0; from < len(s.windows); {
		j := &job{done: make(chan struct{})}
		to := from
		for to < len(s.windows) && (s.windows[to].skip || j.live < batch) {
			if !s.windows[to].skip {
				j.live++
			}
			to++
		}
		j.windows, from = s.windows[from:to], to
		jobs = append(jobs, j)
	}
	return jobs
}

// slide runs every window and calls emit for each slice of the volume, lowest
// first, with its sums [class, y, x] of the padded volume. The network works on
// Workers jobs at once; sums are taken in the windows' order, so that
// they never depend on which was done first.
func (s *slider) slide(ctx context.Context, emit func(z int, sums []float32) error) error {
	s.slab = make([]float32, s.patch[2]*s.sliceLen())
	workers := max(1, s.o.Workers)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()

	todo := make(chan *job)
	inOrder := make(chan *job, workers) // its capacity bounds the finished jobs that wait
	running.Go(func() {
		defer close(todo)
		defer close(inOrder)
		for _, j := range s.jobs() {
			for _, to := range []chan<- *job{inOrder, todo} {
				select {
				case to <- j:
				case <-ctx.Done():
					return
				}
			}
		}
	})
	for range workers {
		running.Go(func() {
			for j := range todo {
				if ctx.Err() == nil {
					s.compute(j)
				}
				close(j.done)
			}
		})
	}
	for j := range inOrder {
		select {
		case <-j.done:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		if j.err != nil {
			return j.err
		}
		if err := s.add(j, emit); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	start := time.Now()
	err := s.flush(s.size[2], emit)
	s.other += time.Since(start)
	return err
}

// compute cuts a job's live windows out of the volume and runs them.
func (s *slider) compute(j *job) {
	if j.live == 0 {
		return
	}
	start := time.Now()
	hu := make([]float32, j.live*s.patchLen())
	rest := hu
	for _, w := range j.windows {
		if !w.skip {
			s.cut(rest[:s.patchLen()], w.start)
			rest = rest[s.patchLen():]
		}
	}
	ready := time.Now()
	j.probabilities, j.err = s.net.Run(hu, j.live, s.patch)
	j.other, j.network = ready.Sub(start), time.Since(ready)
	if want := j.live * s.classes * s.patchLen(); j.err == nil && len(j.probabilities) != want {
		j.err = fmt.Errorf("the network returned %d probabilities for %d windows; it owes %d", len(j.probabilities), j.live, want)
	}
}

// cut fills hu with the window's voxels, air where it reaches past the volume.
func (s *slider) cut(hu []float32, start [3]int) {
	size := s.v.Size
	x0 := start[0] - s.before[0]
	from, to := max(0, x0), min(size[0], x0+s.patch[0])
	for z := range s.patch[2] {
		vz := start[2] - s.before[2] + z
		for y := range s.patch[1] {
			vy := start[1] - s.before[1] + y
			at := (z*s.patch[1] + y) * s.patch[0]
			row := hu[at : at+s.patch[0]]
			if vz < 0 || vz >= size[2] || vy < 0 || vy >= size[1] {
				fillAir(row)
				continue
			}
			fillAir(row[:from-x0])
			fillAir(row[to-x0:])
			source := s.v.Data[(vz*size[1]+vy)*size[0]:]
			for x, h := range source[from:to] {
				row[from-x0+x] = float32(h)
			}
		}
	}
}

func fillAir(row []float32) {
	for x := range row {
		row[x] = airHU
	}
}
